/* The forward and backward pass of a batch through all layers. */
#ifndef MLPBN_NN_FORWARD_H
#define MLPBN_NN_FORWARD_H

#include "base/real.h"
#include "nn/linear.h"
#include "nn/rows.h"

/* Computes the outputs of the batch, in the last layer's cache. For MLPBN_ENONFINITE the error
 * text names the first row of the batch that is not finite, if there is one. */
mlpbn_status R(forward)(const mlpbn__pass *pass, const mlpbn__batch *batch);

/* Copies the outputs to y[n][outputs]. */
void R(read_outputs)(const mlpbn__pass *pass, real *y);

/* Copies dy[n][outputs], the derivatives of the loss with respect to the outputs, to where
 * backward begins.
 * MLPBN_ENONFINITE if an element is not finite. */
mlpbn_status R(write_output_gradient)(const mlpbn__pass *pass, const real *dy);

/* Computes the gradients of all parameters, including the penalty's, from the derivatives by
 * the outputs. dx: NULL, or receives the derivatives by the caller's inputs, [n][inputs].
 * MLPBN_ENONFINITE if a gradient is not finite. */
mlpbn_status R(backward)(const mlpbn__pass *pass, const mlpbn__l2_penalty *penalty,
                         real *dx);

/* Checks that all gradients are finite, and also their padding, because a caller may have
 * written to it; sets gradient_max_abs. */
mlpbn_status R(check_gradients)(const mlpbn_network *network, mlpbn_workspace *ws);

#endif
