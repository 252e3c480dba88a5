#include "nn/activation.h"

#include "base/error.h"
#include "kernel/kernels.h"
#include "model/activation_table.h"

static int is_fused_with_loss(const mlpbn__pass *pass, const mlpbn_layer *layer)
{
    return pass->fuses_activation && layer->index + 1 == pass->ws->n_layers;
}

static int applies_softmax(const mlpbn__pass *pass, const mlpbn_layer *layer)
{
    return layer->options.activation == MLPBN_SOFTMAX && !is_fused_with_loss(pass, layer);
}

/* The elementwise activation of a layer; identity for softmax, and if the loss contains the
 * activation. */
static mlpbn_activation elementwise_activation(const mlpbn__pass *pass,
                                               const mlpbn_layer *layer)
{
    mlpbn_activation activation = layer->options.activation;
    return activation == MLPBN_SOFTMAX || is_fused_with_loss(pass, layer) ? MLPBN_IDENTITY
                                                                          : activation;
}

/* The pre-activations are checked too, because ReLU would hide a minus infinity. */
mlpbn_status R(activation_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                   mlpbn__unit_tile tile, real *a)
{
    mlpbn_activation f = elementwise_activation(pass, layer);
    RETURN_IF_ERROR(R(check_finite)(pass, layer, tile, a, "before its activation"));
    R(select_kernels)()->activations[f].forward(R(tile_length)(pass, tile),
                                                (real)layer->options.alpha, a);
    if (!mlpbn__activations[f].may_overflow)
        return MLPBN_OK;
    return R(check_finite)(pass, layer, tile, a, "after its activation");
}

/* Computes the pre-activations of a unit again: from z and the bias, or if batchnorm comes
 * before the activation, from xhat, gamma and beta. Returns ws->unit_preactivation. */
static real *recompute_preactivation(const mlpbn__pass *pass, const mlpbn_layer *layer,
                                     size_t unit)
{
    const R(layer_params) params = R(params_of)(layer);
    const mlpbn_workspace *ws = pass->ws;
    const real *z = (const real *)ws->caches[layer->index].z + unit * pass->ld;
    const real *scale = NULL, *shift = params.bias;
    if (layer->options.batchnorm &&
        !layer->batchnorm.options.after_activation) { /* z is xhat */
        scale = params.gamma;
        shift = params.beta;
    }
    R(select_kernels)()->affine(&(R(affine_args)){.units = 1,
                                                  .n = pass->n,
                                                  .ld = pass->ld,
                                                  .x = z,
                                                  .scale = R(param_at)(scale, unit),
                                                  .shift = R(param_at)(shift, unit),
                                                  .y = ws->unit_preactivation});
    return ws->unit_preactivation;
}

void R(activation_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                            size_t unit, real *d)
{
    mlpbn_activation f = elementwise_activation(pass, layer);
    const R(activation) *kernel = R(select_kernels)()->activations + f;
    const real *y = (const real *)pass->ws->caches[layer->index].a + unit * pass->ld;
    real alpha = (real)layer->options.alpha;
    int needs_preactivation = mlpbn__activations[f].needs_preactivation;
    if (needs_preactivation || layer->batchnorm.options.after_activation ||
        layer->options.dropout > 0) {
        real *values = recompute_preactivation(pass, layer, unit);
        if (!needs_preactivation) /* the cache's a is the output of batchnorm or dropout */
            kernel->forward(pass->n, alpha, values);
        y = values;
    }
    kernel->backward(pass->n, alpha, y, d);
}

static R(softmax_args) softmax_args(const mlpbn__pass *pass, const mlpbn_layer *layer)
{
    return (R(softmax_args)){.units = layer->options.units,
                             .n = pass->n,
                             .ld = pass->ld,
                             .y = pass->ws->caches[layer->index].a};
}

void R(softmax_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer)
{
    if (!applies_softmax(pass, layer))
        return;
    R(softmax_args) args = softmax_args(pass, layer);
    R(select_kernels)()->softmax_forward(&args);
}

void R(softmax_backward)(const mlpbn__pass *pass, const mlpbn_layer *layer, real *d)
{
    if (!applies_softmax(pass, layer))
        return;
    R(softmax_args) args = softmax_args(pass, layer);
    args.d = d;
    R(select_kernels)()->softmax_backward(&args);
}
