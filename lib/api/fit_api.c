/* The functions of mlpbn/fit.h. */
#include "api/batch.h"
#include "api/check.h"
#include "api/options.h"
#include "fit/fit.h"
#include "fit/split.h"
#include "nn/labels.h"

#include <mlpbn/fit.h>

/* Fits with all that is needed but an optimizer. */
static mlpbn_status fit_by_adam(mlpbn__fit_job *job, mlpbn_history **history)
{
    mlpbn_optimizer_options adam = MLPBN_OPTIMIZER_OPTIONS_INIT, complete;
    adam.kind = MLPBN_ADAM;
    RETURN_IF_ERROR(mlpbn__read_optimizer_options(&complete, &adam, job->network->dtype));
    RETURN_IF_ERROR(mlpbn__optimizer_new(&job->optimizer, job->network, &complete));
    mlpbn_status status = mlpbn__fit(job, history);
    mlpbn__memory_free(job->optimizer);
    return status;
}

static mlpbn_status fit_job(mlpbn__fit_job *job, mlpbn_history **history)
{
    return job->optimizer ? mlpbn__fit(job, history) : fit_by_adam(job, history);
}

/* Fits to the rows that are not kept for validation. */
static mlpbn_status fit_to_share(mlpbn__fit_job *job, mlpbn_history **history)
{
    const mlpbn_fit_options *o = job->options;
    mlpbn__split split;
    int has_labels = mlpbn__losses[job->loss->loss].needs_labels && job->train.labels;
    if (o->stratify && !has_labels)
        return mlpbn__fail(MLPBN_EINVAL, "stratify: expected rows with labels");
    RETURN_IF_ERROR(
        mlpbn__split_new(&split, &job->train, o->validation_share, o->stratify,
                         has_labels ? mlpbn__network_outputs(job->network) : 0,
                         job->loss->ignore_label, o->seed));
    job->train = split.train;
    job->validation = split.validation;
    mlpbn_status status = fit_job(job, history);
    mlpbn__split_free(&split);
    return status;
}

mlpbn_status mlpbn_fit(mlpbn_network *network, mlpbn_optimizer *optimizer,
                       const mlpbn_rows *rows, const mlpbn_loss_options *loss_options,
                       const mlpbn_fit_options *options, mlpbn_history **history)
{
    mlpbn__batch train, validation = {.n = 0};
    mlpbn_loss_options loss;
    mlpbn_fit_options fit;
    mlpbn_plateau_options plateau;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    if (optimizer)
        RETURN_IF_ERROR(mlpbn__check_optimizer(optimizer, network));
    RETURN_IF_ERROR(mlpbn__check_rows(&train, network, rows, SIZE_MAX));
    RETURN_IF_ERROR(mlpbn__read_loss_options(&loss, loss_options, network));
    RETURN_IF_ERROR(mlpbn__read_fit_options(&fit, &plateau, options, &loss));
    if (fit.validation)
        RETURN_IF_ERROR(
            mlpbn__check_rows(&validation, network, fit.validation, SIZE_MAX));
    mlpbn__fit_job job = {.network = network,
                          .optimizer = optimizer,
                          .train = train.rows,
                          .validation = validation.rows,
                          .loss = &loss,
                          .options = &fit,
                          .check_optimizer = mlpbn__check_optimizer_ranges};
    return fit.validation_share > 0 ? fit_to_share(&job, history)
                                    : fit_job(&job, history);
}

void mlpbn_history_destroy(mlpbn_history *history)
{
    mlpbn__history_free(history);
}

size_t mlpbn_history_epochs(const mlpbn_history *history)
{
    return history->n;
}

size_t mlpbn_history_best(const mlpbn_history *history)
{
    return history->best;
}

mlpbn_fit_end mlpbn_history_end(const mlpbn_history *history)
{
    return history->end;
}

mlpbn_status mlpbn_history_get(mlpbn_fit_record *record, const mlpbn_history *history,
                               size_t index)
{
    RETURN_IF_ERROR(mlpbn__struct_check(record, "record"));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(history));
    if (index >= history->n)
        return mlpbn__fail(MLPBN_EINVAL, "index: expected below %zu, got %zu", history->n,
                           index);
    return mlpbn__struct_write(record, history->records + index, sizeof *history->records,
                               "record");
}

mlpbn_status mlpbn_history_write_csv(const mlpbn_history *history, FILE *file)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(history));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(file));
    return mlpbn__history_write(history, file);
}
