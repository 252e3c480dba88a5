/* Folds batchnorm and standardization into weights and biases (mlpbn/fold.h). */
#ifndef MLPBN_MODEL_FOLDING_H
#define MLPBN_MODEL_FOLDING_H

#include "model/model.h"

/* Makes the folded network. If `standardization` is 0, it keeps that of `network`.
 *
 * MLPBN_ENOMEM      no memory
 * MLPBN_ENONFINITE  a weight or bias would not be finite
 */
mlpbn_status mlpbn__fold(mlpbn_network **folded, const mlpbn_network *network,
                         int standardization);

#endif
