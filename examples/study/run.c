/* Trains one network and measures it; see run.h. */
#include "run.h"

#include "augment.h"
#include "../cyclic_lr.h"
#include "fatal.h"
#include "one_cycle.h"
#include "stopwatch.h"
#include "tta.h"
#include "local_fields.h"

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
    uint64_t steps;            /* in an epoch */
    standing at;
    double start; /* stopwatch, when the run would have begun without a pause */
} trial;

static mlpbn_network *copy_network(const trial_setup *setup, uint64_t seed)
{
    const train_options *options = setup->options;
    mlpbn_network *network = NULL;
    require(mlpbn_network_clone(&network, setup->prototype, options->dtype), "network");
    require(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, options->init.method,
                                     options->init.sigma, seed),
            "initial weights");
    if (options->window > 0)
        windows_cut(network, (size_t)options->window, seed);
    if (setup->carried)
        require(mlpbn_network_copy(network, setup->carried), "carried weights");
    return network;
}

/* Pictures that can still be changed. */
static const cifar_data *whole_pictures(const trial_setup *setup)
{
    return setup->whole ? setup->whole : setup->data;
}

static bool augments(const train_options *options)
{
    return options->flip || options->shift > 0;
}

static mlpbn_sampler *make_sampler(const trial_setup *setup, uint64_t seed)
{
    const cifar_data *data =
        augments(setup->options) ? whole_pictures(setup) : setup->data;
    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    options.batch = (size_t)setup->options->batch;
    options.seed = seed;
    /* Batchnorm cannot train on a single row. */
    if (data->train.n % options.batch == 1)
        options.last_batch = MLPBN_LAST_BATCH_DROP;
    mlpbn_sampler *sampler = NULL;
    require(mlpbn_sampler_create(&sampler, &data->train, &options), "sampler");
    return sampler;
}

static mlpbn_workspace *make_workspace(const trial *t, mlpbn_mode mode,
                                       uint64_t max_batch)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.dropout_seed = t->setup->options->seed + t->at.run - 1;
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
    options.kind = t->setup->options->method;
    options.weight_decay = t->setup->options->weight_decay;
    options.momentum = t->setup->options->momentum;
    options.nesterov = options.momentum > 0;
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
                            t->at.step);
    return cyclic_lr_at(&(cyclic_lr){.policy = CYCLIC_TRIANGULAR,
                                     .eta_min = options->eta_min,
                                     .eta_max = options->eta_max,
                                     .n_s = options->n_s},
                        t->at.step);
}

