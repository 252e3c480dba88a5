/* Creates the objects of a run; see run_context.h. */
#include "run_context.h"

#include "fatal.h"
#include "local_fields.h"
#include "stopwatch.h"

#include <inttypes.h>

static mlpbn_network *copy_network(const run_setup *setup, uint64_t seed)
{
    const train_options *options = setup->options;
    mlpbn_network *network = NULL;
    require(mlpbn_network_clone(&network, setup->network, options->dtype), "network");
    require(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, options->init.method,
                                     options->init.sigma, seed),
            "initial weights");
    if (options->local_field > 0)
        local_fields_restrict(network, (size_t)options->local_field, seed);
    if (setup->warm_start)
        require(mlpbn_network_copy(network, setup->warm_start), "warm start");
    return network;
}

static bool augments(const train_options *options)
{
    return options->flip || options->shift > 0;
}

static mlpbn_sampler *make_sampler(const run_context *r, uint64_t seed)
{
    const train_options *train = r->setup->options;
    const cifar_data *data = augments(train) ? r->full_size : r->setup->data;
    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    options.batch = (size_t)train->batch;
    options.seed = seed;
    mlpbn_sampler *sampler = NULL;
    require(mlpbn_sampler_create(&sampler, &data->train, &options), "sampler");
    return sampler;
}

static mlpbn_workspace *make_workspace(const run_context *r, mlpbn_mode mode,
                                       uint64_t max_batch)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.dropout_seed = r->setup->options->seed + r->state.run - 1;
    options.mode = mode;
    options.max_batch = (size_t)max_batch;
    options.threads = (int)r->setup->options->threads;
    mlpbn_workspace *workspace = NULL;
    require(mlpbn_workspace_create(&workspace, r->network, &options), "workspace");
    return workspace;
}

static mlpbn_optimizer *make_optimizer(const run_context *r)
{
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    options.kind = r->setup->options->optimizer;
    if (options.kind == MLPBN_ADAMW)
        options.weight_decay = r->setup->options->weight_decay;
    options.momentum = r->setup->options->momentum;
    options.nesterov = options.momentum > 0;
    mlpbn_optimizer *optimizer = NULL;
    require(mlpbn_optimizer_create(&optimizer, r->network, &options), "optimizer");
    return optimizer;
}

run_context run_context_create(const run_setup *setup, uint64_t run)
{
    const train_options *options = setup->options;
    uint64_t seed = options->seed + run - 1;
    run_context r = {.setup = setup,
                     .full_size = setup->full_size ? setup->full_size : setup->data,
                     .loss = MLPBN_LOSS_OPTIONS_INIT,
                     .state = {.run = run},
                     .start = stopwatch_now()};
    r.network = copy_network(setup, seed);
    r.sampler = make_sampler(&r, seed);
    r.steps = mlpbn_sampler_batches(r.sampler);
    r.training = make_workspace(&r, MLPBN_TRAIN, options->batch);
    r.evaluation = make_workspace(&r, MLPBN_PREDICT, EVALUATION_BATCH);
    r.optimizer = make_optimizer(&r);
    r.loss.lambda = options->lambda;
    r.loss.label_smoothing = options->label_smoothing;
    r.augmentation = (augmentation){.flip = options->flip,
                                    .shift = (int)options->shift,
                                    .downsample = (size_t)options->downsample,
                                    .seed = seed};
    if (augments(options) &&
        !augmented_batch_create(&r.augmented, (size_t)options->batch))
        fatal("no memory for a batch of %" PRIu64 " pictures", options->batch);
    return r;
}

void run_context_destroy(run_context *r)
{
    if (r->setup->warm_start)
        require(mlpbn_network_copy(r->setup->warm_start, r->network), "warm start");
    augmented_batch_free(&r->augmented);
    mlpbn_workspace_destroy(r->evaluation);
    mlpbn_workspace_destroy(r->training);
    mlpbn_optimizer_destroy(r->optimizer);
    mlpbn_sampler_destroy(r->sampler);
    mlpbn_network_destroy(r->network);
}
