#include "nn/normalize.h"

#include "base/error.h"
#include "kernel/kernels.h"

#include <math.h>

/* The running variance must be able to take the batch's, so that a commit cannot fail. */
static mlpbn_status check_moments(const mlpbn_layer *layer, size_t unit,
                                  const mlpbn__moments *moments)
{
    double max = (double)REAL_MAX / 2;
    if (fabs(moments->mean) <= max && moments->variance <= max)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_ENONFINITE,
        "layer %zu: batch mean %g and variance %g of unit %zu are too large "
        "or not finite (is the learning rate too high?)",
        layer->index, moments->mean, moments->variance, unit);
}

/* One unit in training by the moments of the batch (Ioffe and Szegedy, 2015, Algorithm 1). */
static mlpbn_status normalize_by_batch(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                       const R(layer_params) *params, const real *bias,
                                       size_t unit, real *x, real *y)
{
    mlpbn__moments *moments = pass->ws->caches[layer->index].moments + unit;
    R(select_kernels)()->batchnorm_forward(
        pass->n, x, R(param_or)(params->gamma, unit, 1),
        R(param_or)(params->beta, unit, 0), layer->batchnorm.options.eps, y, moments);
    if (bias)
        moments->mean += (double)bias[unit];
    return check_moments(layer, unit, moments);
}

/* One unit in training by running statistics: x becomes xhat, which backward needs. */
static void normalize_frozen(const mlpbn__pass *pass, const mlpbn_layer *layer,
                             const R(layer_params) *params, const real *bias, size_t unit,
                             real *x, real *y)
{
    const R(kernels) *kernels = R(select_kernels)();
    mlpbn__moments *moments = pass->ws->caches[layer->index].moments + unit;
    double variance = (double)params->running_var[unit];
    *moments = (mlpbn__moments){(double)params->running_mean[unit], variance,
                                1 / sqrt(variance + layer->batchnorm.options.eps)};
    real mean = params->running_mean[unit] - R(param_or)(bias, unit, 0);
    real scale = (real)moments->inverse_deviation;
    kernels->affine(1, pass->n, pass->ld, x, &mean, &scale, NULL, x);
    kernels->affine(1, pass->n, pass->ld, x, NULL, R(param_at)(params->gamma, unit),
                    R(param_at)(params->beta, unit), y);
}

/* A tile in prediction, as one affine map. */
static void normalize_by_running(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                 const R(layer_params) *params, const real *bias,
                                 mlpbn__unit_tile tile, const real *x, real *y)
{
    const R(kernels) *kernels = R(select_kernels)();
    real center[R(MAX_TILE_UNITS)], scale[R(MAX_TILE_UNITS)];
    kernels->running_affine(
        tile.units, params->running_mean + tile.first, params->running_var + tile.first,
        R(param_at)(bias, tile.first), R(param_at)(params->gamma, tile.first),
        layer->batchnorm.options.eps, center, scale);
    kernels->affine(tile.units, pass->n, pass->ld, x, center, scale,
                    R(param_at)(params->beta, tile.first), y);
}

mlpbn_status R(batchnorm_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                  const R(layer_params) *params, const real *bias,
                                  mlpbn__unit_tile tile, real *x, real *y)
{
    if (!pass->training) {
        normalize_by_running(pass, layer, params, bias, tile, x, y);
        return MLPBN_OK;
    }
    for (size_t i = 0; i < tile.units; i++, x += pass->ld, y += pass->ld)
        if (pass->ws->caches[layer->index].batch_statistics)
            RETURN_IF_ERROR(
                normalize_by_batch(pass, layer, params, bias, tile.first + i, x, y));
        else
            normalize_frozen(pass, layer, params, bias, tile.first + i, x, y);
    return MLPBN_OK;
}

void R(batchnorm_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer, size_t unit,
                           real *d)
{
    const mlpbn__layer_cache *cache = pass->ws->caches + layer->index;
    const real *gamma = mlpbn__layer_data(layer, MLPBN_GAMMA);
    const R(kernels) *kernels = R(select_kernels)();
    real gradients[2];
    (cache->batch_statistics ? kernels->batchnorm_backward : kernels->frozen_backward)(
        pass->n, (const real *)cache->xhat + unit * pass->ld, R(param_or)(gamma, unit, 1),
        cache->moments + unit, d, gradients);
    if (gamma) {
        R(gradient_of)(layer, pass->ws, MLPBN_GAMMA)[unit] = gradients[0];
        R(gradient_of)(layer, pass->ws, MLPBN_BETA)[unit] = gradients[1];
    }
}
