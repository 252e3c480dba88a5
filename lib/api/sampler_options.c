/* The options of a sampler: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"

static const mlpbn_sampler_options sampler_defaults = MLPBN_SAMPLER_OPTIONS_INIT;
DEFINE_INIT(mlpbn_sampler_options, mlpbn_sampler_options_init, sampler_defaults)

mlpbn_status mlpbn__read_sampler_options(mlpbn_sampler_options *options,
                                         const mlpbn_sampler_options *caller)
{
    *options = sampler_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_sampler_options));
    if (options->batch == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "sampler: expected a batch of at least 1 row, got 0");
    if (options->last_batch < MLPBN_LAST_BATCH_KEEP ||
        options->last_batch > MLPBN_LAST_BATCH_DROP_SINGLE)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "sampler: expected last_batch of mlpbn_last_batch (mlpbn/sampler.h), got %d",
            (int)options->last_batch);
    return mlpbn__check_flag(options->shuffle, "shuffle");
}
