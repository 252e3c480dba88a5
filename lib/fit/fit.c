#include "fit/fit.h"

#include "base/clock.h"
#include "base/error.h"
#include "fit/fit_checkpoint.h"
#include "nn/schedule.h"
#include "nn/typed_ops.h"

#include <math.h>

enum { MAX_HALVINGS = 20 };

static mlpbn__batch whole(const mlpbn_rows *rows)
{
    return (mlpbn__batch){.rows = *rows, .n = rows->n};
}

static double elapsed(const mlpbn__fit_run *run)
{
    return run->state.seconds + mlpbn__now() - run->begin;
}

/* --- Steps -------------------------------------------------------------------------------- */

/* Sets the learning rate of the next step. */
static mlpbn_status set_rate(mlpbn__fit_run *run)
{
    const mlpbn_fit_options *options = run->job.options;
    if (!options->schedule)
        return MLPBN_OK;
    double rate = options->schedule(options->schedule_options, run->state.step);
    if (!(rate >= 0 && isfinite(rate)))
        return mlpbn__fail(
            MLPBN_EINVAL,
            "schedule: expected a finite rate of at least 0 for step %llu, "
            "got %g",
            (unsigned long long)run->state.step, rate);
    run->job.optimizer->options.learning_rate =
        ldexp(rate * run->state.plateau.factor, -(int)run->state.halvings);
    return MLPBN_OK;
}

/* Halves the rate, if the options say so and it was not halved too often. */
static int halve_rate(mlpbn__fit_run *run, mlpbn_status status)
{
    if (status != MLPBN_ENONFINITE || run->state.halvings == MAX_HALVINGS ||
        run->job.options->on_nonfinite != MLPBN_NONFINITE_HALVE_RATE)
        return 0;
    run->state.halvings++;
    run->job.optimizer->options.learning_rate /= 2;
    return 1;
}

static mlpbn_status train_step(mlpbn__fit_run *run, const mlpbn_rows *rows,
                               mlpbn_metrics *metrics)
{
    const mlpbn__fit_job *job = &run->job;
    const mlpbn__batch batch = whole(rows);
    mlpbn_status status;
    RETURN_IF_ERROR(set_rate(run));
    do
        status = mlpbn__typed_ops_of(job->network->dtype)
                     ->train_step(job->network, job->optimizer, run->workspace, &batch,
                                  job->loss, metrics);
    while (halve_rate(run, status));
    return status;
}

static mlpbn_status call_back(mlpbn__fit_run *run, mlpbn_fit_callback *callback,
                              const mlpbn_fit_record *record)
{
    int stop = 0;
    if (!callback)
        return MLPBN_OK;
    mlpbn_status status = callback(record, &stop, run->job.options->context);
    if (!status && stop)
        run->end = MLPBN_FIT_CALLBACK;
    return status;
}

static mlpbn_fit_record record_of(const mlpbn__fit_run *run)
{
    return (mlpbn_fit_record){.struct_size = sizeof(mlpbn_fit_record),
                              .epoch = run->state.epoch,
                              .step = run->state.step,
                              .rate = run->job.optimizer->options.learning_rate,
                              .seconds = elapsed(run)};
}

static mlpbn_status after_step(mlpbn__fit_run *run, const mlpbn_metrics *metrics)
{
    mlpbn__epoch_sums *sums = &run->state.sums;
    const mlpbn_fit_options *options = run->job.options;
    run->state.step++;
    sums->rows += metrics->n;
    sums->correct += metrics->correct;
    sums->loss += (double)metrics->n * metrics->loss;
    sums->cost += (double)metrics->n * metrics->cost;
    if (options->after_step) {
        mlpbn_fit_record record = record_of(run);
        record.loss = metrics->loss;
        record.cost = metrics->cost;
        record.accuracy = metrics->accuracy;
        RETURN_IF_ERROR(call_back(run, options->after_step, &record));
    }
    if (options->max_seconds > 0 && elapsed(run) > options->max_seconds)
        run->end = MLPBN_FIT_TIME;
    return MLPBN_OK;
}

/* Takes the steps that are left of the epoch. *finished is 0 if something has ended the
 * training before. */
