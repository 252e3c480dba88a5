#include "io/safetensors/network_entries.h"

#include "base/dtype.h"
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

/* Indices of a layer's modules in the nn.Sequential. next: the first index of the next layer */
typedef struct modules {
    size_t linear, batchnorm, next;
} modules;

static modules assign_modules(const mlpbn_layer_options *layer, size_t first)
{
    modules m = {.linear = first, .next = first + 1};
    if (layer->batchnorm && !layer->batchnorm->after_activation)
        m.batchnorm = m.next++;
    if (layer->activation != MLPBN_IDENTITY)
        m.next++;
    if (layer->batchnorm && layer->batchnorm->after_activation)
        m.batchnorm = m.next++;
    return m;
}

static mlpbn__tensor_entry *add(mlpbn__tensor_entries *entries, mlpbn__file_dtype dtype,
                                size_t module, const char *name, void *data)
{
    mlpbn__tensor_entry *entry = entries->entry + entries->n++;
    *entry = (mlpbn__tensor_entry){.dtype = dtype, .data = data};
    snprintf(entry->name, sizeof entry->name, "%zu.%s", module, name);
    return entry;
}

static void add_vector(mlpbn__tensor_entries *entries, mlpbn__file_dtype dtype,
                       size_t module, const char *name, size_t n, void *data)
{
    mlpbn__tensor_entry *entry = add(entries, dtype, module, name, data);
    entry->n_dims = 1;
    entry->dims[0] = entry->stride = n;
}

static void add_num_batches_tracked(mlpbn__tensor_entries *entries, size_t module,
                                    uint64_t *batches)
{
    mlpbn__tensor_entry *entry =
        add(entries, MLPBN__FILE_I64, module, "num_batches_tracked", batches);
    entry->nonnegative = 1;
}

static void add_tensor(mlpbn__tensor_entries *entries, const mlpbn_network *network,
                       const mlpbn__tensor *tensor, const modules *m)
{
    static const char *const names[MLPBN__TENSOR_KINDS] = {
        [MLPBN_WEIGHT] = "weight",
        [MLPBN_BIAS] = "bias",
        [MLPBN_GAMMA] = "weight",
        [MLPBN_BETA] = "bias",
        [MLPBN_RUNNING_MEAN] = "running_mean",
        [MLPBN_RUNNING_VAR] = "running_var"};
    int is_linear = tensor->kind == MLPBN_WEIGHT || tensor->kind == MLPBN_BIAS;
    mlpbn__tensor_entry *entry =
        add(entries, mlpbn__file_dtype_of(network->dtype),
            is_linear ? m->linear : m->batchnorm, names[tensor->kind],
            mlpbn__tensor_data(network, tensor));
    entry->n_dims = tensor->kind == MLPBN_WEIGHT ? 2 : 1;
    entry->dims[0] = entry->n_dims == 2 ? tensor->rows : tensor->columns;
    entry->dims[1] = entry->n_dims == 2 ? tensor->columns : 0;
    entry->stride = tensor->stride;
    entry->is_parameter = tensor->is_parameter;
    entry->nonnegative = tensor->kind == MLPBN_RUNNING_VAR;
}

static void add_layer(mlpbn__tensor_entries *entries, mlpbn_layer *layer,
                      const modules *m)
{
    if (layer->options.batchnorm)
        add_num_batches_tracked(entries, m->batchnorm, &layer->batchnorm.batches);
    for (int kind = MLPBN_WEIGHT; kind < MLPBN__TENSOR_KINDS; kind++) {
        const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, (mlpbn_tensor_kind)kind);
        if (tensor)
            add_tensor(entries, layer->network, tensor, m);
    }
}

static void add_standardization(mlpbn__network_entries *list,
                                const mlpbn_network *network)
{
    mlpbn__file_dtype dtype = mlpbn__file_dtype_of(network->dtype);
    mlpbn__tensor_entries *entries = &list->entries;
    add_num_batches_tracked(entries, 0, &list->batches);
    add_vector(entries, dtype, 0, "running_mean", network->inputs, list->mean);
    add_vector(entries, dtype, 0, "running_var", network->inputs, list->variance);
    entries->entry[entries->n - 1].nonnegative = 1;
}

mlpbn_status mlpbn__network_entries_new(mlpbn__network_entries *list,
                                        const mlpbn_network *network, int standardized,
                                        size_t extra_capacity)
{
    *list = (mlpbn__network_entries){.mean = NULL};
    /* 3 for standardization, n_layers for num_batches_tracked */
    size_t capacity = 3 + network->n_tensors + network->n_layers + extra_capacity;
    size_t size = network->inputs * mlpbn__sizeof(network->dtype);
    list->entries.entry = calloc(capacity, sizeof *list->entries.entry);
    if (standardized) {
        list->mean = mlpbn__memory_new(size);
        list->variance = mlpbn__memory_new(size);
    }
    if (!list->entries.entry || (standardized && (!list->mean || !list->variance))) {
        mlpbn__network_entries_free(list);
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a list of %zu tensors", capacity);
    }
    if (standardized)
        add_standardization(list, network);
    size_t module = standardized ? 1 : 0;
    for (size_t l = 0; l < network->n_layers; l++) {
        modules m = assign_modules(&network->layers[l].options, module);
        add_layer(&list->entries, network->layers + l, &m);
        module = m.next;
    }
    return MLPBN_OK;
}

mlpbn__tensor_entries mlpbn__standardization_entries(const mlpbn__network_entries *list)
{
    size_t first = 0;
    while (list->mean && list->entries.entry[first].data != list->mean)
        first++;
    return (mlpbn__tensor_entries){list->entries.entry + first, list->mean ? 2 : 0};
}

void mlpbn__network_entries_free(mlpbn__network_entries *list)
{
    free(list->entries.entry);
    mlpbn__memory_free(list->mean);
    mlpbn__memory_free(list->variance);
}

void mlpbn__tensor_entries_add_like_parameters(mlpbn__tensor_entries *entries,
                                               const mlpbn_network *network,
                                               const char *prefix, void *array,
                                               int nonnegative)
{
    size_t n = entries->n;
    for (size_t i = 0; i < n; i++) {
        const mlpbn__tensor_entry like = entries->entry[i];
        if (!like.is_parameter)
            continue;
        mlpbn__tensor_entry *entry = entries->entry + entries->n++;
        *entry = like;
        entry->is_parameter = 0;
        entry->nonnegative = nonnegative;
        snprintf(entry->name, sizeof entry->name, "%s%s", prefix, like.name);
        entry->data =
            (char *)array + ((const char *)like.data - (const char *)network->parameters);
    }
}

void mlpbn__tensor_entries_add_bytes(mlpbn__tensor_entries *entries, const char *name,
                                     void *bytes, size_t n)
{
    mlpbn__tensor_entry *entry = entries->entry + entries->n++;
    *entry = (mlpbn__tensor_entry){
        .dtype = MLPBN__FILE_U8, .data = bytes, .n_dims = 1, .stride = n};
    entry->dims[0] = n;
    snprintf(entry->name, sizeof entry->name, "%s", name);
}
