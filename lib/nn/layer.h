/* One layer of a network, forward and backward. */
#ifndef MLPBN_NN_LAYER_H
#define MLPBN_NN_LAYER_H

#include "nn/linear.h"

/* a = dropout(f(batchnorm(W x + b))), where x is the output of the previous layer; or
 * batchnorm comes after f. The input layer's product W x is computed before
 * (nn/input_layer.c). */
mlpbn_status R(layer_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer);

/* Replaces d, the derivatives by the layer's output a, by dz, those by its product z. Writes
 * the gradients of all its parameters, and dx = W^T dz unless dx is NULL. In the input layer
 * *max_abs receives the largest |dW|; in others it is not used. */
void R(layer_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                       const mlpbn__l2_penalty *penalty, real *max_abs, real *d,
                       real *dx);

#endif
