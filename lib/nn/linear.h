/* The matrix products of a layer: x is [inputs][n], z is [units][n], W is [units][inputs]. In
 * the input layer x is batch-major, [n][inputs]. */
#ifndef MLPBN_NN_LINEAR_H
#define MLPBN_NN_LINEAR_H

#include "nn/l2_penalty.h"
#include "nn/layer_params.h"

/* z = W x. Does nothing in the input layer, whose product nn/input_layer.c computes. */
void R(linear_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer);

/* dW = dz x^T. Also adds the derivative of the penalty to the gradients of all parameters of
 * the layer. In the input layer *max_abs receives the largest |dW|. */
void R(weight_gradient)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                        const mlpbn__l2_penalty *penalty, const real *dz, real *max_abs);

/* dx = W^T dz */
void R(input_gradient)(const mlpbn__pass *pass, const mlpbn_layer *layer, const real *dz,
                       real *dx);

#endif
