/* Batchnorm and standardization made part of weights and biases (mlpbn/fold.h). */
#ifndef MLPBN_MODEL_FOLDING_H
#define MLPBN_MODEL_FOLDING_H

#include "model/model.h"

/* The folded network; with its standardization folded, too, or kept. MLPBN_ENOMEM;
 * MLPBN_ENONFINITE where a number would not be finite. */
mlpbn_status mlpbn__fold(mlpbn_network **folded, const mlpbn_network *network,
                         int standardization);

#endif
