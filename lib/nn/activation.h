/* A layer's activation, forward and backward; the identity where the loss contains it. */
#ifndef MLPBN_NN_ACTIVATION_H
#define MLPBN_NN_ACTIVATION_H

#include "nn/layer_params.h"

/* rows, a tile's pre-activations with zero padding, become their activations.
 * MLPBN_ENONFINITE if an element is not finite before or after. */
mlpbn_status R(activation_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                   mlpbn__unit_tile tile, real *rows);

/* d, the derivative by one unit's activation, becomes that by its pre-activation. */
void R(activation_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                            size_t unit, real *d);

/* Softmax of the outputs a, and of the derivatives by them; both do nothing in other layers. */
void R(softmax_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer, real *a);
void R(softmax_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer, real *d);

#endif
