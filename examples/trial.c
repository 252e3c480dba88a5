/* Trains one network and measures it; see trial.h. */
#include "trial.h"

#include "augment.h"
#include "cyclic_lr.h"
#include "fatal.h"
#include "one_cycle.h"
#include "stopwatch.h"

#include <inttypes.h>

enum { EVALUATION_BATCH = 1000 }; /* larger batches of rows evaluate faster */

typedef struct trial {
    const trial_setup *setup;
    mlpbn_network *network;
    mlpbn_optimizer *optimizer;
    mlpbn_sampler *sampler;
    mlpbn_workspace *training, *evaluation;
    mlpbn_loss_options loss;
    augmentation augmentation;
    augmented_batch augmented; /* no pixels: batches are taken as they are */
    uint64_t run, step;
    uint64_t steps;                /* in an epoch */
    double seconds, images;        /* spent and seen in training steps */
    double cost_sum, accuracy_sum; /* over the batches of this epoch */
    double validation;             /* accuracy when last measured */
} trial;

static mlpbn_network *copy_network(const trial_setup *setup, uint64_t seed)
{
    const train_options *options = setup->options;
    mlpbn_network *network = NULL;
    require(mlpbn_network_clone(&network, setup->prototype, options->dtype), "network");
    require(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, options->init.method,
                                     options->init.sigma, seed),
            "initial weights");
    if (setup->carried)
        require(mlpbn_network_copy(network, setup->carried), "carried weights");
    return network;
}

static mlpbn_sampler *make_sampler(const trial_setup *setup, uint64_t seed)
{
    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    options.batch = (size_t)setup->options->batch;
    options.seed = seed;
    /* Batchnorm cannot train on a single row. */
    if (setup->data->train.n % options.batch == 1)
        options.ragged = MLPBN_RAGGED_DROP;
    mlpbn_sampler *sampler = NULL;
    require(mlpbn_sampler_create(&sampler, &setup->data->train, &options), "sampler");
    return sampler;
}

static mlpbn_workspace *make_workspace(const trial *t, mlpbn_mode mode,
                                       uint64_t max_batch)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.mode = mode;
    options.max_batch = (size_t)max_batch;
    options.threads = (int)t->setup->options->threads;
    mlpbn_workspace *workspace = NULL;
    require(mlpbn_workspace_create(&workspace, t->network, &options), "workspace");
    return workspace;
}

static mlpbn_optimizer *make_optimizer(const trial *t)
{
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    options.method = t->setup->options->method;
    options.weight_decay = t->setup->options->weight_decay;
    mlpbn_optimizer *optimizer = NULL;
    require(mlpbn_optimizer_create(&optimizer, t->network, &options), "optimizer");
    return optimizer;
}

/* Of the step to come. */
static double learning_rate(const trial *t)
{
    const train_options *options = t->setup->options;
    if (options->one_cycle)
        return one_cycle_at(&(one_cycle){options->eta_max, options->epochs * t->steps},
                            t->step);
    return cyclic_lr_at(&(cyclic_lr){.policy = CYCLIC_TRIANGULAR,
                                     .eta_min = options->eta_min,
                                     .eta_max = options->eta_max,
                                     .n_s = options->n_s},
                        t->step);
}

static trial begin(const trial_setup *setup, uint64_t run)
{
    const train_options *options = setup->options;
    uint64_t seed = options->seed + run - 1;
    trial t = {.setup = setup, .run = run, .loss = MLPBN_LOSS_OPTIONS_INIT};
    t.network = copy_network(setup, seed);
    t.sampler = make_sampler(setup, seed);
    t.steps = mlpbn_sampler_batches(t.sampler);
    t.training = make_workspace(&t, MLPBN_TRAIN, options->batch);
    t.evaluation = make_workspace(&t, MLPBN_PREDICT, EVALUATION_BATCH);
    t.optimizer = make_optimizer(&t);
    t.loss.lambda = options->lambda;
    t.loss.label_smoothing = options->label_smoothing;
    t.augmentation = (augmentation){options->flip, (int)options->shift, seed};
    if ((options->flip || options->shift > 0) &&
        !augmented_batch_create(&t.augmented, (size_t)options->batch))
        fatal("no memory for a batch of %" PRIu64 " pictures", options->batch);
    return t;
}

