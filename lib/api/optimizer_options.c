/* The options of an optimizer: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"
#include "base/array.h"
#include "base/dtype.h"
#include "nn/optimizer.h"

#include <math.h>

static const mlpbn_optimizer_options optimizer_defaults = MLPBN_OPTIMIZER_OPTIONS_INIT;
DEFINE_INIT(mlpbn_optimizer_options, mlpbn_optimizer_options_init, optimizer_defaults)

/* For each kind of optimizer, what MLPBN_DEFAULT_LEARNING_RATE stands for. */
static const double default_rates[] = {[MLPBN_SGD] = 0.01,
                                       [MLPBN_RMSPROP] = 0.01,
                                       [MLPBN_ADAM] = 0.001,
                                       [MLPBN_ADAMW] = 0.001};
MLPBN__ASSERT_ROWS(default_rates, MLPBN__OPTIMIZER_KIND_END);

static const double DEFAULT_WEIGHT_DECAY = 0.01;

/* Refuses an option that was set, to neither 0 nor its default, although this kind of
 * optimizer does not use it. */
static mlpbn_status check_all_have_effect(const mlpbn_optimizer_options *o)
{
    const mlpbn_optimizer_options *defaults = &optimizer_defaults;
    const mlpbn__optimizer_traits *traits = mlpbn__optimizers + o->kind;
    const struct {
        const char *name;
        int is_used;
        double value, default_value;
        const char *advice;
    } rows[] = {
        {"momentum", traits->uses_momentum, o->momentum, defaults->momentum,
         "MLPBN_SGD and MLPBN_RMSPROP use it; Adam has beta1"},
        {"beta1", traits->corrects_bias, o->beta1, defaults->beta1,
         "MLPBN_ADAM and MLPBN_ADAMW use it"},
        {"beta2", traits->corrects_bias, o->beta2, defaults->beta2,
         "MLPBN_ADAM and MLPBN_ADAMW use it"},
        {"rho", o->kind == MLPBN_RMSPROP, o->rho, defaults->rho, "MLPBN_RMSPROP uses it"},
        {"eps", traits->uses_v, o->eps, defaults->eps, "all but MLPBN_SGD use it"},
        {"weight_decay", traits->decays_weights, o->weight_decay, defaults->weight_decay,
         "MLPBN_ADAMW uses it; for an L2 penalty set lambda of the loss options"},
        {"decay_kinds", traits->decays_weights, o->decay_kinds, defaults->decay_kinds,
         "MLPBN_ADAMW uses it; the loss options have penalty_kinds"},
    };
    for (size_t i = 0; i < MLPBN__LENGTH(rows); i++)
        if (!rows[i].is_used && rows[i].value != 0 &&
            rows[i].value != rows[i].default_value)
            return mlpbn__fail(
                MLPBN_EINVAL,
                "%s: it has no effect with this kind of optimizer, got %g: "
                "leave it at its default (%s)",
                rows[i].name, rows[i].value, rows[i].advice);
    if (traits->decays_weights && o->weight_decay != 0 && o->decay_kinds == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "decay_kinds: expected at least one bit, such as "
                           "MLPBN_KIND_BIT(MLPBN_WEIGHT), or weight_decay 0");
    return MLPBN_OK;
}

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

static mlpbn_status check_kind(mlpbn_optimizer_kind kind)
{
    if (kind >= MLPBN_SGD && kind < MLPBN__OPTIMIZER_KIND_END)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "optimizer: expected a kind of mlpbn_optimizer_kind "
                       "(mlpbn/optimizer.h), got %d",
                       (int)kind);
}

mlpbn_status mlpbn__check_optimizer_ranges(const mlpbn_optimizer_options *options,
                                           mlpbn_dtype dtype)
{
    RETURN_IF_ERROR(check_kind(options->kind));
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

mlpbn_status mlpbn__read_optimizer_options(mlpbn_optimizer_options *options,
                                           const mlpbn_optimizer_options *caller,
                                           mlpbn_dtype dtype)
{
    *options = optimizer_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_optimizer_options));
    RETURN_IF_ERROR(check_kind(options->kind));
    mlpbn_optimizer_options given = *options;
    if (options->learning_rate == MLPBN_DEFAULT_LEARNING_RATE)
        options->learning_rate = default_rates[options->kind];
    if (options->weight_decay == MLPBN_DEFAULT_WEIGHT_DECAY)
        options->weight_decay = DEFAULT_WEIGHT_DECAY;
    RETURN_IF_ERROR(mlpbn__check_optimizer_ranges(options, dtype));
    return check_all_have_effect(&given);
}
