#include "base/dtype.h"
#include "base/error.h"
#include "model/model.h"
#include "model/tensor_table.h"

#include <math.h>
#include <stdatomic.h>

static void fill_layers(mlpbn_network *network, const mlpbn_layer_options *layers)
{
    size_t inputs = network->inputs;
    for (size_t l = 0; l < network->n_layers; l++) {
        mlpbn_layer *layer = network->layers + l;
        *layer = (mlpbn_layer){
            .network = network, .index = l, .inputs = inputs, .options = layers[l]};
        layer->batchnorm.layer = layer;
        if (layers[l].batchnorm) {
            layer->batchnorm.options = *layers[l].batchnorm;
            layer->options.batchnorm = &layer->batchnorm.options;
        }
        for (size_t kind = 0; kind < MLPBN__TENSOR_KINDS; kind++)
            layer->tensors[kind] = MLPBN__NO_TENSOR;
        inputs = layers[l].units;
    }
}

static mlpbn_network *lay_out_structs(mlpbn__arena *arena, size_t n_layers,
                                      size_t n_tensors, mlpbn_layer **layers,
                                      mlpbn__tensor **tensors)
{
    mlpbn_network *network = mlpbn__arena_alloc(arena, 1, sizeof *network);
    *layers = mlpbn__arena_alloc(arena, n_layers, sizeof **layers);
    *tensors = mlpbn__arena_alloc(arena, n_tensors, sizeof **tensors);
    return network;
}

/* Allocates the first block, which holds the structs, and fills it. */
static mlpbn_status new_structs(mlpbn_network **network, mlpbn_dtype dtype, size_t inputs,
                                const mlpbn_layer_options *options, size_t n_layers)
{
    static atomic_size_t last_id;
    mlpbn_layer *layers;
    mlpbn__tensor *tensors;
    size_t n_tensors = 0;
    for (size_t l = 0; l < n_layers; l++)
        n_tensors += mlpbn__layer_tensor_count(options + l);
    mlpbn__arena arena = {0};
    lay_out_structs(&arena, n_layers, n_tensors, &layers, &tensors);
    void *block = mlpbn__arena_overflowed(&arena) ? NULL : mlpbn__memory_new(arena.used);
    if (!block)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a network of %zu layers",
                           n_layers);
    arena = (mlpbn__arena){.base = block};
    *network = lay_out_structs(&arena, n_layers, n_tensors, &layers, &tensors);
    **network = (mlpbn_network){.id = ++last_id,
                                .dtype = dtype,
                                .inputs = inputs,
                                .n_layers = n_layers,
                                .layers = layers,
                                .tensors = tensors};
    fill_layers(*network, options);
    mlpbn__tensor_table_fill(*network);
    return MLPBN_OK;
}

static void lay_out_arrays(mlpbn__arena *arena, mlpbn_network *network)
{
    size_t element = mlpbn__sizeof(network->dtype);
    network->parameters = mlpbn__arena_alloc(arena, network->n_parameters, element);
    network->statistics = mlpbn__arena_alloc(arena, network->n_statistics, element);
    network->mean = mlpbn__arena_alloc(arena, network->inputs, sizeof *network->mean);
    network->std = mlpbn__arena_alloc(arena, network->inputs, sizeof *network->std);
    network->mean_hi = mlpbn__arena_alloc(arena, network->inputs, element);
    network->mean_lo = mlpbn__arena_alloc(arena, network->inputs, element);
    network->scale = mlpbn__arena_alloc(arena, network->inputs, element);
}

/* Allocates the second block, which holds the arrays. */
static mlpbn_status new_arrays(mlpbn_network *network)
{
    mlpbn__arena arena = {0};
    lay_out_arrays(&arena, network);
    if (mlpbn__arena_overflowed(&arena))
        return mlpbn__fail(MLPBN_ESIZE,
                           "a network of %zu inputs and %zu layers does not "
                           "fit the address space; are its sizes right?",
                           network->inputs, network->n_layers);
    network->arrays = mlpbn__memory_new(arena.used);
    if (!network->arrays)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the network's %zu bytes",
                           arena.used);
    arena = (mlpbn__arena){.base = network->arrays};
    lay_out_arrays(&arena, network);
    return MLPBN_OK;
}

mlpbn_status mlpbn__network_new(mlpbn_network **network, mlpbn_dtype dtype, size_t inputs,
                                const mlpbn_layer_options *layers, size_t n_layers)
{
    mlpbn_network *created = NULL;
    RETURN_IF_ERROR(new_structs(&created, dtype, inputs, layers, n_layers));
    mlpbn_status status = new_arrays(created);
    if (status) {
        mlpbn__network_free(created);
        return status;
    }
    for (size_t l = 0; l < n_layers; l++)
        mlpbn__layer_reset(created, l);
    *network = created;
    return MLPBN_OK;
}

void mlpbn__network_free(mlpbn_network *network)
{
    if (!network)
        return;
    mlpbn__memory_free(network->arrays);
    mlpbn__memory_free(network);
}

int mlpbn__eps_fits(double eps, mlpbn_dtype dtype)
{
    return eps > 0 && isfinite(eps) && isfinite(mlpbn__round(dtype, 1 / sqrt(eps)));
}

int mlpbn__network_has_batchnorm(const mlpbn_network *network)
{
    for (size_t l = 0; l < network->n_layers; l++)
        if (network->layers[l].options.batchnorm)
            return 1;
    return 0;
}

int mlpbn__network_has_batch_statistics(const mlpbn_network *network)
{
    for (size_t l = 0; l < network->n_layers; l++)
        if (network->layers[l].options.batchnorm && !network->layers[l].batchnorm.frozen)
            return 1;
    return 0;
}

void *mlpbn__tensor_data(const mlpbn_network *network, const mlpbn__tensor *tensor)
{
    char *array = tensor->is_parameter ? network->parameters : network->statistics;
    return array + tensor->offset * mlpbn__sizeof(network->dtype);
}

const mlpbn__tensor *mlpbn__layer_tensor(const mlpbn_layer *layer, mlpbn_tensor_kind kind)
{
    size_t index = layer->tensors[kind];
    return index == MLPBN__NO_TENSOR ? NULL : layer->network->tensors + index;
}

void *mlpbn__layer_data(const mlpbn_layer *layer, mlpbn_tensor_kind kind)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    return tensor ? mlpbn__tensor_data(layer->network, tensor) : NULL;
}
