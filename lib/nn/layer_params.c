#include "nn/layer_params.h"

#include "base/error.h"
#include "kernel/kernels.h"

R(layer_params) R(params_of)(const mlpbn_layer *layer)
{
    R(layer_params) params = {.bias = mlpbn__layer_data(layer, MLPBN_BIAS)};
    if (layer->options.batchnorm) {
        params.gamma = mlpbn__layer_data(layer, MLPBN_GAMMA);
        params.beta = mlpbn__layer_data(layer, MLPBN_BETA);
        params.running_mean = mlpbn__layer_data(layer, MLPBN_RUNNING_MEAN);
        params.running_var = mlpbn__layer_data(layer, MLPBN_RUNNING_VAR);
    }
    return params;
}

void R(add_bias)(const mlpbn__pass *pass, mlpbn__unit_tile tile, const real *bias,
                 const real *x, real *y)
{
    R(select_kernels)()->affine(&(R(affine_args)){.units = tile.units,
                                                  .n = pass->n,
                                                  .ld = pass->ld,
                                                  .x = x,
                                                  .shift = R(param_at)(bias, tile.first),
                                                  .y = y});
}

real *R(gradient_of)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                     mlpbn_tensor_kind kind)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    return tensor ? (real *)ws->gradients + tensor->offset : NULL;
}

size_t R(tile_units)(const mlpbn__pass *pass)
{
    const size_t elements = R(MAX_TILE_UNITS) *(64 / sizeof(real));
    if (pass->ld == 1)
        return R(MAX_TILE_UNITS);
    int adjacent = pass->ld == R(padded)(pass->n);
    return adjacent && pass->ld < elements ? elements / pass->ld : 1;
}

mlpbn_status R(check_finite)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                             mlpbn__unit_tile tile, const real *values, const char *when)
{
    const R(kernels) *kernels = R(select_kernels)();
    if (kernels->max_abs(R(tile_length)(pass, tile), values) <= REAL_MAX)
        return MLPBN_OK;
    size_t u = 0; /* the first unit that is not finite */
    while (u + 1 < tile.units &&
           kernels->max_abs(pass->n, values + u * pass->ld) <= REAL_MAX)
        u++;
    return mlpbn__fail(MLPBN_ENONFINITE, "layer %zu: unit %zu is not finite %s",
                       layer->index, tile.first + u, when);
}
