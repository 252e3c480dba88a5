/* The products of a layer: x is [inputs][n], z is [units][n], W is [units][inputs]. In the input
 * layer x is batch-major, [n][inputs]. */
#ifndef MLPBN_NN_LINEAR_H
#define MLPBN_NN_LINEAR_H

#include "nn/l2_penalty.h"
#include "nn/layer_params.h"

/* z = W x; nothing in the input layer, where nn/input_layer.c has done it. */
void R(linear_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer);

/* dW = dz x^T, with the derivatives of the penalty on all parameters of the layer. Of the input
 * layer *max_abs receives the largest |dW|. */
void R(weight_gradient)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                        const mlpbn__l2_penalty *penalty, const real *dz, real *max_abs);

/* dx = W^T dz */
void R(input_gradient)(const mlpbn__pass *pass, const mlpbn_layer *layer, const real *dz,
                       real *dx);

#endif
