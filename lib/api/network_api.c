#include "api/check.h"
#include "api/options.h"
#include "model/model.h"

#include <mlpbn/network.h>

#include <stdlib.h>
#include <string.h>

/* Checks what depends on a layer's place. */
static mlpbn_status check_place(const mlpbn_layer_options *layer, int is_last)
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

/* The array's stride is the first one's struct_size, whatever this library's is. */
static mlpbn_status read_layers(mlpbn_layer_options *ours,
                                mlpbn_batchnorm_options *batchnorms,
                                const mlpbn_layer_options *caller, size_t n_layers,
                                mlpbn_dtype dtype)
{
    size_t stride = caller->struct_size;
    for (size_t l = 0; l < n_layers; l++) {
        const void *layer = (const char *)caller + l * stride;
        mlpbn_status status =
            mlpbn__read_layer_options(ours + l, batchnorms + l, layer, dtype);
        if (!status)
            status = check_place(ours + l, l + 1 == n_layers);
        if (status)
            return mlpbn__fail_in(status, "layer %zu: ", l);
    }
    return MLPBN_OK;
}

/* Draws the weights of layers first .. end - 1, each by init, or as its options say where
 * that is NULL; all or none. */
static mlpbn_status initialize_layers(mlpbn_network *network, size_t first, size_t end,
                                      const mlpbn_layer_options *init, uint64_t seed)
{
    size_t room = 0;
    for (size_t l = first; l < end; l++) {
        const mlpbn_layer *layer = network->layers + l;
        size_t needed =
            mlpbn__initialize_room(layer, (init ? init : &layer->options)->init);
        room = needed > room ? needed : room;
    }
    double *scratch = room > 0 ? calloc(room, sizeof *scratch) : NULL;
    if (room > 0 && !scratch)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to draw %zu weights", room);
    for (size_t l = first; l < end; l++) {
        const mlpbn_layer_options *drawn = init ? init : &network->layers[l].options;
        mlpbn__layer_initialize(network, l, drawn->init, drawn->init_sigma, seed,
                                scratch);
    }
    free(scratch);
    return MLPBN_OK;
}

static mlpbn_status create(mlpbn_network **network, const mlpbn_network_options *options,
                           const mlpbn_layer_options *layers, size_t n_layers)
{
    mlpbn_network *made = NULL;
    RETURN_IF_ERROR(
        mlpbn__network_new(&made, options->dtype, options->inputs, layers, n_layers));
    mlpbn_status status = initialize_layers(made, 0, n_layers, NULL, options->seed);
    if (status)
        mlpbn__network_free(made);
    else
        *network = made;
    return status;
}

mlpbn_status mlpbn_network_create(mlpbn_network **network,
                                  const mlpbn_network_options *options,
                                  const mlpbn_layer_options *layers, size_t n_layers)
{
    mlpbn_network_options ours;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(options));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(layers));
    RETURN_IF_ERROR(mlpbn__read_network_options(&ours, options));
    if (n_layers == 0)
        return mlpbn__fail(MLPBN_EINVAL, "n_layers: expected at least 1, got 0");
    if (n_layers > PTRDIFF_MAX / sizeof(mlpbn_layer))
        return mlpbn__fail(MLPBN_ESIZE,
                           "n_layers: %zu layers do not fit the address space", n_layers);

    mlpbn_layer_options *checked = calloc(n_layers, sizeof *checked);
    mlpbn_batchnorm_options *batchnorms = calloc(n_layers, sizeof *batchnorms);
    mlpbn_status status = MLPBN_OK;
    if (!checked || !batchnorms)
        status = mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu layers", n_layers);
    if (!status)
        status = read_layers(checked, batchnorms, layers, n_layers, ours.dtype);
    if (!status)
        status = create(network, &ours, checked, n_layers);
    free(checked);
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
    mlpbn_status status = MLPBN__CHECK_POINTER(copy);
    if (!status)
        status = MLPBN__CHECK_POINTER(network);
    if (status)
        return status;
    if (dtype != MLPBN_F32 && dtype != MLPBN_F64)
        return mlpbn__fail(MLPBN_EINVAL, "dtype: expected MLPBN_F32 or MLPBN_F64, got %d",
                           (int)dtype);
    return mlpbn__network_clone(copy, network, dtype);
}

static mlpbn_status check_same_shape(const mlpbn_network *network,
                                     const mlpbn_network *from)
{
    static const char hint[] = "do both have the same layers, bias and batchnorm?";
    size_t both =
        network->n_tensors < from->n_tensors ? network->n_tensors : from->n_tensors;
    for (size_t t = 0; t < both; t++) {
        const mlpbn__tensor *ours = network->tensors + t, *theirs = from->tensors + t;
        if (strcmp(ours->name, theirs->name) != 0 || ours->rows != theirs->rows ||
            ours->columns != theirs->columns)
            return mlpbn__fail(MLPBN_ESHAPE,
                               "from: expected %s [%zu][%zu], got %s [%zu][%zu] (%s)",
                               ours->name, ours->rows, ours->columns, theirs->name,
                               theirs->rows, theirs->columns, hint);
    }
    if (network->n_tensors != from->n_tensors)
        return mlpbn__fail(MLPBN_ESHAPE, "from: expected %zu tensors, got %zu (%s)",
                           network->n_tensors, from->n_tensors, hint);
    return MLPBN_OK;
}

mlpbn_status mlpbn_network_copy(mlpbn_network *network, const mlpbn_network *from)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(from);
    if (!status)
        status = check_same_shape(network, from);
    return status ? status : mlpbn__network_copy(network, from);
}

size_t mlpbn_network_inputs(const mlpbn_network *network)
{
    return network->inputs;
}

size_t mlpbn_network_outputs(const mlpbn_network *network)
{
    return network->layers[network->n_layers - 1].options.units;
}

size_t mlpbn_network_layers(const mlpbn_network *network)
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

/* Layers first .. end - 1: one, or MLPBN_ALL_LAYERS. */
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
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__check_init(init, sigma, network->dtype);
    if (status)
        return status;
    size_t first = 0, end = 0;
    status = layer_range(network, layer, &first, &end);
    if (status)
        return status;
    mlpbn_layer_options drawn = {.init = init, .init_sigma = sigma};
    return initialize_layers(network, first, end, &drawn, seed);
}

mlpbn_status mlpbn_network_freeze_statistics(mlpbn_network *network, size_t layer,
                                             int frozen)
{
    size_t first = 0, end = 0;
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__check_flag(frozen, "frozen");
    if (!status)
        status = layer_range(network, layer, &first, &end);
    if (status)
        return status;
    if (layer != MLPBN_ALL_LAYERS && !network->layers[layer].options.batchnorm)
        return mlpbn__fail(MLPBN_EINVAL,
                           "layer: expected one with batchnorm, got layer %zu", layer);
    for (size_t l = first; l < end; l++)
        if (network->layers[l].options.batchnorm)
            network->layers[l].batchnorm.frozen = frozen;
    return MLPBN_OK;
}
