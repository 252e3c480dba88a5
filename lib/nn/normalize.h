/* Batchnorm of a layer (mlpbn/batchnorm.h), forward and backward. */
#ifndef MLPBN_NN_NORMALIZE_H
#define MLPBN_NN_NORMALIZE_H

#include "nn/layer_params.h"

/* y = gamma xhat + beta of a tile. In training x becomes xhat, by the moments of the batch or,
 * frozen, by running statistics, and the moments stay in the cache; y is not x. In prediction
 * y alone is written, and may be x. bias: what x lacks, because a bias right before batchnorm
 * only moves the mean; NULL: nothing. */
mlpbn_status R(batchnorm_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                  const R(layer_params) *params, const real *bias,
                                  mlpbn__unit_tile tile, real *x, real *y);

/* d, the derivative by y of one unit, becomes that by x; writes dgamma and dbeta. */
void R(batchnorm_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer, size_t unit,
                           real *d);

#endif
