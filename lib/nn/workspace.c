#include "nn/workspace.h"

#include "base/dtype.h"
#include "base/error.h"
#include "kernel/blocking.h"
#include "model/activation_table.h"

#include <string.h>

static size_t widest_layer(const mlpbn_network *network)
{
    size_t widest = 0;
    for (size_t l = 0; l < network->n_layers; l++)
        if (network->layers[l].options.units > widest)
            widest = network->layers[l].options.units;
    return widest;
}

/* Training keeps every layer's arrays for the backward pass. */
static void take_caches(mlpbn__arena *arena, mlpbn_workspace *ws,
                        mlpbn__layer_cache *caches, const mlpbn_network *network)
{
    size_t row = mlpbn__multiply(ws->ld, mlpbn__sizeof(ws->dtype));
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn_layer_options *layer = &network->layers[l].options;
        mlpbn__layer_cache cache = {.z = mlpbn__arena_take(arena, layer->units, row)};
        cache.a = cache.z;
        if (layer->batchnorm || layer->dropout > 0 ||
            mlpbn__activations[layer->activation].needs_preactivation)
            cache.a = mlpbn__arena_take(arena, layer->units, row);
        if (layer->batchnorm)
            cache.xhat = layer->batchnorm->after_activation
                             ? mlpbn__arena_take(arena, layer->units, row)
                             : cache.z;
        if (layer->batchnorm)
            cache.moments = mlpbn__arena_take(arena, layer->units, sizeof *cache.moments);
        if (caches)
            caches[l] = cache;
    }
}

/* Prediction needs a layer's input and its output only. */
static void take_pair(mlpbn__arena *arena, const mlpbn_workspace *ws,
                      mlpbn__layer_cache *caches, size_t widest)
{
    size_t row = mlpbn__multiply(ws->ld, mlpbn__sizeof(ws->dtype));
    void *pair[2];
    for (int i = 0; i < 2; i++)
        pair[i] = mlpbn__arena_take(arena, widest, row);
    for (size_t l = 0; caches && l < ws->n_layers; l++)
        caches[l] = (mlpbn__layer_cache){.z = pair[l % 2], .a = pair[l % 2]};
}

/* Whether the first product is shared out by columns: if there are chunks of them for all
 * threads, and adding up their sums is little beside the product. */
static int is_cut_by_columns(const mlpbn_network *network, int threads)
{
    enum { LESS = 4 };
    size_t chunks = mlpbn__dot_kc_blocks(network->inputs, mlpbn__sizeof(network->dtype));
    size_t units = network->layers[0].options.units;
    return threads > 1 && chunks >= (size_t)threads &&
           units <= network->inputs / chunks / LESS;
}

static void lay_out(mlpbn__arena *arena, mlpbn_workspace *ws,
                    const mlpbn_network *network)
{
    size_t element = mlpbn__sizeof(ws->dtype);
    size_t row = mlpbn__multiply(ws->ld, element);
    size_t widest = widest_layer(network);
    size_t outputs = network->layers[network->n_layers - 1].options.units;

    mlpbn__arena_take(arena, 1, sizeof *ws);
    if (ws->is_profiled)
        ws->profile = mlpbn__arena_take(arena, 1, sizeof *ws->profile);
    ws->caches = mlpbn__arena_take(arena, ws->n_layers, sizeof *ws->caches);
    ws->x = mlpbn__arena_take(arena, ws->max_batch, mlpbn__multiply(ws->ldx, element));
    if (is_cut_by_columns(network, ws->threads))
        ws->partial_sums =
            mlpbn__arena_take(arena, mlpbn__dot_kc_blocks(network->inputs, element) - 1,
                              mlpbn__multiply(network->layers[0].options.units, row));
    ws->labels = mlpbn__arena_take(arena, ws->max_batch, sizeof *ws->labels);
    ws->targets = mlpbn__arena_take(arena, outputs, row);
    ws->weights = mlpbn__arena_take(arena, ws->max_batch, sizeof *ws->weights);
    if (ws->mode == MLPBN_PREDICT) {
        take_pair(arena, ws, ws->caches, widest);
        return;
    }
    take_caches(arena, ws, ws->caches, network);
    for (int i = 0; i < 2; i++)
        ws->d[i] = mlpbn__arena_take(arena, widest, row);
    ws->row = mlpbn__arena_take(arena, 1, row);
    ws->gradients = mlpbn__arena_take(arena, ws->n_gradients, element);
}

