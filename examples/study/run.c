/* Trains one network and measures it; see run.h. */
#include "run.h"

#include "../cyclic_lr.h"
#include "fatal.h"
#include "one_cycle.h"
#include "run_context.h"
#include "stopwatch.h"
#include "tta.h"

#include <inttypes.h>

/* Returns the learning rate of the next step. */
static double learning_rate(const run_context *r)
{
    const train_options *options = r->setup->options;
    if (options->one_cycle)
        return one_cycle_at(&(one_cycle){options->eta_max, options->epochs * r->steps},
                            r->state.step);
    return cyclic_lr_at(&(cyclic_lr){.policy = CYCLIC_TRIANGULAR,
                                     .eta_min = options->eta_min,
                                     .eta_max = options->eta_max,
                                     .n_s = options->n_s},
                        r->state.step);
}

static mlpbn_checkpoint parts_of(const run_context *r)
{
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    parts.network = r->network;
    parts.optimizer = r->optimizer;
    parts.sampler = r->sampler;
    return parts;
}

/* Restores the run from the checkpoint; returns false if there is none of this run. */
static bool resume(run_context *r)
{
    mlpbn_checkpoint parts = parts_of(r);
    bool resumed = r->setup->resume &&
                   resume_load(r->setup->resume, &parts, r->state.run, &r->state);
    r->start -= r->state.elapsed;
    return resumed;
}

static void save(run_context *r, bool epoch_ends)
{
    mlpbn_checkpoint parts = parts_of(r);
    r->state.elapsed = stopwatch_now() - r->start;
    if (r->setup->resume)
        resume_save(r->setup->resume, &parts, &r->state, epoch_ends);
}

static mlpbn_metrics evaluate(const run_context *r, const mlpbn_rows *rows)
{
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    require(mlpbn_evaluate(r->network, r->evaluation, rows, &r->loss, &metrics),
            "evaluation");
    return metrics;
}

/* Returns the training rows that a point of the curves is measured on: after the last epoch all
 * of them. */
static mlpbn_rows curve_rows(const run_context *r)
{
    mlpbn_rows rows = r->setup->data->train;
    size_t n = r->setup->curve_rows;
    if (n > 0 && n < rows.n && r->state.step < r->steps * r->setup->options->epochs)
        rows.n = n;
    return rows;
}

/* Returns whether a point includes the training metrics. They are measured for curves and after
 * the last epoch only, because evaluating all training rows takes a quarter of an epoch. */
static bool measures_training(const run_context *r)
{
    return r->setup->records_curves ||
           r->state.step == r->steps * r->setup->options->epochs;
}

/* Measures a point of the curves; writes it to log and curves. */
static curve_point record_point(run_context *r)
{
    mlpbn_rows train = curve_rows(r);
    curve_point point = {
        .run = r->state.run,
        .epoch = (double)r->state.step / (double)r->steps,
        .step = r->state.step,
        .learning_rate = learning_rate(r),
        .validation = evaluate(r, &r->setup->data->validation),
    };
    if (measures_training(r))
        point.train = evaluate(r, &train);
    r->state.validation = point.validation.accuracy;
    if (r->setup->log)
        train_log_write(r->setup->log, &point);
    if (r->setup->curves)
        curves_add(r->setup->curves, &point);
    return point;
}

/* Returns the number of steps of this epoch, after one of them. */
static uint64_t steps_of_epoch(const run_context *r)
{
    return (r->state.step - 1) % r->steps + 1;
}

/* Returns the state after a step, before the next epoch begins. */
static progress_state progress_of(const run_context *r)
{
    double done = (double)steps_of_epoch(r);
    return (progress_state){
        .run = r->state.run,
        .step = r->state.step,
        .steps = r->steps,
        .learning_rate = mlpbn_optimizer_learning_rate(r->optimizer),
        .cost = r->state.cost_sum / done,
        .accuracy = r->state.accuracy_sum / done,
        .validation = r->state.validation,
        .images_per_second = r->state.images / r->state.seconds,
    };
}

