/* The functions of mlpbn/network.h, except standardization. */
#include "api/check.h"
#include "api/options.h"
#include "model/model.h"

#include <mlpbn/network.h>

#include <stdlib.h>
#include <string.h>

/* Checks the options that depend on whether the layer is the last one. */
static mlpbn_status check_position(const mlpbn_layer_options *layer, int is_last)
{
    if (layer->activation == MLPBN_SOFTMAX && !is_last)
        return mlpbn__fail(MLPBN_EINVAL, "expected MLPBN_SOFTMAX in the last layer only");
    if (layer->dropout > 0 && is_last)
        return mlpbn__fail(MLPBN_EINVAL,
                           "dropout: expected 0 in the last layer, whose outputs are "
                           "the network's, got %g",
                           layer->dropout);
    return MLPBN_OK;
}

static mlpbn_status read_layer(mlpbn_layer_options *layer,
                               mlpbn_batchnorm_options *batchnorm,
                               const mlpbn_layer_options *caller, int is_last,
                               mlpbn_dtype dtype)
{
    RETURN_IF_ERROR(mlpbn__read_layer_options(layer, batchnorm, caller, dtype));
    return check_position(layer, is_last);
}

/* Reads the caller's array of layers. Its elements are caller->struct_size bytes apart, which
 * may differ from the size of the struct in this library. */
static mlpbn_status read_layers(mlpbn_layer_options *layers,
                                mlpbn_batchnorm_options *batchnorms,
                                const mlpbn_layer_options *caller, size_t n_layers,
                                mlpbn_dtype dtype)
{
    size_t stride = caller->struct_size;
    for (size_t l = 0; l < n_layers; l++) {
        const void *layer = (const char *)caller + l * stride;
        mlpbn_status status =
            read_layer(layers + l, batchnorms + l, layer, l + 1 == n_layers, dtype);
        if (status)
            return mlpbn__fail_in(status, "layer %zu: ", l);
    }
    return MLPBN_OK;
}

/* Creates a network with options that were checked, and initializes its weights. */
static mlpbn_status create(mlpbn_network **network, const mlpbn_network_options *options,
                           const mlpbn_layer_options *layers, size_t n_layers)
{
    mlpbn_network *created = NULL;
    RETURN_IF_ERROR(
        mlpbn__network_new(&created, options->dtype, options->inputs, layers, n_layers));
    mlpbn_status status =
        mlpbn__network_initialize(created, 0, n_layers, NULL, options->seed);
    if (status) {
        mlpbn__network_free(created);
        return status;
    }
    *network = created;
    return MLPBN_OK;
}

mlpbn_status mlpbn_network_create(mlpbn_network **network,
                                  const mlpbn_network_options *options,
                                  const mlpbn_layer_options *layers, size_t n_layers)
{
    mlpbn_network_options checked;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(options));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(layers));
    RETURN_IF_ERROR(mlpbn__read_network_options(&checked, options));
    if (n_layers == 0)
        return mlpbn__fail(MLPBN_EINVAL, "n_layers: expected at least 1, got 0");
    if (n_layers > PTRDIFF_MAX / sizeof(mlpbn_layer))
        return mlpbn__fail(MLPBN_ESIZE,
                           "n_layers: %zu layers do not fit the address space", n_layers);

    mlpbn_status status;
    mlpbn_layer_options *checked_layers = calloc(n_layers, sizeof *checked_layers);
    mlpbn_batchnorm_options *batchnorms = calloc(n_layers, sizeof *batchnorms);
    if (!checked_layers || !batchnorms) {
        status = mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu layers", n_layers);
        goto cleanup;
    }
    status = read_layers(checked_layers, batchnorms, layers, n_layers, checked.dtype);
    if (status)
        goto cleanup;
    status = create(network, &checked, checked_layers, n_layers);
cleanup:
    free(checked_layers);
    free(batchnorms);
    return status;
}

void mlpbn_network_destroy(mlpbn_network *network)
{
    mlpbn__network_free(network);
}

