/* The forward pass of a batch through all layers. */
#ifndef MLPBN_NN_FORWARD_H
#define MLPBN_NN_FORWARD_H

#include "base/real.h"
#include "nn/pass.h"
#include "nn/rows.h"

/* Computes the outputs of the batch, in the last layer's cache. For MLPBN_ENONFINITE the error
 * text names the first row of the batch that is not finite, if there is one. */
mlpbn_status R(forward)(const mlpbn__pass *pass, const mlpbn__batch *batch);

/* Copies the outputs to y[n][outputs]. */
void R(read_outputs)(const mlpbn__pass *pass, real *y);

#endif
