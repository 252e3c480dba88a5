/* One layer of a network, forward and backward. */
#ifndef MLPBN_NN_LAYER_H
#define MLPBN_NN_LAYER_H

#include "nn/linear.h"

/* a = dropout(f(batchnorm(W x + b))), x being the output of the layer before; or batchnorm
 * comes after f. The input layer's product W x is done before (nn/input_layer.c). */
mlpbn_status R(layer_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer);

/* d, the derivatives by the layer's output a, become those by its product z. Writes the
 * gradients of all its parameters, and dx = W^T dz unless dx is NULL. Of the input layer
 * *max_abs receives the largest |dW|. */
void R(layer_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                       const mlpbn__l2_penalty *penalty, real *max_abs, real *d,
                       real *dx);

#endif
