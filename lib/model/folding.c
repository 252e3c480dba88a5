#include "model/folding.h"

#include "base/dtype.h"
#include "base/error.h"

#include <math.h>
#include <stdlib.h>

/* The map x -> (x - center) * scale + shift of one unit or one input. */
typedef struct affine {
    long double center, scale, shift;
} affine;

static const affine identity = {0, 1, 0};

/* Element i of a layer's tensor, or `fallback` if the layer has no tensor of this kind. */
static long double param_or(const mlpbn_layer *layer, mlpbn_tensor_kind kind, size_t i,
                            long double fallback)
{
    const void *data = mlpbn__layer_data(layer, kind);
    return data ? (long double)mlpbn__load(layer->network->dtype, data, i) : fallback;
}

/* The affine map of the batchnorm of unit u, with running statistics. */
static affine batchnorm_affine(const mlpbn_layer *layer, size_t u)
{
    long double variance = param_or(layer, MLPBN_RUNNING_VAR, u, 1);
    return (affine){.center = param_or(layer, MLPBN_RUNNING_MEAN, u, 0),
                    .scale = param_or(layer, MLPBN_GAMMA, u, 1) /
                             sqrtl(variance + (long double)layer->batchnorm.options.eps),
                    .shift = param_or(layer, MLPBN_BETA, u, 0)};
}

/* Whether the batchnorm of a layer is folded into the weights of the layer itself. */
static int folds_into_own(const mlpbn_layer_options *layer)
{
    return layer->batchnorm &&
           (!layer->batchnorm->after_activation || layer->activation == MLPBN_IDENTITY);
}

/* Whether the batchnorm of a layer is folded into the weights of the next layer. */
static int folds_into_next(const mlpbn_layer_options *layer)
{
    return layer->batchnorm && !folds_into_own(layer);
}

/* The affine map that is folded into input j of layer l: the batchnorm of the layer before it,
 * or the standardization. */
static affine input_affine(const mlpbn_network *network, size_t l, size_t j,
                           int standardization)
{
    if (l > 0 && folds_into_next(&network->layers[l - 1].options))
        return batchnorm_affine(network->layers + l - 1, j);
    if (l == 0 && standardization && network->standardized)
        return (affine){(long double)network->mean[j], 1 / (long double)network->std[j],
                        0};
    return identity;
}

static mlpbn_status set_param(mlpbn_layer *layer, mlpbn_tensor_kind kind, size_t row,
                              size_t column, long double value)
{
    mlpbn_dtype dtype = layer->network->dtype;
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    double rounded = dtype == MLPBN_F32 ? (double)(float)value : (double)value;
    if (!isfinite(rounded))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "%s[%zu][%zu]: %Lg, with batchnorm or standardization folded "
                           "in, is not a finite number of the network's dtype",
                           tensor->name, row, column, value);
    mlpbn__store(dtype, mlpbn__tensor_data(layer->network, tensor),
                 row * tensor->stride + column, rounded);
    return MLPBN_OK;
}

/* Let p x + q be the map that is folded into the inputs, and s (z - c) + t the unit's own
 * batchnorm. The folded unit computes
 *
 *   s (W (p x + q) + b - c) + t  =  (s W p) x + s (W q + b - c) + t
 */
static mlpbn_status fold_unit(mlpbn_layer *folded, const mlpbn_layer *layer, size_t u,
                              int standardization)
{
    affine own = folds_into_own(&layer->options) ? batchnorm_affine(layer, u) : identity;
    long double sum = param_or(layer, MLPBN_BIAS, u, 0) - own.center;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    for (size_t j = 0; j < layer->inputs; j++) {
        affine input = input_affine(layer->network, layer->index, j, standardization);
        long double w = param_or(layer, MLPBN_WEIGHT, u * weight->stride + j, 0);
        sum += w * (input.shift - input.center * input.scale);
        RETURN_IF_ERROR(
            set_param(folded, MLPBN_WEIGHT, u, j, own.scale * w * input.scale));
    }
    if (folded->options.bias)
        RETURN_IF_ERROR(set_param(folded, MLPBN_BIAS, 0, u, own.scale * sum + own.shift));
    return MLPBN_OK;
}

/* Sets the parameters of the added layer, which computes the last layer's batchnorm: a
 * diagonal weight and a bias. */
static mlpbn_status fill_diagonal(mlpbn_layer *added, const mlpbn_network *network)
{
    for (size_t u = 0; u < added->options.units; u++) {
        affine a = input_affine(network, network->n_layers, u, 0);
        RETURN_IF_ERROR(set_param(added, MLPBN_WEIGHT, u, u, a.scale));
        RETURN_IF_ERROR(set_param(added, MLPBN_BIAS, 0, u, a.shift - a.center * a.scale));
    }
    return MLPBN_OK;
}

/* The options of the folded network's n layers. */
static void fill_options(mlpbn_layer_options *options, size_t n,
                         const mlpbn_network *network, int standardization)
{
    for (size_t l = 0; l < n; l++) {
        int input_needs_bias = l > 0 ? folds_into_next(&network->layers[l - 1].options)
                                     : standardization && network->standardized;
        if (l == network->n_layers) {
            options[l] = (mlpbn_layer_options){.units = options[l - 1].units,
                                               .activation = MLPBN_IDENTITY,
                                               .init = MLPBN_INIT_HE};
        } else {
            options[l] = network->layers[l].options;
            options[l].bias |= folds_into_own(&network->layers[l].options);
        }
        options[l].bias |= input_needs_bias;
        options[l].batchnorm = NULL;
    }
}

/* Sets the parameters of the folded network. */
static mlpbn_status fill_params(mlpbn_network *folded, const mlpbn_network *network,
                                int standardization)
{
    for (size_t l = 0; l < network->n_layers; l++)
        for (size_t u = 0; u < network->layers[l].options.units; u++)
            RETURN_IF_ERROR(
                fold_unit(folded->layers + l, network->layers + l, u, standardization));
    if (folded->n_layers > network->n_layers)
        RETURN_IF_ERROR(fill_diagonal(folded->layers + network->n_layers, network));
    if (network->standardized && !standardization)
        RETURN_IF_ERROR(mlpbn__standardize(folded, network->mean, network->std));
    return MLPBN_OK;
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
    mlpbn_network *created = NULL;
    mlpbn_status status =
        mlpbn__network_new(&created, network->dtype, network->inputs, options, n);
    free(options);
    RETURN_IF_ERROR(status);
    status = fill_params(created, network, standardization);
    if (status) {
        mlpbn__network_free(created);
        return status;
    }
    *folded = created;
    return MLPBN_OK;
}