static mlpbn_status train_epoch(mlpbn__fit_run *run, int *finished)
{
    mlpbn_metrics metrics;
    *finished = 0;
    while (!run->end) {
        mlpbn_rows batch = mlpbn__sampler_next(run->sampler);
        if (batch.n == 0) {
            *finished = 1;
            break;
        }
        RETURN_IF_ERROR(train_step(run, &batch, &metrics));
        RETURN_IF_ERROR(after_step(run, &metrics));
    }
    return MLPBN_OK;
}

/* --- Epochs ------------------------------------------------------------------------------- */

/* Evaluates the validation rows. If that is not finite, the network becomes the best one so
 * far, and *is_finite is 0 if training goes on with half the rate. */
static mlpbn_status validate(mlpbn__fit_run *run, mlpbn_fit_record *record,
                             int *is_finite)
{
    const mlpbn__fit_job *job = &run->job;
    const mlpbn__batch rows = whole(&job->validation);
    mlpbn_metrics metrics;
    *is_finite = 1;
    if (rows.n == 0)
        return MLPBN_OK;
    mlpbn_status status =
        mlpbn__typed_ops_of(job->network->dtype)
            ->evaluate(job->network, run->workspace, &rows, job->loss, &metrics);
    if (status == MLPBN_ENONFINITE) {
        RETURN_IF_ERROR(mlpbn__network_copy(job->network, run->state.best_network));
        *is_finite = 0;
        if (halve_rate(run, status))
            return MLPBN_OK;
    }
    RETURN_IF_ERROR(status);
    record->validation_n = metrics.n;
    record->validation_loss = metrics.loss;
    record->validation_accuracy = metrics.accuracy;
    return MLPBN_OK;
}

/* The number that is monitored: the smaller, the better. */
static double monitored(const mlpbn__fit_run *run, const mlpbn_fit_record *record)
{
    if (run->job.options->monitor == MLPBN_MONITOR_ACCURACY)
        return record->validation_n ? -record->validation_accuracy : -record->accuracy;
    return record->validation_n ? record->validation_loss : record->loss;
}

static int is_out_of_patience(const mlpbn__fit_run *run)
{
    uint64_t patience = run->job.options->patience;
    return patience && run->state.waited >= patience;
}

/* Keeps the network if it is the best one, and counts the epochs without improvement. */
static mlpbn_status compare_to_best(mlpbn__fit_run *run, double value)
{
    mlpbn__fit_state *state = &run->state;
    if (value < state->best) {
        if (state->best_network)
            RETURN_IF_ERROR(mlpbn__network_copy(state->best_network, run->job.network));
        state->best = value;
        state->history->best = state->history->n - 1;
    }
    state->waited++;
    if (value < state->improved - run->job.options->min_improvement) {
        state->improved = value;
        state->waited = 0;
    }
    if (is_out_of_patience(run))
        run->end = MLPBN_FIT_PATIENCE;
    return MLPBN_OK;
}

/* Reduces the rate if the monitored number is on a plateau. */
static void update_plateau(mlpbn__fit_run *run, double value)
{
    const mlpbn_fit_options *options = run->job.options;
    mlpbn_plateau *plateau = &run->state.plateau;
    const double before = plateau->factor;
    if (!options->plateau)
        return;
    if (options->monitor == MLPBN_MONITOR_ACCURACY)
        value = -value;
    mlpbn__plateau_update(plateau, options->plateau, value);
    if (!options->schedule && plateau->factor != before)
        run->job.optimizer->options.learning_rate *= plateau->factor / before;
}

/* Ends an epoch: validation, history, early stopping, callback. */
static mlpbn_status finish_epoch(mlpbn__fit_run *run)
{
    int is_finite;
    const mlpbn__epoch_sums sums = run->state.sums;
    double n = sums.rows > 0 ? (double)sums.rows : 1; /* all may have an ignored label */
    run->state.epoch++;
    run->state.sums = (mlpbn__epoch_sums){0};
    mlpbn_fit_record record = record_of(run);
    record.loss = sums.loss / n;
    record.cost = sums.cost / n;
    record.accuracy = (double)sums.correct / n;
    RETURN_IF_ERROR(validate(run, &record, &is_finite));
    record.seconds = elapsed(run);
    run->state.history->records[run->state.history->n++] = record;
    if (is_finite) {
        RETURN_IF_ERROR(compare_to_best(run, monitored(run, &record)));
        update_plateau(run, monitored(run, &record));
    }
    return call_back(run, run->job.options->after_epoch, &record);
}

