#include "nn/normalize.h"

#include "base/error.h"
#include "kernel/kernels.h"

#include <math.h>

/* Checks that the moments are so small that the update of the running statistics by them
 * cannot overflow. */
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

/* Normalizes one unit in training, with the moments of the batch (Ioffe and Szegedy, 2015,
 * Algorithm 1). Replaces x by xhat, which the backward pass needs. */
static mlpbn_status normalize_by_batch(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                       const R(layer_params) *params, const real *bias,
                                       size_t unit, real *x, real *y)
{
    mlpbn__moments *moments = pass->ws->caches[layer->index].moments + unit;
    R(select_kernels)()->batchnorm_forward(
        &(R(batchnorm_args)){.n = pass->n,
                             .x = x,
                             .gamma = R(param_or)(params->gamma, unit, 1),
                             .beta = R(param_or)(params->beta, unit, 0),
                             .eps = layer->batchnorm.options.eps,
                             .y = y,
                             .moments = moments});
    if (bias)
        moments->mean += (double)bias[unit];
    return check_moments(layer, unit, moments);
}

/* Normalizes one unit in training, with running statistics. Replaces x by xhat, which the
 * backward pass needs. */
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
    R(affine_args) args = {.units = 1, .n = pass->n, .ld = pass->ld, .x = x, .y = x};
    args.center = &mean;
    args.scale = &scale;
    kernels->affine(&args); /* xhat */
    args.center = NULL;
    args.scale = R(param_at)(params->gamma, unit);
    args.shift = R(param_at)(params->beta, unit);
    args.y = y;
    kernels->affine(&args);
}

/* Normalizes a tile in prediction, with running statistics, by one affine map for each
 * unit. */
static void normalize_by_running(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                 const R(layer_params) *params, const real *bias,
                                 mlpbn__unit_tile tile, const real *x, real *y)
{
    const R(kernels) *kernels = R(select_kernels)();
    real center[R(MAX_TILE_UNITS)], scale[R(MAX_TILE_UNITS)];
    kernels->running_affine(
        &(R(running_args)){.units = tile.units,
                           .mean = params->running_mean + tile.first,
                           .variance = params->running_var + tile.first,
                           .bias = R(param_at)(bias, tile.first),
                           .gamma = R(param_at)(params->gamma, tile.first),
                           .eps = layer->batchnorm.options.eps,
                           .center = center,
                           .scale = scale});
    kernels->affine(&(R(affine_args)){.units = tile.units,
                                      .n = pass->n,
                                      .ld = pass->ld,
                                      .x = x,
                                      .center = center,
                                      .scale = scale,
                                      .shift = R(param_at)(params->beta, tile.first),
                                      .y = y});
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
    R(batchnorm_args) args = {.n = pass->n,
                              .x = (real *)cache->xhat + unit * pass->ld,
                              .gamma = R(param_or)(gamma, unit, 1),
                              .moments = cache->moments + unit,
                              .d = d};
    (cache->batch_statistics ? kernels->batchnorm_backward
                             : kernels->frozen_backward)(&args);
    if (gamma) {
        R(gradient_of)(layer, pass->ws, MLPBN_GAMMA)[unit] = args.d_gamma;
        R(gradient_of)(layer, pass->ws, MLPBN_BETA)[unit] = args.d_beta;
    }
}
