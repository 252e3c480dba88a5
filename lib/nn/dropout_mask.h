/* Dropout of a layer's outputs in training, and of the derivatives by them, with one mask. */
#ifndef MLPBN_NN_DROPOUT_MASK_H
#define MLPBN_NN_DROPOUT_MASK_H

#include "nn/layer_params.h"

/* Zeroes some elements of a[units][n] and divides the others by 1 - p. The mask depends on
 * seed, step, layer, unit and row only. Does nothing in prediction. */
void R(layer_dropout)(const mlpbn__pass *pass, const mlpbn_layer *layer, real *a);

#endif
