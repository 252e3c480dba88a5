#include "model/tensor_table.h"

#include "base/array.h"
#include "base/dtype.h"
#include "base/memory.h"

#include <stdio.h>

static const struct {
    const char *name;
    int is_parameter;
} kinds[] = {
    [MLPBN_WEIGHT] = {"weight", 1},
    [MLPBN_BIAS] = {"bias", 1},
    [MLPBN_GAMMA] = {"gamma", 1},
    [MLPBN_BETA] = {"beta", 1},
    [MLPBN_RUNNING_MEAN] = {"running_mean", 0},
    [MLPBN_RUNNING_VAR] = {"running_var", 0},
};
MLPBN__ASSERT_ROWS(kinds, MLPBN__TENSOR_KINDS);

static int layer_has(const mlpbn_layer_options *layer, size_t kind)
{
    if (kind == MLPBN_WEIGHT || kind == MLPBN_BIAS)
        return kind == MLPBN_WEIGHT || layer->bias;
    return layer->batchnorm &&
           (layer->batchnorm->affine || (kind != MLPBN_GAMMA && kind != MLPBN_BETA));
}

size_t mlpbn__layer_tensor_count(const mlpbn_layer_options *layer)
{
    size_t count = 0;
    for (size_t kind = MLPBN_WEIGHT; kind < MLPBN__TENSOR_KINDS; kind++)
        count += (size_t)layer_has(layer, kind);
    return count;
}

/* Adds a tensor at the end of the table, and its elements at the end of their array. */
static void add_tensor(mlpbn_network *network, mlpbn_layer *layer, size_t kind)
{
    size_t index = network->n_tensors++;
    mlpbn__tensor *tensor = network->tensors + index;
    size_t *end =
        kinds[kind].is_parameter ? &network->n_parameters : &network->n_statistics;
    int is_weight = kind == MLPBN_WEIGHT;

    layer->tensors[kind] = index;
    snprintf(tensor->name, sizeof tensor->name, "layer%zu.%s", layer->index,
             kinds[kind].name);
    tensor->kind = (mlpbn_tensor_kind)kind;
    tensor->layer = layer->index;
    tensor->is_parameter = kinds[kind].is_parameter;
    tensor->rows = is_weight ? layer->options.units : 1;
    tensor->columns = is_weight ? layer->inputs : layer->options.units;
    tensor->stride = mlpbn__row_stride(tensor->columns, mlpbn__sizeof(network->dtype));
    tensor->offset = *end;

    size_t size = mlpbn__multiply(tensor->rows, tensor->stride);
    *end = size > SIZE_MAX - *end ? SIZE_MAX : *end + size;
}

void mlpbn__tensor_table_fill(mlpbn_network *network)
{
    for (int is_parameter = 1; is_parameter >= 0; is_parameter--)
        for (size_t l = 0; l < network->n_layers; l++)
            for (size_t kind = MLPBN_WEIGHT; kind < MLPBN__TENSOR_KINDS; kind++)
                if (kinds[kind].is_parameter == is_parameter &&
                    layer_has(&network->layers[l].options, kind))
                    add_tensor(network, network->layers + l, kind);
}
