/* A batch through all layers: forward, and backward from the derivatives by the outputs. */
#ifndef MLPBN_NN_FORWARD_H
#define MLPBN_NN_FORWARD_H

#include "base/real.h"
#include "nn/linear.h"
#include "nn/rows.h"

/* The outputs of the batch, in the last layer's cache. For MLPBN_ENONFINITE the error text
 * names the first row of the batch that is not finite, if there is one. */
mlpbn_status R(forward)(const mlpbn__pass *pass, const mlpbn__batch *batch);

/* y[n][outputs] = the outputs. */
void R(read_outputs)(const mlpbn__pass *pass, real *y);

/* Makes dy[n][outputs] the derivatives by the outputs, from which backward begins.
 * MLPBN_ENONFINITE if an element is not finite. */
mlpbn_status R(write_output_gradient)(const mlpbn__pass *pass, const real *dy);

/* The gradients of all parameters, those of the penalty added, from the derivatives by the
 * outputs. dx: [n][inputs], receives the derivatives by the rows as the caller gave them; or
 * NULL. MLPBN_ENONFINITE if one is not finite. */
mlpbn_status R(backward)(const mlpbn__pass *pass, const mlpbn__l2_penalty *penalty,
                         real *dx);

/* Checks that all gradients, and their padding, which the caller may have written, are finite;
 * sets gradient_max_abs. */
mlpbn_status R(check_gradients)(const mlpbn_network *network, mlpbn_workspace *ws);

#endif
