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
static void lay_out_caches(mlpbn__arena *arena, mlpbn_workspace *ws,
                           mlpbn__layer_cache *caches, const mlpbn_network *network)
{
    size_t row = mlpbn__multiply(ws->ld, mlpbn__sizeof(ws->dtype));
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn_layer_options *layer = &network->layers[l].options;
        mlpbn__layer_cache cache = {.z = mlpbn__arena_alloc(arena, layer->units, row)};
        cache.a = cache.z;
        if (layer->batchnorm || layer->dropout > 0 ||
            mlpbn__activations[layer->activation].needs_preactivation)
            cache.a = mlpbn__arena_alloc(arena, layer->units, row);
        if (layer->batchnorm)
            cache.xhat = layer->batchnorm->after_activation
                             ? mlpbn__arena_alloc(arena, layer->units, row)
                             : cache.z;
        if (layer->batchnorm)
            cache.moments =
                mlpbn__arena_alloc(arena, layer->units, sizeof *cache.moments);
        if (caches)
            caches[l] = cache;
    }
}

/* Prediction needs a layer's input and its output only. */
static void lay_out_prediction(mlpbn__arena *arena, const mlpbn_workspace *ws,
                               mlpbn__layer_cache *caches, size_t widest)
{
    size_t row = mlpbn__multiply(ws->ld, mlpbn__sizeof(ws->dtype));
    void *pair[2];
    for (int i = 0; i < 2; i++)
        pair[i] = mlpbn__arena_alloc(arena, widest, row);
    for (size_t l = 0; caches && l < ws->n_layers; l++)
        caches[l] = (mlpbn__layer_cache){.z = pair[l % 2], .a = pair[l % 2]};
}

/* Whether threads compute different blocks of input columns in the input layer's product:
 * there is at least one block for each thread, and adding the partial sums costs little
 * compared with the product. */
static int splits_columns(const mlpbn_network *network, int threads)
{
    enum { MIN_RATIO = 4 };
    size_t blocks = mlpbn__dot_kc_blocks(network->inputs, mlpbn__sizeof(network->dtype));
    size_t units = network->layers[0].options.units;
    return threads > 1 && blocks >= (size_t)threads &&
           units <= network->inputs / blocks / MIN_RATIO;
}

static void lay_out(mlpbn__arena *arena, mlpbn_workspace *ws,
                    const mlpbn_network *network)
{
    size_t element = mlpbn__sizeof(ws->dtype);
    size_t row = mlpbn__multiply(ws->ld, element);
    size_t widest = widest_layer(network);
    size_t outputs = network->layers[network->n_layers - 1].options.units;

    mlpbn__arena_alloc(arena, 1, sizeof *ws);
    if (ws->is_profiled)
        ws->profile = mlpbn__arena_alloc(arena, 1, sizeof *ws->profile);
    ws->caches = mlpbn__arena_alloc(arena, ws->n_layers, sizeof *ws->caches);
    ws->x = mlpbn__arena_alloc(arena, ws->max_batch, mlpbn__multiply(ws->ldx, element));
    if (splits_columns(network, ws->threads))
        ws->partial_sums =
            mlpbn__arena_alloc(arena, mlpbn__dot_kc_blocks(network->inputs, element) - 1,
                               mlpbn__multiply(network->layers[0].options.units, row));
    ws->labels = mlpbn__arena_alloc(arena, ws->max_batch, sizeof *ws->labels);
    ws->targets = mlpbn__arena_alloc(arena, outputs, row);
    ws->weights = mlpbn__arena_alloc(arena, ws->max_batch, sizeof *ws->weights);
    if (ws->mode == MLPBN_PREDICT) {
        lay_out_prediction(arena, ws, ws->caches, widest);
        return;
    }
    lay_out_caches(arena, ws, ws->caches, network);
    for (int i = 0; i < 2; i++)
        ws->d[i] = mlpbn__arena_alloc(arena, widest, row);
    ws->unit_preactivation = mlpbn__arena_alloc(arena, 1, row);
    ws->gradients = mlpbn__arena_alloc(arena, ws->n_gradients, element);
}

/* One thread if a whole batch takes less time than it takes to start and join a thread;
 * otherwise as many as this process may run. */
static int choose_threads(const mlpbn_network *network, size_t max_batch)
{
    const double MULTIPLICATIONS_PER_START = 1e6;
    double multiplications = (double)network->n_parameters * (double)max_batch;
    return multiplications < MULTIPLICATIONS_PER_START ? 1 : mlpbn__threads_available();
}

/* The fields of a workspace, without its arrays. */
static mlpbn_workspace unallocated(const mlpbn_network *network,
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
    mlpbn_workspace measured = unallocated(network, options);
    mlpbn__arena arena = {0};
    lay_out(&arena, &measured, network);
    if (mlpbn__arena_overflowed(&arena))
        return mlpbn__fail(MLPBN_ESIZE,
                           "a workspace for batches of %zu rows does not fit the address "
                           "space; is max_batch right?",
                           options->max_batch);
    *bytes = arena.used;
    return MLPBN_OK;
}

/* Makes a workspace in a block that is zero. */
static mlpbn_workspace *new_in_block(void *block, const mlpbn_network *network,
                                     const mlpbn_workspace_options *options)
{
    mlpbn_workspace *workspace = block;
    mlpbn__arena arena = {.base = block};
    *workspace = unallocated(network, options);
    lay_out(&arena, workspace, network);
    return workspace;
}

mlpbn_workspace *mlpbn__workspace_create_in(void *memory, size_t bytes,
                                            const mlpbn_network *network,
                                            const mlpbn_workspace_options *options)
{
    memset(memory, 0, bytes);
    mlpbn_workspace *workspace = new_in_block(memory, network, options);
    workspace->in_caller_memory = 1;
    return workspace;
}

mlpbn_status mlpbn__workspace_new(mlpbn_workspace **workspace,
                                  const mlpbn_network *network,
                                  const mlpbn_workspace_options *options)
{
    size_t bytes;
    mlpbn_workspace_options chosen = *options;
    if (chosen.threads == 0)
        chosen.threads = choose_threads(network, options->max_batch);
    RETURN_IF_ERROR(mlpbn__workspace_size(&bytes, network, &chosen));
    void *block = mlpbn__memory_new(bytes);
    if (!block)
        return mlpbn__fail(MLPBN_ENOMEM,
                           "no memory for a workspace of %zu bytes (max_batch %zu)",
                           bytes, options->max_batch);
    mlpbn_workspace *created = new_in_block(block, network, &chosen);
    if (!mlpbn__pool_new(&created->pool, chosen.threads)) {
        mlpbn__memory_free(created);
        return mlpbn__fail(MLPBN_ENOMEM, "the system would not start %d threads",
                           chosen.threads);
    }
    *workspace = created;
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
        &ws->pass; /* Assigned by field: to copy a temporary would stall on its stores. */
    pass->network = network;
    pass->ws = ws;
    pass->n = n;
    pass->ld = ws->ld;
    pass->training = training;
    pass->fuses_activation = 0;
    pass->dropout_step = network->steps;
    pass->revision = network->revision;
    return pass;
}
