/* The options of learning-rate schedules: defaults and ranges. */
#include "api/options.h"

#include "api/check.h"

#include <math.h>

static const mlpbn_constant_schedule_options constant_defaults =
    MLPBN_CONSTANT_SCHEDULE_OPTIONS_INIT(0);
static const mlpbn_step_schedule_options step_defaults =
    MLPBN_STEP_SCHEDULE_OPTIONS_INIT(0, 0);
static const mlpbn_exponential_schedule_options exponential_defaults =
    MLPBN_EXPONENTIAL_SCHEDULE_OPTIONS_INIT(0, 0);
static const mlpbn_cosine_schedule_options cosine_defaults =
    MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(0, 0);
static const mlpbn_one_cycle_schedule_options one_cycle_defaults =
    MLPBN_ONE_CYCLE_SCHEDULE_OPTIONS_INIT(0, 0);
static const mlpbn_warmup_schedule_options warmup_defaults =
    MLPBN_WARMUP_SCHEDULE_OPTIONS_INIT(0, NULL, NULL);
static const mlpbn_plateau_options plateau_defaults = MLPBN_PLATEAU_OPTIONS_INIT;
static const mlpbn_plateau plateau_state = MLPBN_PLATEAU_INIT;

DEFINE_INIT(mlpbn_constant_schedule_options, mlpbn_constant_schedule_options_init,
            constant_defaults)
DEFINE_INIT(mlpbn_step_schedule_options, mlpbn_step_schedule_options_init, step_defaults)
DEFINE_INIT(mlpbn_exponential_schedule_options, mlpbn_exponential_schedule_options_init,
            exponential_defaults)
DEFINE_INIT(mlpbn_cosine_schedule_options, mlpbn_cosine_schedule_options_init,
            cosine_defaults)
DEFINE_INIT(mlpbn_one_cycle_schedule_options, mlpbn_one_cycle_schedule_options_init,
            one_cycle_defaults)
DEFINE_INIT(mlpbn_warmup_schedule_options, mlpbn_warmup_schedule_options_init,
            warmup_defaults)
DEFINE_INIT(mlpbn_plateau_options, mlpbn_plateau_options_init, plateau_defaults)
DEFINE_INIT(mlpbn_plateau, mlpbn_plateau_init, plateau_state)

/* --- Checks of one option ---------------------------------------------------------------- */

static mlpbn_status check_positive(double value, const char *name)
{
    if (value > 0 && isfinite(value))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL, "%s: expected a finite number above 0, got %g", name,
                       value);
}

static mlpbn_status check_in_range(double value, double max, const char *name)
{
    if (value >= 0 && value <= max)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL, "%s: expected a number in [0, %g], got %g", name,
                       max, value);
}

static mlpbn_status check_gamma(double gamma)
{
    if (gamma > 0 && gamma <= 1)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL, "gamma: expected a number in (0, 1], got %g", gamma);
}

static mlpbn_status check_steps(uint64_t steps, const char *name)
{
    if (steps > 0)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL, "%s: expected at least 1, got 0", name);
}

/* An enumerator of a type that has the values 1 and 2. */
static mlpbn_status check_one_of_two(int value, const char *name, const char *type)
{
    if (value == 1 || value == 2)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL, "%s: expected one of %s (mlpbn/schedule.h), got %d",
                       name, type, value);
}

/* --- Schedules --------------------------------------------------------------------------- */

mlpbn_status
mlpbn__read_constant_schedule_options(mlpbn_constant_schedule_options *options,
                                      const void *caller)
{
    *options = constant_defaults;
    RETURN_IF_ERROR(mlpbn__struct_read(options, sizeof *options, caller,
                                       "mlpbn_constant_schedule_options"));
    return check_positive(options->learning_rate, "learning_rate");
}

mlpbn_status mlpbn__read_step_schedule_options(mlpbn_step_schedule_options *options,
                                               const void *caller)
{
    *options = step_defaults;
    RETURN_IF_ERROR(mlpbn__struct_read(options, sizeof *options, caller,
                                       "mlpbn_step_schedule_options"));
    RETURN_IF_ERROR(check_positive(options->learning_rate, "learning_rate"));
    RETURN_IF_ERROR(check_steps(options->step_size, "step_size"));
    return check_gamma(options->gamma);
}

mlpbn_status
mlpbn__read_exponential_schedule_options(mlpbn_exponential_schedule_options *options,
                                         const void *caller)
{
    *options = exponential_defaults;
    RETURN_IF_ERROR(mlpbn__struct_read(options, sizeof *options, caller,
                                       "mlpbn_exponential_schedule_options"));
    RETURN_IF_ERROR(check_positive(options->learning_rate, "learning_rate"));
    return check_gamma(options->gamma);
}