static int is_checkpoint_due(const mlpbn__fit_run *run)
{
    return run->job.options->checkpoint &&
           (run->end || run->state.epoch % run->job.options->checkpoint_epochs == 0);
}

static mlpbn_status train(mlpbn__fit_run *run)
{
    mlpbn__fit_state *state = &run->state;
    while (!run->end && state->epoch < run->job.options->epochs) {
        int finished;
        RETURN_IF_ERROR(mlpbn__history_reserve(state->history, state->history->n + 1));
        RETURN_IF_ERROR(train_epoch(run, &finished));
        if (finished)
            RETURN_IF_ERROR(finish_epoch(run));
        if (!run->end && state->epoch == run->job.options->epochs)
            run->end = MLPBN_FIT_EPOCHS;
        if (is_checkpoint_due(run))
            RETURN_IF_ERROR(mlpbn__fit_checkpoint_save(run));
    }
    if (!run->end)
        run->end = MLPBN_FIT_EPOCHS;
    if (state->best_network && run->job.options->restore_best &&
        state->history->best != SIZE_MAX)
        RETURN_IF_ERROR(mlpbn__network_copy(run->job.network, state->best_network));
    return MLPBN_OK;
}

/* --- The whole run ------------------------------------------------------------------------ */

static mlpbn_status new_workspace(mlpbn__fit_run *run, size_t batch)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.max_batch = batch;
    options.threads = run->job.options->threads;
    options.dropout_seed = run->job.options->seed;
    return mlpbn__workspace_new(&run->workspace, run->job.network, &options);
}

static mlpbn_status new_sampler(mlpbn__fit_run *run, size_t batch)
{
    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    options.batch = batch;
    options.seed = run->job.options->seed;
    return mlpbn__sampler_new(&run->sampler, &run->job.train, &options);
}

/* Prepares a run; resumes it if there is a checkpoint. */
static mlpbn_status begin(mlpbn__fit_run *run)
{
    mlpbn__fit_job *job = &run->job;
    size_t batch =
        job->options->batch < job->train.n ? job->options->batch : job->train.n;
    RETURN_IF_ERROR(mlpbn__check_batch_statistics(batch, job->network));
    RETURN_IF_ERROR(mlpbn__history_new(&run->state.history));
    RETURN_IF_ERROR(new_workspace(run, batch));
    RETURN_IF_ERROR(new_sampler(run, batch));
    if (job->validation.n)
        RETURN_IF_ERROR(mlpbn__network_clone(&run->state.best_network, job->network,
                                             job->network->dtype));
    if (job->options->checkpoint)
        RETURN_IF_ERROR(mlpbn__fit_checkpoint_load(run));
    if (is_out_of_patience(run))
        run->end = MLPBN_FIT_PATIENCE;
    return MLPBN_OK;
}

static void free_run(mlpbn__fit_run *run)
{
    mlpbn__network_free(run->state.best_network);
    mlpbn__history_free(run->state.history);
    mlpbn__workspace_free(run->workspace);
    mlpbn__memory_free(run->sampler);
}

mlpbn_status mlpbn__fit(const mlpbn__fit_job *job, mlpbn_history **history)
{
    mlpbn__fit_run run = {.job = *job, .begin = mlpbn__now()};
    run.state.best = run.state.improved = HUGE_VAL;
    run.state.plateau = (mlpbn_plateau)MLPBN_PLATEAU_INIT;
    mlpbn_status status = begin(&run);
    if (!status) {
        status = train(&run);
        run.state.history->end = status ? MLPBN_FIT_ERROR : run.end;
        if (history) {
            *history = run.state.history;
            run.state.history = NULL;
        }
    }
    free_run(&run);
    return status;
}