static trial begin(const trial_setup *setup, uint64_t run)
{
    const train_options *options = setup->options;
    uint64_t seed = options->seed + run - 1;
    trial t = {.setup = setup,
               .loss = MLPBN_LOSS_OPTIONS_INIT,
               .at = {.run = run},
               .start = stopwatch_now()};
    t.network = copy_network(setup, seed);
    t.sampler = make_sampler(setup, seed);
    t.steps = mlpbn_sampler_batches(t.sampler);
    t.training = make_workspace(&t, MLPBN_TRAIN, options->batch);
    t.evaluation = make_workspace(&t, MLPBN_PREDICT, EVALUATION_BATCH);
    t.optimizer = make_optimizer(&t);
    t.loss.lambda = options->lambda;
    t.loss.label_smoothing = options->label_smoothing;
    t.augmentation = (augmentation){.flip = options->flip,
                                    .shift = (int)options->shift,
                                    .shrink = (size_t)options->shrink,
                                    .seed = seed};
    if (augments(options) &&
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

static mlpbn_checkpoint parts_of(const trial *t)
{
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    parts.network = t->network;
    parts.optimizer = t->optimizer;
    parts.sampler = t->sampler;
    return parts;
}

/* Goes to where the checkpoint was, if it is of this run. */
static bool resume(trial *t)
{
    mlpbn_checkpoint parts = parts_of(t);
    bool resumed =
        t->setup->resume && resume_load(t->setup->resume, &parts, t->at.run, &t->at);
    t->start -= t->at.elapsed;
    return resumed;
}

static void save(trial *t, bool epoch_ends)
{
    mlpbn_checkpoint parts = parts_of(t);
    t->at.elapsed = stopwatch_now() - t->start;
    if (t->setup->resume)
        resume_save(t->setup->resume, &parts, &t->at, epoch_ends);
}

static mlpbn_metrics evaluate(const trial *t, const mlpbn_rows *rows)
{
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    require(mlpbn_evaluate(t->network, t->evaluation, rows, &t->loss, &metrics),
            "evaluation");
    return metrics;
}

/* Training rows to measure on: all of them where the result is. */
static mlpbn_rows curve_rows(const trial *t)
{
    mlpbn_rows rows = t->setup->data->train;
    size_t some = t->setup->curve_rows;
    if (some > 0 && some < rows.n && t->at.step < t->steps * t->setup->options->epochs)
        rows.n = some;
    return rows;
}

/* All training rows are measured for curves, and in the end; it takes a quarter of an epoch. */
static bool measures_training(const trial *t)
{
    return t->setup->drawn || t->at.step == t->steps * t->setup->options->epochs;
}

/* Measures a point of the curves. */
static curve_point record(trial *t)
{
    mlpbn_rows train = curve_rows(t);
    curve_point point = {
        .run = t->at.run,
        .epoch = (double)t->at.step / (double)t->steps,
        .step = t->at.step,
        .learning_rate = learning_rate(t),
        .validation = evaluate(t, &t->setup->data->validation),
    };
    if (measures_training(t))
        point.train = evaluate(t, &train);
    t->at.validation = point.validation.accuracy;
    if (t->setup->log)
        train_log_write(t->setup->log, &point);
    if (t->setup->curves)
        curves_add(t->setup->curves, &point);
    return point;
}

static progress_state standing_of(const trial *t, double cost, double accuracy)
{
    return (progress_state){
        .run = t->at.run,
        .step = t->at.step,
        .steps = t->steps,
        .learning_rate = mlpbn_optimizer_learning_rate(t->optimizer),
        .cost = cost,
        .accuracy = accuracy,
        .validation = t->at.validation,
        .images_per_second = t->at.images / t->at.seconds,
    };
}

/* Shows and, where the user wants points within an epoch, measures how it went. */
static void after_step(trial *t, const mlpbn_metrics *metrics)
{
    uint64_t log_every = t->setup->options->log_every;
    uint64_t done = (t->at.step - 1) % t->steps + 1; /* in this epoch */
    t->at.cost_sum += metrics->cost;
    t->at.accuracy_sum += metrics->accuracy;
    progress_state state =
        standing_of(t, t->at.cost_sum / (double)done, t->at.accuracy_sum / (double)done);
    progress_step(t->setup->bar, &state);
    if (log_every > 0 && t->at.step % log_every == 0 && done < t->steps)
        record(t);
    save(t, false);
}

static void train_epoch(trial *t)
{
    mlpbn_rows batch = t->setup->data->train;
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    if (t->at.step % t->steps == 0)
        t->at.cost_sum = t->at.accuracy_sum = 0;
    for (;;) {
        double start = stopwatch_now();
        require(mlpbn_sampler_next(&batch, t->sampler), "next batch");
        if (batch.n == 0)
            return;
        require(mlpbn_optimizer_set_learning_rate(t->optimizer, learning_rate(t)),
                "learning rate");
        mlpbn_rows seen = t->augmented.pixels ? augment(&t->augmented, &batch,
                                                        &t->augmentation, t->at.step)
                                              : batch;
        if (mlpbn_train_step(t->network, t->optimizer, t->training, &seen, &t->loss,
                             &metrics) != MLPBN_OK)
            fatal("step %" PRIu64 " of run %" PRIu64 ": %s", t->at.step, t->at.run,
                  mlpbn_last_error());
        t->at.seconds += stopwatch_now() - start;
        t->at.images += (double)batch.n;
        t->at.step++;
        after_step(t, &metrics);
    }
}

uint64_t trial_steps(const train_options *options, const cifar_data *data)
{
    return options->epochs * ((data->train.n + options->batch - 1) / options->batch);
}

/* The latest point of the curves, measured now if that was before the latest step. */
static curve_point latest(trial *t)
{
    const curve_list *curves = t->setup->curves;
    const curve_point *point =
        curves && curves->n > 0 ? curves->points + curves->n - 1 : NULL;
    bool current = point && point->run == t->at.run && point->step == t->at.step;
    return current ? *point : record(t);
}

static void train_all(trial *t, bool watched)
{
    uint64_t epochs = t->setup->options->epochs;
    while (mlpbn_sampler_epochs(t->sampler) < epochs) {
        train_epoch(t);
        if (watched) {
            curve_point point = latest(t);
            progress_state state = standing_of(t, point.train.cost, point.train.accuracy);
            progress_epoch(t->setup->bar, &state);
        }
        save(t, true);
    }
}

/* How the finished network classifies rows that it was not trained on. */
static double final_accuracy(const trial *t, const mlpbn_rows *rows,
                             const mlpbn_rows *whole)
{
    return t->setup->options->views
               ? views_accuracy(t->network, t->evaluation, whole, EVALUATION_BATCH)
               : evaluate(t, rows).accuracy;
}

trial_result trial_run(const trial_setup *setup, uint64_t run)
{
    const train_options *options = setup->options;
    /* Measuring takes time: an epoch at whose end nobody looks goes unmeasured. */
    bool watched = setup->drawn || setup->bar->shown;

    trial t = begin(setup, run);
    if (!resume(&t) && setup->drawn)
        record(&t);
    train_all(&t, watched);
    curve_point last = latest(&t);
    const cifar_data *data = setup->data, *whole = whole_pictures(setup);
    trial_result result = {
        .accuracy = {[TRAIN] = last.train.accuracy,
                     [VALIDATION] =
                         final_accuracy(&t, &data->validation, &whole->validation),
                     [TEST] = final_accuracy(&t, &data->test, &whole->test)},
        .images_per_second = t.at.images / t.at.seconds,
    };
    if (options->save && run == options->runs)
        require(mlpbn_network_save(t.network, options->save), "save");
    result.seconds = stopwatch_now() - t.start;
    end(&t);
    return result;
}
