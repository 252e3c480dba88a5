/* A layer's activation, forward and backward. In the last layer it is left out if the loss
 * contains it (pass->fuses_activation). */
#ifndef MLPBN_NN_ACTIVATION_H
#define MLPBN_NN_ACTIVATION_H

#include "nn/layer_params.h"

/* Replaces a tile's pre-activations, with zero padding, by its activations: a = f(a).
 * MLPBN_ENONFINITE if an element is not finite before or after. */
mlpbn_status R(activation_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                   mlpbn__unit_tile tile, real *a);

/* Replaces d, the derivatives by one unit's activations, by those by its pre-activations. */
void R(activation_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                            size_t unit, real *d);

/* Replaces the layer's outputs by their softmax. Does nothing in layers without softmax. */
void R(softmax_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer);

/* Replaces d, the derivatives by the outputs of softmax, by those by its inputs. Does nothing
 * in layers without softmax. */
void R(softmax_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer, real *d);

#endif