mlpbn_status mlpbn__read_cosine_schedule_options(mlpbn_cosine_schedule_options *options,
                                                 const void *caller)
{
    *options = cosine_defaults;
    RETURN_IF_ERROR(mlpbn__struct_read(options, sizeof *options, caller,
                                       "mlpbn_cosine_schedule_options"));
    RETURN_IF_ERROR(check_positive(options->learning_rate, "learning_rate"));
    RETURN_IF_ERROR(check_steps(options->cycle_steps, "cycle_steps"));
    RETURN_IF_ERROR(check_steps(options->cycle_multiplier, "cycle_multiplier"));
    return check_in_range(options->min_rate, options->learning_rate, "min_rate");
}

/* The last rate must be at most max_rate. */
static mlpbn_status check_final_div_factor(double final_div_factor, double div_factor)
{
    RETURN_IF_ERROR(check_positive(final_div_factor, "final_div_factor"));
    if (final_div_factor * div_factor >= 1)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "final_div_factor: expected at least 1 / div_factor = %g, "
                       "got %g",
                       1 / div_factor, final_div_factor);
}

mlpbn_status
mlpbn__read_one_cycle_schedule_options(mlpbn_one_cycle_schedule_options *options,
                                       const void *caller)
{
    *options = one_cycle_defaults;
    RETURN_IF_ERROR(mlpbn__struct_read(options, sizeof *options, caller,
                                       "mlpbn_one_cycle_schedule_options"));
    RETURN_IF_ERROR(check_positive(options->max_rate, "max_rate"));
    RETURN_IF_ERROR(check_steps(options->total_steps, "total_steps"));
    RETURN_IF_ERROR(mlpbn__check_flag(options->three_phase, "three_phase"));
    RETURN_IF_ERROR(
        check_in_range(options->pct_start, options->three_phase ? 0.5 : 1, "pct_start"));
    RETURN_IF_ERROR(mlpbn__check_at_least(options->div_factor, 1, "div_factor"));
    RETURN_IF_ERROR(
        check_final_div_factor(options->final_div_factor, options->div_factor));
    return check_one_of_two((int)options->annealing, "annealing", "mlpbn_annealing");
}

mlpbn_status mlpbn__read_warmup_schedule_options(mlpbn_warmup_schedule_options *options,
                                                 const void *caller)
{
    *options = warmup_defaults;
    RETURN_IF_ERROR(mlpbn__struct_read(options, sizeof *options, caller,
                                       "mlpbn_warmup_schedule_options"));
    RETURN_IF_ERROR(check_steps(options->steps, "steps"));
    if (!options->schedule)
        return mlpbn__fail(MLPBN_EINVAL, "schedule: expected a function, got NULL");
    /* A warm-up could follow itself, without end. */
    if (options->schedule == mlpbn_warmup_schedule)
        return mlpbn__fail(MLPBN_EINVAL,
                           "schedule: expected one that follows the warm-up, got "
                           "mlpbn_warmup_schedule");
    return check_in_range(options->start_factor, 1, "start_factor");
}

/* --- Reduction on a plateau -------------------------------------------------------------- */

mlpbn_status mlpbn__read_plateau_options(mlpbn_plateau_options *options,
                                         const mlpbn_plateau_options *caller)
{
    *options = plateau_defaults;
    RETURN_IF_ERROR(READ_OVER_DEFAULTS(options, caller, mlpbn_plateau_options));
    RETURN_IF_ERROR(check_one_of_two((int)options->mode, "mode", "mlpbn_plateau_mode"));
    RETURN_IF_ERROR(check_one_of_two((int)options->threshold_mode, "threshold_mode",
                                     "mlpbn_threshold_mode"));
    if (!(options->factor > 0 && options->factor < 1))
        return mlpbn__fail(MLPBN_EINVAL, "factor: expected a number in (0, 1), got %g",
                           options->factor);
    RETURN_IF_ERROR(mlpbn__check_at_least(options->threshold, 0, "threshold"));
    if (options->threshold_mode == MLPBN_THRESHOLD_RELATIVE && options->threshold >= 1)
        return mlpbn__fail(MLPBN_EINVAL,
                           "threshold: expected a number below 1, since it is "
                           "relative, got %g",
                           options->threshold);
    return check_in_range(options->min_factor, 1, "min_factor");
}

mlpbn_status mlpbn__read_plateau(mlpbn_plateau *state, const mlpbn_plateau *caller)
{
    *state = plateau_state;
    RETURN_IF_ERROR(mlpbn__struct_read(state, sizeof *state, caller, "mlpbn_plateau"));
    if (isnan(state->best))
        return mlpbn__fail(MLPBN_EINVAL,
                           "mlpbn_plateau: best: expected a number, got nan");
    return check_in_range(state->factor, 1, "factor");
}
