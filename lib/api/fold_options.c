/* The options and report of folding: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"

static const mlpbn_fold_options fold_defaults = MLPBN_FOLD_OPTIONS_INIT;
DEFINE_INIT(mlpbn_fold_options, mlpbn_fold_options_init, fold_defaults)

static const mlpbn_fold_report report_defaults = MLPBN_FOLD_REPORT_INIT;
DEFINE_INIT(mlpbn_fold_report, mlpbn_fold_report_init, report_defaults)

mlpbn_status mlpbn__read_fold_options(mlpbn_fold_options *options,
                                      const mlpbn_fold_options *caller, mlpbn_dtype dtype)
{
    *options = fold_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_fold_options));
    RETURN_IF_ERROR(
        mlpbn__check_tolerance(&options->tolerance, dtype == MLPBN_F32 ? 1e-4 : 1e-12));
    return mlpbn__check_flag(options->standardization, "standardization");
}