static void end(trial *t)
{
    if (t->setup->carried)
        require(mlpbn_network_copy(t->setup->carried, t->network), "carried weights");
    augmented_batch_free(&t->augmented);
    mlpbn_workspace_destroy(t->evaluation);
    mlpbn_workspace_destroy(t->training);
    mlpbn_optimizer_destroy(t->optimizer);
    mlpbn_sampler_destroy(t->sampler);
    mlpbn_network_destroy(t->network);
}

static mlpbn_metrics evaluate(const trial *t, const mlpbn_rows *rows)
{
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    require(mlpbn_evaluate(t->network, t->evaluation, rows, &t->loss, &metrics),
            "evaluation");
    return metrics;
}

/* Measures a point of the curves. */
static curve_point record(trial *t)
{
    curve_point point = {
        .run = t->run,
        .epoch = (double)t->step / (double)t->steps,
        .step = t->step,
        .learning_rate = learning_rate(t),
        .train = evaluate(t, &t->setup->data->train),
        .validation = evaluate(t, &t->setup->data->validation),
    };
    t->validation = point.validation.accuracy;
    if (t->setup->log)
        train_log_write(t->setup->log, &point);
    if (t->setup->curves)
        curves_add(t->setup->curves, &point);
    return point;
}

static progress_state standing(const trial *t, double cost, double accuracy)
{
    return (progress_state){
        .run = t->run,
        .step = t->step,
        .steps = t->steps,
        .learning_rate = mlpbn_optimizer_learning_rate(t->optimizer),
        .cost = cost,
        .accuracy = accuracy,
        .validation = t->validation,
        .images_per_second = t->images / t->seconds,
    };
}

/* Shows and, where the user wants points within an epoch, measures how it went. */
static void after_step(trial *t, const mlpbn_metrics *metrics)
{
    uint64_t log_every = t->setup->options->log_every;
    uint64_t done = (t->step - 1) % t->steps + 1; /* in this epoch */
    t->cost_sum += metrics->cost;
    t->accuracy_sum += metrics->accuracy;
    progress_state state =
        standing(t, t->cost_sum / (double)done, t->accuracy_sum / (double)done);
    progress_step(t->setup->bar, &state);
    if (log_every > 0 && t->step % log_every == 0 && done < t->steps)
        record(t);
}

static void train_epoch(trial *t)
{
    mlpbn_rows batch = t->setup->data->train;
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    t->cost_sum = t->accuracy_sum = 0;
    for (;;) {
        double start = stopwatch_now();
        require(mlpbn_sampler_next(&batch, t->sampler), "next batch");
        if (batch.n == 0)
            return;
        require(mlpbn_optimizer_set_learning_rate(t->optimizer, learning_rate(t)),
                "learning rate");
        mlpbn_rows seen = t->augmented.pixels
                              ? augment(&t->augmented, &batch, &t->augmentation, t->step)
                              : batch;
        if (mlpbn_train_step(t->network, t->optimizer, t->training, &seen, &t->loss,
                             &metrics) != MLPBN_OK)
            fatal("step %" PRIu64 " of run %" PRIu64 ": %s", t->step, t->run,
                  mlpbn_last_error());
        t->seconds += stopwatch_now() - start;
        t->images += (double)batch.n;
        t->step++;
        after_step(t, &metrics);
    }
}

uint64_t trial_steps(const train_options *options, const cifar_data *data)
{
    return options->epochs * ((data->train.n + options->batch - 1) / options->batch);
}

trial_result trial_run(const trial_setup *setup, uint64_t run)
{
    double start = stopwatch_now();
    const train_options *options = setup->options;
    /* Measuring takes time: an epoch at whose end nobody looks goes unmeasured. */
    bool watched = setup->drawn || setup->bar->shown;

    trial t = begin(setup, run);
    if (setup->drawn)
        record(&t);
    curve_point last = {0};
    for (uint64_t epoch = 1; epoch <= options->epochs; epoch++) {
        train_epoch(&t);
        if (!watched && epoch < options->epochs)
            continue;
        last = record(&t);
        progress_state state = standing(&t, last.train.cost, last.train.accuracy);
        progress_epoch(setup->bar, &state);
    }
    trial_result result = {
        .accuracy = {[TRAIN] = last.train.accuracy,
                     [VALIDATION] = last.validation.accuracy,
                     [TEST] = evaluate(&t, &setup->data->test).accuracy},
        .images_per_second = t.images / t.seconds,
    };
    end(&t);
    result.seconds = stopwatch_now() - start;
    return result;
}
