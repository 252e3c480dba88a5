/* Dropout of a layer's outputs in training, and of the derivatives by them: by the same mask. */
#ifndef MLPBN_NN_DROPOUT_MASK_H
#define MLPBN_NN_DROPOUT_MASK_H

#include "nn/layer_params.h"

/* Zeroes some elements of a, which depend on seed, step, layer, unit and row only, and divides
 * the others by 1 - p. */
void R(layer_dropout)(const mlpbn__pass *pass, const mlpbn_layer *layer, real *a);

#endif
