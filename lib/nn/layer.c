/* The forward and backward pass of a layer. For a batch of n rows x is [inputs][n], z and a
 * are [units][n], W is [units][inputs]. The backward column runs from the bottom to the top:
 *
 *   forward                          backward
 *   z = W x + b                      dW = dz x^T    db = sum_n dz    dx = W^T dz
 *   z = batchnorm(z)                 dz = batchnorm'(dz)
 *   a = f(z)                         dz = f'(da)
 *   a = batchnorm(a)                 da = batchnorm'(da)
 *   a = dropout(a)                   da = dropout(da)
 *
 * A layer has one batchnorm at most, in either place. */
#include "nn/layer.h"

#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/activation.h"
#include "nn/dropout_mask.h"
#include "nn/normalize.h"

/* Whether batchnorm comes between the product and the activation. */
static int normalizes_before(const mlpbn_layer *layer)
{
    return layer->options.batchnorm && !layer->batchnorm.options.after_activation;
}

/* Computes a from z, for one tile: bias, batchnorm and activation. */
static mlpbn_status tile_forward(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                 const R(layer_params) *params, mlpbn__unit_tile tile)
{
    const mlpbn__layer_cache *cache = pass->ws->caches + layer->index;
    const int after = layer->batchnorm.options.after_activation;
    size_t offset = tile.first * pass->ld;
    real *z = (real *)cache->z + offset, *a = (real *)cache->a + offset;
    real *f = after && pass->training ? (real *)cache->xhat + offset : a;

    if (normalizes_before(layer))
        RETURN_IF_ERROR(
            R(batchnorm_forward)(pass, layer, params, params->bias, tile, z, f));
    else
        R(add_bias)(pass, tile, params->bias, z, f);
    RETURN_IF_ERROR(R(activation_forward)(pass, layer, tile, f));
    if (!after)
        return MLPBN_OK;
    RETURN_IF_ERROR(R(batchnorm_forward)(pass, layer, params, NULL, tile, f, a));
    return R(check_finite)(pass, layer, tile, a, "behind its batchnorm");
}

mlpbn_status R(layer_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer)
{
    mlpbn__layer_cache *cache = pass->ws->caches + layer->index;
    const R(layer_params) params = R(params_of)(layer);
    mlpbn__unit_tile tile = {0, R(tile_units)(pass)};
    size_t units_left = layer->options.units;
    cache->batch_statistics = pass->training && !layer->batchnorm.frozen;

    R(linear_forward)(pass, layer); /* z = W x */
    mlpbn__phase_end(pass->ws->profile, MLPBN_PHASE_FORWARD_MATMUL);
    for (; units_left > 0; tile.first += tile.units, units_left -= tile.units) {
        tile.units = units_left < tile.units ? units_left : tile.units;
        RETURN_IF_ERROR(tile_forward(pass, layer, &params, tile)); /* a = f(z + b) */
    }
    R(softmax_forward)(pass, layer);
    if (pass->training)
        R(layer_dropout)(pass, layer, cache->a);
    mlpbn__phase_end(pass->ws->profile, MLPBN_PHASE_FORWARD_EPILOGUE);
    return MLPBN_OK;
}

/* d holds dL/da of one unit and is overwritten with dL/dz. Writes the gradients of the unit's
 * gamma, beta and bias. */
static void unit_backward(const mlpbn__pass *pass, const mlpbn_layer *layer, size_t unit,
                          real *d)
{
    real *d_bias = R(gradient_of)(layer, pass->ws, MLPBN_BIAS);
    if (layer->batchnorm.options.after_activation)
        R(batchnorm_backward)(pass, layer, unit, d);
    R(activation_backward)(pass, layer, unit, d);
    if (normalizes_before(layer))
        R(batchnorm_backward)(pass, layer, unit, d);
    if (!d_bias)
        return;
    /* Normalization by batch statistics subtracts the bias again. */
    int has_no_effect =
        normalizes_before(layer) && pass->ws->caches[layer->index].batch_statistics;
    d_bias[unit] = has_no_effect ? 0 : (real)R(select_kernels)()->sum(pass->n, d);
}

void R(layer_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                       const mlpbn__l2_penalty *penalty, real *max_abs, real *d, real *dx)
{
    mlpbn__profile *profile = pass->ws->profile;
    R(layer_dropout)(pass, layer, d);
    R(softmax_backward)(pass, layer, d);
    for (size_t u = 0; u < layer->options.units; u++)
        unit_backward(pass, layer, u, d + u * pass->ld); /* dz = f'(da) */
    mlpbn__phase_end(profile, MLPBN_PHASE_BACKWARD_EPILOGUE);

    R(weight_gradient)(pass, layer, penalty, d, max_abs); /* dW = dz x^T */
    mlpbn__phase_end(profile, MLPBN_PHASE_WEIGHT_GRADIENT);

    if (dx)
        R(input_gradient)(pass, layer, d, dx); /* dx = W^T dz */
    mlpbn__phase_end(profile, MLPBN_PHASE_INPUT_GRADIENT);
}
