#include "api/check.h"
#include "api/options.h"
#include "model/model.h"

#include <mlpbn/network.h>

#include <stdlib.h>
#include <string.h>

/* The array's stride is the first one's struct_size, whatever this library's is. */
static mlpbn_status read_layers(mlpbn__layer_spec *specs,
                                const mlpbn_layer_options *layers, size_t n_layers,
                                mlpbn_dtype dtype)
{
    size_t stride = layers->struct_size;
    mlpbn_status status = MLPBN_OK;
    for (size_t l = 0; l < n_layers && !status; l++) {
        const void *options = (const char *)layers + l * stride;
        status = mlpbn__read_layer_options(specs + l, options, dtype);
        if (!status && specs[l].activation == MLPBN_SOFTMAX && l + 1 < n_layers)
            status = mlpbn__fail(MLPBN_EINVAL,
                                 "expected MLPBN_SOFTMAX in the last layer only");
        if (!status && specs[l].dropout > 0 && l + 1 == n_layers)
            status =
                mlpbn__fail(MLPBN_EINVAL,
                            "dropout: expected 0 in the last layer, whose outputs are "
                            "the network's, got %g",
                            specs[l].dropout);
        if (status)
            mlpbn__fail_in(status, "layer %zu: ", l);
    }
    return status;
}

/* Draws layers first .. end - 1, each as its spec says, or all alike; all or none. */
static mlpbn_status initialize_layers(mlpbn_network *network, size_t first, size_t end,
                                      const mlpbn__layer_spec *specs,
                                      const mlpbn__layer_spec *alike, uint64_t seed)
{
    size_t most = 0;
    for (size_t l = first; l < end; l++) {
        const mlpbn__layer_spec *spec = alike ? alike : specs + l;
        size_t room = mlpbn__initialize_room(network->layers + l, spec->init);
        most = room > most ? room : most;
    }
    double *room = most > 0 ? calloc(most, sizeof *room) : NULL;
    if (most > 0 && !room)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to draw %zu weights", most);
    for (size_t l = first; l < end; l++) {
        const mlpbn__layer_spec *spec = alike ? alike : specs + l;
        mlpbn__layer_initialize(network, l, spec->init, spec->init_sigma, seed, room);
    }
    free(room);
    return MLPBN_OK;
}

mlpbn_status mlpbn_network_create(mlpbn_network **network,
                                  const mlpbn_network_options *options,
                                  const mlpbn_layer_options *layers, size_t n_layers)
{
    mlpbn_network_options ours;
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(options);
    if (!status)
        status = MLPBN__CHECK_POINTER(layers);
    if (!status)
        status = mlpbn__read_network_options(&ours, options);
    if (status)
        return status;
    if (n_layers == 0)
        return mlpbn__fail(MLPBN_EINVAL, "n_layers: expected at least 1, got 0");
    if (n_layers > PTRDIFF_MAX / sizeof(mlpbn_layer))
        return mlpbn__fail(MLPBN_ESIZE,
                           "n_layers: %zu layers do not fit the address space", n_layers);

    mlpbn__layer_spec *specs = calloc(n_layers, sizeof *specs);
    if (!specs)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu layers", n_layers);
    mlpbn_network *made = NULL;
    status = read_layers(specs, layers, n_layers, ours.dtype);
    if (!status)
        status = mlpbn__network_new(&made, ours.dtype, ours.inputs, specs, n_layers);
    if (!status)
        status = initialize_layers(made, 0, n_layers, specs, NULL, ours.seed);
    if (status)
        mlpbn__network_free(made);
    else
        *network = made;
    free(specs);
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
    return network->layers[network->n_layers - 1].spec.units;
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
    mlpbn__layer_spec spec = {.init = init, .init_sigma = sigma};
    return initialize_layers(network, first, end, NULL, &spec, seed);
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
    if (layer != MLPBN_ALL_LAYERS && !network->layers[layer].spec.has_batchnorm)
        return mlpbn__fail(MLPBN_EINVAL,
                           "layer: expected one with batchnorm, got layer %zu", layer);
    for (size_t l = first; l < end; l++)
        if (network->layers[l].spec.has_batchnorm)
            network->layers[l].batchnorm.frozen = frozen;
    return MLPBN_OK;
}