/* As many threads as may run, unless a whole batch is done sooner than they would start:
 * each starts and ends in about the time of FEW multiplications. */
static int choose_threads(const mlpbn_network *network, size_t max_batch)
{
    const double FEW = 1e6;
    double multiplications = (double)network->n_parameters * (double)max_batch;
    return multiplications < FEW ? 1 : mlpbn__threads_available();
}

static mlpbn_workspace plan(const mlpbn_network *network,
                            const mlpbn_workspace_options *options)
{
    size_t element = mlpbn__sizeof(network->dtype);
    return (mlpbn_workspace){
        .network_id = network->id,
        .dtype = network->dtype,
        .mode = options->mode,
        .max_batch = options->max_batch,
        .threads = options->threads,
        .dropout_seed = options->dropout_seed,
        .is_profiled = options->profile,
        .ldx = mlpbn__row_stride(network->inputs, element),
        .ld = mlpbn__row_stride(options->max_batch, element),
        .n_layers = network->n_layers,
        .n_gradients = network->n_parameters,
    };
}

mlpbn_status mlpbn__workspace_size(size_t *bytes, const mlpbn_network *network,
                                   const mlpbn_workspace_options *options)
{
    mlpbn_workspace planned = plan(network, options);
    mlpbn__arena arena = {0};
    lay_out(&arena, &planned, network);
    if (mlpbn__arena_overflowed(&arena))
        return mlpbn__fail(MLPBN_ESIZE,
                           "a workspace for batches of %zu rows does not fit the address "
                           "space; is max_batch right?",
                           options->max_batch);
    *bytes = arena.used;
    return MLPBN_OK;
}

/* Carves a block of zeros. */
static mlpbn_workspace *carve(void *block, const mlpbn_network *network,
                              const mlpbn_workspace_options *options)
{
    mlpbn_workspace *made = block;
    mlpbn__arena arena = {.base = block};
    *made = plan(network, options);
    lay_out(&arena, made, network);
    return made;
}

mlpbn_workspace *mlpbn__workspace_create_in(void *memory, size_t bytes,
                                            const mlpbn_network *network,
                                            const mlpbn_workspace_options *options)
{
    memset(memory, 0, bytes);
    mlpbn_workspace *made = carve(memory, network, options);
    made->in_caller_memory = 1;
    return made;
}

mlpbn_status mlpbn__workspace_new(mlpbn_workspace **workspace,
                                  const mlpbn_network *network,
                                  const mlpbn_workspace_options *options)
{
    size_t bytes;
    mlpbn_workspace_options chosen = *options;
    if (chosen.threads == 0)
        chosen.threads = choose_threads(network, options->max_batch);
    mlpbn_status status = mlpbn__workspace_size(&bytes, network, &chosen);
    if (status)
        return status;
    void *block = mlpbn__memory_new(bytes);
    if (!block)
        return mlpbn__fail(MLPBN_ENOMEM,
                           "no memory for a workspace of %zu bytes (max_batch %zu)",
                           bytes, options->max_batch);
    mlpbn_workspace *made = carve(block, network, &chosen);
    if (!mlpbn__pool_new(&made->pool, chosen.threads)) {
        mlpbn__memory_free(made);
        return mlpbn__fail(MLPBN_ENOMEM, "the system would not start %d threads",
                           chosen.threads);
    }
    *workspace = made;
    return MLPBN_OK;
}

void mlpbn__workspace_free(mlpbn_workspace *workspace)
{
    if (!workspace || workspace->in_caller_memory)
        return;
    mlpbn__pool_free(workspace->pool);
    mlpbn__memory_free(workspace);
}

mlpbn__pass *mlpbn__pass_begin(const mlpbn_network *network, mlpbn_workspace *ws,
                               size_t n, int training)
{
    mlpbn__pass *pass =
        &ws->pass; /* field by field: a copy would wait for these stores */
    pass->network = network;
    pass->ws = ws;
    pass->n = n;
    pass->ld = ws->ld;
    pass->training = training;
    pass->fuses_activation = 0;
    pass->dropout_step = network->steps;
    return pass;
}
