/* The options of an optimizer: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"
#include "base/array.h"
#include "base/dtype.h"

#include <math.h>

static const mlpbn_optimizer_options optimizer_defaults = MLPBN_OPTIMIZER_OPTIONS_INIT;
DEFINE_INIT(mlpbn_optimizer_options, mlpbn_optimizer_options_init, optimizer_defaults)

/* Momentum and decay rates must be in [0, 1). */
static mlpbn_status check_decay_rates(const mlpbn_optimizer_options *options,
                                      mlpbn_dtype dtype)
{
    const struct {
        const char *name;
        double value;
    } rates[] = {{"momentum", options->momentum},
                 {"beta1", options->beta1},
                 {"beta2", options->beta2},
                 {"rho", options->rho}};
    for (size_t i = 0; i < MLPBN__LENGTH(rates); i++)
        if (!(rates[i].value >= 0 && mlpbn__round(dtype, rates[i].value) < 1))
            return mlpbn__fail(MLPBN_EINVAL,
                               "%s: expected one in [0, 1), also as the network's dtype "
                               "rounds it, got %g",
                               rates[i].name, rates[i].value);
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_optimizer_options(mlpbn_optimizer_options *options,
                                           const mlpbn_optimizer_options *caller,
                                           mlpbn_dtype dtype)
{
    *options = optimizer_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_optimizer_options));
    if (options->kind < MLPBN_SGD || options->kind >= MLPBN__OPTIMIZER_KIND_END)
        return mlpbn__fail(MLPBN_EINVAL,
                           "optimizer: expected a kind of mlpbn_optimizer_kind "
                           "(mlpbn/optimizer.h), got %d",
                           (int)options->kind);
    RETURN_IF_ERROR(check_decay_rates(options, dtype));
    RETURN_IF_ERROR(mlpbn__check_flag(options->nesterov, "nesterov"));
    if (options->nesterov && (options->kind != MLPBN_SGD || options->momentum == 0))
        return mlpbn__fail(MLPBN_EINVAL,
                           "nesterov: expected 0 unless MLPBN_SGD has a momentum > 0");
    RETURN_IF_ERROR(mlpbn__check_at_least(options->learning_rate, 0, "learning_rate"));
    RETURN_IF_ERROR(mlpbn__check_at_least(options->weight_decay, 0, "weight_decay"));
    RETURN_IF_ERROR(mlpbn__check_at_least(options->clip_norm, 0, "clip_norm"));
    double eps = mlpbn__round(dtype, options->eps);
    if (!(eps > 0 && isfinite(eps)))
        return mlpbn__fail(MLPBN_EINVAL,
                           "eps: expected a finite number above 0, also in the "
                           "network's dtype, got %g",
                           options->eps);
    return mlpbn__check_parameter_kinds(options->decay_kinds, "decay_kinds");
}