mlpbn_status mlpbn_network_clone(mlpbn_network **copy, const mlpbn_network *network,
                                 mlpbn_dtype dtype)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(copy));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    if (dtype != MLPBN_F32 && dtype != MLPBN_F64)
        return mlpbn__fail(MLPBN_EINVAL, "dtype: expected MLPBN_F32 or MLPBN_F64, got %d",
                           (int)dtype);
    return mlpbn__network_clone(copy, network, dtype);
}

static mlpbn_status check_same_shape(const mlpbn_network *network,
                                     const mlpbn_network *from)
{
    static const char hint[] = "do both have the same layers, bias and batchnorm?";
    size_t n_common =
        network->n_tensors < from->n_tensors ? network->n_tensors : from->n_tensors;
    for (size_t t = 0; t < n_common; t++) {
        const mlpbn__tensor *a = network->tensors + t, *b = from->tensors + t;
        if (strcmp(a->name, b->name) != 0 || a->rows != b->rows ||
            a->columns != b->columns)
            return mlpbn__fail(
                MLPBN_ESHAPE, "from: expected %s [%zu][%zu], got %s [%zu][%zu] (%s)",
                a->name, a->rows, a->columns, b->name, b->rows, b->columns, hint);
    }
    if (network->n_tensors != from->n_tensors)
        return mlpbn__fail(MLPBN_ESHAPE, "from: expected %zu tensors, got %zu (%s)",
                           network->n_tensors, from->n_tensors, hint);
    return MLPBN_OK;
}

mlpbn_status mlpbn_network_copy(mlpbn_network *network, const mlpbn_network *from)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(from));
    RETURN_IF_ERROR(check_same_shape(network, from));
    return mlpbn__network_copy(network, from);
}

size_t mlpbn_network_inputs(const mlpbn_network *network)
{
    return network->inputs;
}

size_t mlpbn_network_outputs(const mlpbn_network *network)
{
    return network->layers[network->n_layers - 1].options.units;
}

size_t mlpbn_network_n_layers(const mlpbn_network *network)
{
    return network->n_layers;
}

mlpbn_dtype mlpbn_network_dtype(const mlpbn_network *network)
{
    return network->dtype;
}

uint64_t mlpbn_network_steps(const mlpbn_network *network)
{
    return network->steps;
}

const mlpbn_layer *mlpbn_network_layer(const mlpbn_network *network, size_t index)
{
    return index < network->n_layers ? network->layers + index : NULL;
}

/* Computes the range of layers [first, end) that `layer` stands for: one layer, or all if it is
 * MLPBN_ALL_LAYERS. */
static mlpbn_status layer_range(const mlpbn_network *network, size_t layer, size_t *first,
                                size_t *end)
{
    int all = layer == MLPBN_ALL_LAYERS;
    if (!all && layer >= network->n_layers)
        return mlpbn__fail(MLPBN_EINVAL,
                           "layer: expected below %zu or MLPBN_ALL_LAYERS, got %zu",
                           network->n_layers, layer);
    *first = all ? 0 : layer;
    *end = all ? network->n_layers : layer + 1;
    return MLPBN_OK;
}

mlpbn_status mlpbn_network_initialize(mlpbn_network *network, size_t layer,
                                      mlpbn_init init, double sigma, uint64_t seed)
{
    size_t first = 0, end = 0;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__check_init(init, sigma, network->dtype));
    RETURN_IF_ERROR(layer_range(network, layer, &first, &end));
    mlpbn_layer_options options = {.init = init, .init_sigma = sigma};
    return mlpbn__network_initialize(network, first, end, &options, seed);
}

mlpbn_status mlpbn_network_freeze_statistics(mlpbn_network *network, size_t layer,
                                             int frozen)
{
    size_t first = 0, end = 0;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__check_flag(frozen, "frozen"));
    RETURN_IF_ERROR(layer_range(network, layer, &first, &end));
    if (layer != MLPBN_ALL_LAYERS && !network->layers[layer].options.batchnorm)
        return mlpbn__fail(MLPBN_EINVAL,
                           "layer: expected one with batchnorm, got layer %zu", layer);
    for (size_t l = first; l < end; l++)
        if (network->layers[l].options.batchnorm)
            network->layers[l].batchnorm.frozen = frozen;
    return MLPBN_OK;
}
