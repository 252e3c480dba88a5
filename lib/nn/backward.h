/* The backward pass of a batch through all layers. */
#ifndef MLPBN_NN_BACKWARD_H
#define MLPBN_NN_BACKWARD_H

#include "base/real.h"
#include "nn/l2_penalty.h"
#include "nn/pass.h"

/* Copies dy[n][outputs], the derivatives of the loss with respect to the outputs, to where
 * backward begins.
 * MLPBN_ENONFINITE if an element is not finite. */
mlpbn_status R(write_output_gradient)(const mlpbn__pass *pass, const real *dy);

/* Computes the gradients of all parameters, including the penalty's, from the derivatives with
 * respect to the outputs. dx: NULL, or receives those with respect to the caller's inputs,
 * [n][inputs].
 * MLPBN_ENONFINITE if a gradient is not finite. */
mlpbn_status R(backward)(const mlpbn__pass *pass, const mlpbn__l2_penalty *penalty,
                         real *dx);

/* Checks that all gradients are finite, and also their padding, because a caller may have
 * written to it; sets gradient_max_abs. */
mlpbn_status R(check_gradients)(const mlpbn_network *network, mlpbn_workspace *ws);

#endif
