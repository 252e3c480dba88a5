/* The options and records of mlpbn_fit: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"
#include "nn/labels.h"

static const mlpbn_fit_options fit_defaults = MLPBN_FIT_OPTIONS_INIT;
DEFINE_INIT(mlpbn_fit_options, mlpbn_fit_options_init, fit_defaults)

static const mlpbn_fit_record record_defaults = MLPBN_FIT_RECORD_INIT;
DEFINE_INIT(mlpbn_fit_record, mlpbn_fit_record_init, record_defaults)

static mlpbn_status check_counts(const mlpbn_fit_options *o)
{
    if (o->epochs == 0)
        return mlpbn__fail(MLPBN_EINVAL, "epochs: expected at least 1, got 0");
    if (o->batch == 0)
        return mlpbn__fail(MLPBN_EINVAL, "batch: expected at least 1 row, got 0");
    if (o->checkpoint_epochs == 0)
        return mlpbn__fail(MLPBN_EINVAL, "checkpoint_epochs: expected at least 1, got 0");
    return mlpbn__check_at_least(o->max_seconds, 0, "max_seconds");
}

static mlpbn_status check_validation(const mlpbn_fit_options *o)
{
    RETURN_IF_ERROR(mlpbn__check_flag(o->stratify, "stratify"));
    if (!(o->validation_share >= 0 && o->validation_share < 1))
        return mlpbn__fail(MLPBN_EINVAL,
                           "validation_share: expected a number in [0, 1), got %g",
                           o->validation_share);
    if (o->validation_share > 0 && o->validation)
        return mlpbn__fail(MLPBN_EINVAL,
                           "validation_share: expected 0 beside validation rows, got %g",
                           o->validation_share);
    if (o->stratify && o->validation_share == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "stratify: it has no effect without validation_share");
    return MLPBN_OK;
}

static mlpbn_status check_monitor(const mlpbn_fit_options *o, mlpbn_loss loss)
{
    if (o->monitor != MLPBN_MONITOR_LOSS && o->monitor != MLPBN_MONITOR_ACCURACY)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "monitor: expected MLPBN_MONITOR_LOSS or MLPBN_MONITOR_ACCURACY, got %d",
            (int)o->monitor);
    if (o->monitor == MLPBN_MONITOR_ACCURACY && !mlpbn__losses[loss].needs_labels)
        return mlpbn__fail(MLPBN_EINVAL,
                           "monitor: expected MLPBN_MONITOR_LOSS for a loss "
                           "without labels, which has no accuracy");
    RETURN_IF_ERROR(mlpbn__check_at_least(o->min_improvement, 0, "min_improvement"));
    if (o->min_improvement > 0 && o->patience == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "min_improvement: it has no effect without patience, got %g",
                           o->min_improvement);
    return mlpbn__check_flag(o->restore_best, "restore_best");
}

static mlpbn_status check_callbacks(const mlpbn_fit_options *o)
{
    if (o->on_nonfinite != MLPBN_NONFINITE_FAIL &&
        o->on_nonfinite != MLPBN_NONFINITE_HALVE_RATE)
        return mlpbn__fail(MLPBN_EINVAL,
                           "on_nonfinite: expected MLPBN_NONFINITE_FAIL or "
                           "MLPBN_NONFINITE_HALVE_RATE, got %d",
                           (int)o->on_nonfinite);
    if (o->schedule_options && !o->schedule)
        return mlpbn__fail(MLPBN_EINVAL,
                           "schedule_options: they have no effect without a schedule");
    return MLPBN_OK;
}

static mlpbn_status read_plateau(mlpbn_plateau_options *plateau, mlpbn_fit_options *o)
{
    int is_max = o->monitor == MLPBN_MONITOR_ACCURACY;
    if (!o->plateau)
        return MLPBN_OK;
    if (mlpbn__read_plateau_options(plateau, o->plateau) != MLPBN_OK)
        return mlpbn__fail_in(MLPBN_EINVAL, "plateau: ");
    o->plateau = plateau;
    if (plateau->mode == (is_max ? MLPBN_PLATEAU_MAX : MLPBN_PLATEAU_MIN))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "plateau: expected mode MLPBN_PLATEAU_%s for this monitor",
                       is_max ? "MAX" : "MIN");
}

mlpbn_status mlpbn__read_fit_options(mlpbn_fit_options *options,
                                     mlpbn_plateau_options *plateau,
                                     const mlpbn_fit_options *caller,
                                     const mlpbn_loss_options *loss)
{
    *options = fit_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_fit_options));
    RETURN_IF_ERROR(check_counts(options));
    RETURN_IF_ERROR(check_validation(options));
    RETURN_IF_ERROR(check_monitor(options, loss->loss));
    RETURN_IF_ERROR(check_callbacks(options));
    RETURN_IF_ERROR(read_plateau(plateau, options));
    mlpbn_workspace_options workspace = MLPBN_WORKSPACE_OPTIONS_INIT, unused;
    workspace.threads = options->threads;
    return mlpbn__read_workspace_options(&unused, &workspace);
}
