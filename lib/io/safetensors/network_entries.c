#include "io/safetensors/network_entries.h"

#include "base/error.h"
#include "base/dtype.h"

#include <stdio.h>
#include <stdlib.h>

/* Numbers of a layer's modules. */
typedef struct modules {
    size_t dense, batchnorm, next;
} modules;

static modules modules_of(const mlpbn_layer_options *layer, size_t first)
{
    modules m = {.dense = first, .next = first + 1};
    if (layer->batchnorm && !layer->batchnorm->after_activation)
        m.batchnorm = m.next++;
    if (layer->activation != MLPBN_IDENTITY)
        m.next++;
    if (layer->batchnorm && layer->batchnorm->after_activation)
        m.batchnorm = m.next++;
    return m;
}

mlpbn__file_type mlpbn__file_type_of(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? MLPBN__FILE_F32 : MLPBN__FILE_F64;
}

static mlpbn__item *add(mlpbn__items *items, mlpbn__file_type type, size_t module,
                        const char *name, void *data)
{
    mlpbn__item *item = items->item + items->n++;
    *item = (mlpbn__item){.type = type, .data = data};
    snprintf(item->name, sizeof item->name, "%zu.%s", module, name);
    return item;
}

static void add_vector(mlpbn__items *items, mlpbn__file_type type, size_t module,
                       const char *name, size_t n, void *data)
{
    mlpbn__item *item = add(items, type, module, name, data);
    item->n_dims = 1;
    item->dims[0] = item->stride = n;
}

static void add_batches(mlpbn__items *items, size_t module, uint64_t *batches)
{
    add(items, MLPBN__FILE_I64, module, "num_batches_tracked", batches)->not_negative = 1;
}

static void add_tensor(mlpbn__items *items, const mlpbn_network *network,
                       const mlpbn__tensor *tensor, const modules *m)
{
    static const char *const names[MLPBN__TENSOR_KINDS] = {
        [MLPBN_WEIGHT] = "weight",
        [MLPBN_BIAS] = "bias",
        [MLPBN_GAMMA] = "weight",
        [MLPBN_BETA] = "bias",
        [MLPBN_RUNNING_MEAN] = "running_mean",
        [MLPBN_RUNNING_VAR] = "running_var"};
    int is_dense = tensor->kind == MLPBN_WEIGHT || tensor->kind == MLPBN_BIAS;
    mlpbn__item *item = add(items, mlpbn__file_type_of(network->dtype),
                            is_dense ? m->dense : m->batchnorm, names[tensor->kind],
                            mlpbn__tensor_data(network, tensor));
    item->n_dims = tensor->kind == MLPBN_WEIGHT ? 2 : 1;
    item->dims[0] = item->n_dims == 2 ? tensor->rows : tensor->columns;
    item->dims[1] = item->n_dims == 2 ? tensor->columns : 0;
    item->stride = tensor->stride;
    item->is_parameter = tensor->is_parameter;
    item->not_negative = tensor->kind == MLPBN_RUNNING_VAR;
}

static void add_layer(mlpbn__items *items, mlpbn_layer *layer, const modules *m)
{
    if (layer->options.batchnorm)
        add_batches(items, m->batchnorm, &layer->batchnorm.batches);
    for (int kind = MLPBN_WEIGHT; kind < MLPBN__TENSOR_KINDS; kind++) {
        const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, (mlpbn_tensor_kind)kind);
        if (tensor)
            add_tensor(items, layer->network, tensor, m);
    }
}

static void add_standardization(mlpbn__network_items *made, const mlpbn_network *network)
{
    mlpbn__file_type type = mlpbn__file_type_of(network->dtype);
    mlpbn__items *items = &made->items;
    add_batches(items, 0, &made->batches);
    add_vector(items, type, 0, "running_mean", network->inputs, made->mean);
    add_vector(items, type, 0, "running_var", network->inputs, made->variance);
    items->item[items->n - 1].not_negative = 1;
}

mlpbn_status mlpbn__network_items_new(mlpbn__network_items *made,
                                      const mlpbn_network *network, int standardized,
                                      size_t more)
{
    *made = (mlpbn__network_items){.mean = NULL};
    size_t room = 3 + network->n_tensors + network->n_layers + more;
    size_t numbers = network->inputs * mlpbn__sizeof(network->dtype);
    made->items.item = calloc(room, sizeof *made->items.item);
    if (standardized) {
        made->mean = mlpbn__memory_new(numbers);
        made->variance = mlpbn__memory_new(numbers);
    }
    if (!made->items.item || (standardized && (!made->mean || !made->variance))) {
        mlpbn__network_items_free(made);
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a list of %zu tensors", room);
    }
    if (standardized)
        add_standardization(made, network);
    size_t module = standardized ? 1 : 0;
    for (size_t l = 0; l < network->n_layers; l++) {
        modules m = modules_of(&network->layers[l].options, module);
        add_layer(&made->items, network->layers + l, &m);
        module = m.next;
    }
    return MLPBN_OK;
}

mlpbn__items mlpbn__standardization_items(const mlpbn__network_items *made)
{
    size_t first = 0;
    while (made->mean && made->items.item[first].data != made->mean)
        first++;
    return (mlpbn__items){made->items.item + first, made->mean ? 2 : 0};
}

void mlpbn__network_items_free(mlpbn__network_items *made)
{
    free(made->items.item);
    mlpbn__memory_free(made->mean);
    mlpbn__memory_free(made->variance);
}

void mlpbn__items_add_like_parameters(mlpbn__items *items, const mlpbn_network *network,
                                      const char *prefix, void *array, int not_negative)
{
    size_t n = items->n;
    for (size_t i = 0; i < n; i++) {
        const mlpbn__item like = items->item[i];
        if (!like.is_parameter)
            continue;
        mlpbn__item *item = items->item + items->n++;
        *item = like;
        item->is_parameter = 0;
        item->not_negative = not_negative;
        snprintf(item->name, sizeof item->name, "%s%s", prefix, like.name);
        item->data =
            (char *)array + ((const char *)like.data - (const char *)network->parameters);
    }
}

void mlpbn__items_add_bytes(mlpbn__items *items, const char *name, void *bytes, size_t n)
{
    mlpbn__item *item = items->item + items->n++;
    *item =
        (mlpbn__item){.type = MLPBN__FILE_U8, .data = bytes, .n_dims = 1, .stride = n};
    item->dims[0] = n;
    snprintf(item->name, sizeof item->name, "%s", name);
}
