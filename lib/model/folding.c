#include "model/folding.h"

#include "base/error.h"
#include "base/dtype.h"

#include <math.h>
#include <stdlib.h>

/* y = (x - centre) * scale + shift */
typedef struct affine {
    long double centre, scale, shift;
} affine;

static const affine nothing = {0, 1, 0};

/* A number of a layer, or what stands for it where there is none. */
static long double number(const mlpbn_layer *layer, mlpbn_tensor_kind kind, size_t u,
                          long double otherwise)
{
    const void *data = mlpbn__layer_data(layer, kind);
    return data ? (long double)mlpbn__load(layer->network->dtype, data, u) : otherwise;
}

static affine batchnorm_of(const mlpbn_layer *layer, size_t u)
{
    long double variance = number(layer, MLPBN_RUNNING_VAR, u, 1);
    return (affine){.centre = number(layer, MLPBN_RUNNING_MEAN, u, 0),
                    .scale = number(layer, MLPBN_GAMMA, u, 1) /
                             sqrtl(variance + (long double)layer->batchnorm.options.eps),
                    .shift = number(layer, MLPBN_BETA, u, 0)};
}

/* Whether the batchnorm of a layer is folded into the layer's own weights. */
static int folds_into_own(const mlpbn_layer_options *layer)
{
    return layer->batchnorm &&
           (!layer->batchnorm->after_activation || layer->activation == MLPBN_IDENTITY);
}

/* Whether it is folded into the weights of the next layer. */
static int folds_into_next(const mlpbn_layer_options *layer)
{
    return layer->batchnorm && !folds_into_own(layer);
}

/* What is done to input j of a layer, or to output j of the last, that it must take over. */
static affine input_of(const mlpbn_network *network, size_t l, size_t j,
                       int standardization)
{
    if (l > 0 && folds_into_next(&network->layers[l - 1].options))
        return batchnorm_of(network->layers + l - 1, j);
    if (l == 0 && standardization && network->standardized)
        return (affine){(long double)network->mean[j], 1 / (long double)network->std[j],
                        0};
    return nothing;
}

static mlpbn_status put(mlpbn_layer *layer, mlpbn_tensor_kind kind, size_t row, size_t j,
                        long double value)
{
    mlpbn_dtype dtype = layer->network->dtype;
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    double rounded = dtype == MLPBN_F32 ? (double)(float)value : (double)value;
    if (!isfinite(rounded))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "%s[%zu][%zu]: %Lg, with batchnorm or standardization folded "
                           "in, is not a finite number of the network's dtype",
                           tensor->name, row, j, value);
    mlpbn__store(dtype, mlpbn__tensor_data(layer->network, tensor),
                 row * tensor->stride + j, rounded);
    return MLPBN_OK;
}

/* s (W (p x + q) + b - c) + t = (s W p) x + s (W q + b - c) + t */
static mlpbn_status fold_unit(mlpbn_layer *target, const mlpbn_layer *layer, size_t u,
                              int standardization)
{
    affine own = folds_into_own(&layer->options) ? batchnorm_of(layer, u) : nothing;
    long double sum = number(layer, MLPBN_BIAS, u, 0) - own.centre;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    mlpbn_status status = MLPBN_OK;
    for (size_t j = 0; j < layer->inputs && !status; j++) {
        affine input = input_of(layer->network, layer->index, j, standardization);
        long double w = number(layer, MLPBN_WEIGHT, u * weight->stride + j, 0);
        sum += w * (input.shift - input.centre * input.scale);
        status = put(target, MLPBN_WEIGHT, u, j, own.scale * w * input.scale);
    }
    if (!status && target->options.bias)
        status = put(target, MLPBN_BIAS, 0, u, own.scale * sum + own.shift);
    return status;
}

/* The layer behind the last one: its batchnorm. */
static mlpbn_status add_diagonal(mlpbn_layer *target, const mlpbn_network *network)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t u = 0; u < target->options.units && !status; u++) {
        affine a = input_of(network, network->n_layers, u, 0);
        status = put(target, MLPBN_WEIGHT, u, u, a.scale);
        if (!status)
            status = put(target, MLPBN_BIAS, 0, u, a.shift - a.centre * a.scale);
    }
    return status;
}

static void fill_options(mlpbn_layer_options *options, size_t n,
                         const mlpbn_network *network, int standardization)
{
    for (size_t l = 0; l < n; l++) {
        int takes_over = l > 0 ? folds_into_next(&network->layers[l - 1].options)
                               : standardization && network->standardized;
        if (l == network->n_layers) {
            options[l] = (mlpbn_layer_options){.units = options[l - 1].units,
                                               .activation = MLPBN_IDENTITY,
                                               .init = MLPBN_INIT_HE};
        } else {
            options[l] = network->layers[l].options;
            options[l].bias |= folds_into_own(&network->layers[l].options);
        }
        options[l].bias |= takes_over;
        options[l].batchnorm = NULL;
    }
}

static mlpbn_status fill(mlpbn_network *made, const mlpbn_network *network,
                         int standardization)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t l = 0; l < network->n_layers; l++)
        for (size_t u = 0; u < network->layers[l].options.units && !status; u++)
            status = fold_unit(made->layers + l, network->layers + l, u, standardization);
    if (!status && made->n_layers > network->n_layers)
        status = add_diagonal(made->layers + network->n_layers, network);
    if (!status && network->standardized && !standardization)
        status = mlpbn__standardize(made, network->mean, network->std);
    return status;
}

mlpbn_status mlpbn__fold(mlpbn_network **folded, const mlpbn_network *network,
                         int standardization)
{
    size_t n = network->n_layers +
               (size_t)folds_into_next(&network->layers[network->n_layers - 1].options);
    mlpbn_layer_options *options = calloc(n, sizeof *options);
    if (!options)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to fold a network of %zu layers", n);
    fill_options(options, n, network, standardization);
    mlpbn_network *made = NULL;
    mlpbn_status status =
        mlpbn__network_new(&made, network->dtype, network->inputs, options, n);
    free(options);
    if (!status)
        status = fill(made, network, standardization);
    if (status)
        mlpbn__network_free(made);
    else
        *folded = made;
    return status;
}