/* Updates the progress bar, records a point if --log-every says so, saves a checkpoint if
 * one is due. */
static void after_step(run_context *r, const mlpbn_metrics *metrics)
{
    uint64_t log_every = r->setup->options->log_every;
    r->state.cost_sum += metrics->cost;
    r->state.accuracy_sum += metrics->accuracy;
    progress_state state = progress_of(r);
    progress_step(r->setup->bar, &state);
    if (log_every > 0 && r->state.step % log_every == 0 && steps_of_epoch(r) < r->steps)
        record_point(r);
    save(r, false);
}

static void train_epoch(run_context *r)
{
    mlpbn_rows batch = r->setup->data->train;
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    if (r->state.step % r->steps == 0)
        r->state.cost_sum = r->state.accuracy_sum = 0;
    for (;;) {
        double start = stopwatch_now();
        require(mlpbn_sampler_next(&batch, r->sampler), "next batch");
        if (batch.n == 0)
            return;
        require(mlpbn_optimizer_set_learning_rate(r->optimizer, learning_rate(r)),
                "learning rate");
        mlpbn_rows input = r->augmented.pixels ? augment(&r->augmented, &batch,
                                                         &r->augmentation, r->state.step)
                                               : batch;
        if (mlpbn_train_step(r->network, r->optimizer, r->training, &input, &r->loss,
                             &metrics) != MLPBN_OK)
            fatal("step %" PRIu64 " of run %" PRIu64 ": %s", r->state.step, r->state.run,
                  mlpbn_last_error());
        r->state.seconds += stopwatch_now() - start;
        r->state.images += (double)batch.n;
        r->state.step++;
        after_step(r, &metrics);
    }
}

uint64_t run_steps(const train_options *options, const cifar_data *data)
{
    return options->epochs * ((data->train.n + options->batch - 1) / options->batch);
}

/* Returns the point of the curves after the latest step; measures it if that was not done. */
static curve_point current_point(run_context *r)
{
    const curve_list *curves = r->setup->curves;
    const curve_point *point =
        curves && curves->n > 0 ? curves->points + curves->n - 1 : NULL;
    bool is_current = point && point->run == r->state.run && point->step == r->state.step;
    return is_current ? *point : record_point(r);
}

static void train_all(run_context *r, bool shows_epochs)
{
    uint64_t epochs = r->setup->options->epochs;
    while (mlpbn_sampler_epochs(r->sampler) < epochs) {
        train_epoch(r);
        if (shows_epochs) {
            current_point(r); /* sets state.validation */
            progress_state state = progress_of(r);
            progress_epoch(r->setup->bar, &state);
        }
        save(r, true);
    }
}

/* Returns the accuracy of the trained network, with test-time augmentation if options->tta. */
static double final_accuracy(const run_context *r, const mlpbn_rows *rows,
                             const mlpbn_rows *full_size)
{
    return r->setup->options->tta
               ? tta_accuracy(r->network, r->evaluation, full_size, EVALUATION_BATCH)
               : evaluate(r, rows).accuracy;
}

run_result train_run(const run_setup *setup, uint64_t run)
{
    const train_options *options = setup->options;
    /* Measuring takes time: without curves and progress, only the last epoch is measured. */
    bool shows_epochs = setup->records_curves || setup->bar->shown;

    run_context r = run_context_create(setup, run);
    if (!resume(&r) && setup->records_curves)
        record_point(&r);
    train_all(&r, shows_epochs);
    curve_point last = current_point(&r);
    const cifar_data *data = setup->data, *full_size = r.full_size;
    run_result result = {
        .accuracy = {[TRAIN] = last.train.accuracy,
                     [VALIDATION] =
                         final_accuracy(&r, &data->validation, &full_size->validation),
                     [TEST] = final_accuracy(&r, &data->test, &full_size->test)},
        .images_per_second = r.state.images / r.state.seconds,
    };
    if (options->save && run == options->runs)
        require(mlpbn_network_save(r.network, options->save), "save");
    result.seconds = stopwatch_now() - r.start;
    run_context_destroy(&r);
    return result;
}
