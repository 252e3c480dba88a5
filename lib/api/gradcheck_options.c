/* The options and results of the gradient check: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"
#include "nn/gradient_check.h"

static const mlpbn_gradcheck_options gradcheck_defaults = MLPBN_GRADCHECK_OPTIONS_INIT;
DEFINE_INIT(mlpbn_gradcheck_options, mlpbn_gradcheck_options_init, gradcheck_defaults)

static const mlpbn_gradcheck_result result_defaults = MLPBN_GRADCHECK_RESULT_INIT;
DEFINE_INIT(mlpbn_gradcheck_result, mlpbn_gradcheck_result_init, result_defaults)

mlpbn_status mlpbn__read_gradcheck_options(mlpbn_gradcheck_options *options,
                                           const mlpbn_gradcheck_options *caller,
                                           mlpbn_dtype dtype)
{
    *options = gradcheck_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_gradcheck_options));
    RETURN_IF_ERROR(
        mlpbn__check_tolerance(&options->tolerance, mlpbn__gradcheck_tolerance(dtype)));
    RETURN_IF_ERROR(mlpbn__check_at_least(options->nudge, 0, "nudge"));
    return mlpbn__check_flag(options->inputs, "inputs");
}
