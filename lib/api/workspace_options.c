/* The options of a workspace: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"
#include "base/parallel.h"

static const mlpbn_workspace_options workspace_defaults = MLPBN_WORKSPACE_OPTIONS_INIT;
DEFINE_INIT(mlpbn_workspace_options, mlpbn_workspace_options_init, workspace_defaults)

mlpbn_status mlpbn__read_workspace_options(mlpbn_workspace_options *options,
                                           const mlpbn_workspace_options *caller)
{
    *options = workspace_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_workspace_options));
    if (options->max_batch == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "workspace: expected max_batch of at least 1, got 0");
    if (options->mode != MLPBN_TRAIN && options->mode != MLPBN_PREDICT)
        return mlpbn__fail(
            MLPBN_EINVAL, "workspace: expected mode MLPBN_TRAIN or MLPBN_PREDICT, got %d",
            (int)options->mode);
    if (options->threads < 0 || options->threads > MLPBN__MAX_THREADS)
        return mlpbn__fail(MLPBN_EINVAL, "workspace: expected threads in [0, %d], got %d",
                           MLPBN__MAX_THREADS, options->threads);
    return mlpbn__check_flag(options->profile, "profile");
}
