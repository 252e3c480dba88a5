/* Batchnorm of a layer (mlpbn/batchnorm.h), forward and backward. */
#ifndef MLPBN_NN_NORMALIZE_H
#define MLPBN_NN_NORMALIZE_H

#include "nn/layer_params.h"

/* y = gamma xhat + beta for a tile. In training x is replaced by xhat, which is computed with
 * the moments of the batch, or if batchnorm is frozen, with running statistics; the moments
 * are kept in the cache, and y is not x. In prediction only y is written, and may be x.
 *
 * bias: [units] of the layer, or NULL. It was not added to x: it only shifts the mean. */
mlpbn_status R(batchnorm_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                  const R(layer_params) *params, const real *bias,
                                  mlpbn__unit_tile tile, real *x, real *y);

/* Replaces d, the derivatives by y of one unit, by those by x. Writes dgamma and dbeta. */
void R(batchnorm_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer, size_t unit,
                           real *d);

#endif
