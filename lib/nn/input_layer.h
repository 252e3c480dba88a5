/* The caller's rows through the weights of the first layer. */
#ifndef MLPBN_NN_INPUT_LAYER_H
#define MLPBN_NN_INPUT_LAYER_H

#include "base/real.h"
#include "nn/rows.h"
#include "nn/workspace.h"

/* z = W x of the first layer, in its cache; in training also x, the rows converted and
 * standardized, in the workspace. */
mlpbn_status R(input_layer)(const mlpbn__pass *pass, const mlpbn__batch *batch);

/* Returns `status`. For MLPBN_ENONFINITE, the error text names the first row of the batch that
 * is not finite, if there is one. */
mlpbn_status R(report_nonfinite_row)(const mlpbn__pass *pass, const mlpbn__batch *batch,
                                     mlpbn_status status);

#endif
