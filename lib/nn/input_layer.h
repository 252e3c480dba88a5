/* The matrix product of the first layer: the caller's rows times its weights. */
#ifndef MLPBN_NN_INPUT_LAYER_H
#define MLPBN_NN_INPUT_LAYER_H

#include "base/real.h"
#include "nn/rows.h"
#include "nn/workspace.h"

/* Computes z = W x of the first layer, in its cache. In training it also leaves x, the
 * converted and standardized rows, in the workspace. */
mlpbn_status R(input_layer)(const mlpbn__pass *pass, const mlpbn__batch *batch);

/* Returns `status`. For MLPBN_ENONFINITE, the error text names the first row of the batch that
 * is not finite, if there is one. */
mlpbn_status R(report_nonfinite_row)(const mlpbn__pass *pass, const mlpbn__batch *batch,
                                     mlpbn_status status);

#endif
