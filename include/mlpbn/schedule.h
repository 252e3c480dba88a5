/* Learning-rate schedules: constant, step, exponential, cosine, one-cycle, warm-up; and reduction
 * of the rate when a metric no longer improves. */
#ifndef MLPBN_SCHEDULE_H
#define MLPBN_SCHEDULE_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* A schedule: returns the learning rate of a step. Steps are updates of the parameters, and
 * count from 0. A program may write its own (examples/cyclic_lr.c is one):
 *
 *   mlpbn_cosine_schedule_options cosine = MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(0.1, 1000);
 *   double rate = mlpbn_cosine_schedule(&cosine, step);
 *   if (mlpbn_optimizer_set_learning_rate(optimizer, rate) || ...)
 *
 * The result depends on the arguments only, so that training can resume at any step, and any
 * number of threads may call it with the same options.
 *
 * options  those of the function; a schedule of the library needs its own struct, not NULL
 *
 * The result is NaN if the options are invalid: NULL, of a bad struct_size, or out of their
 * range (mlpbn_last_error tells which). With valid options the rates of the library are finite
 * and >= 0 for every step up to UINT64_MAX. Steps up to 2^53 are counted exactly; those beyond
 * are rounded to a double where a formula divides them. */
typedef double mlpbn_schedule(const void *options, uint64_t step);

/* The _INIT macros below take the options that have no default. The _init functions set these
 * to 0 or NULL, which a schedule refuses. They fail as others:
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */

/* --- Constant -------------------------------------------------------------------------- */

typedef struct mlpbn_constant_schedule_options {
    size_t struct_size;
    double learning_rate; /* finite, > 0 */
} mlpbn_constant_schedule_options;

#define MLPBN_CONSTANT_SCHEDULE_OPTIONS_INIT(learning_rate)                              \
    {                                                                                    \
        sizeof(mlpbn_constant_schedule_options), (learning_rate)                         \
    }

MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_constant_schedule_options_init(
    mlpbn_constant_schedule_options *options, size_t struct_size);

/* The rate is always learning_rate. */
MLPBN_API mlpbn_schedule mlpbn_constant_schedule;

/* --- Step decay ------------------------------------------------------------------------ */

typedef struct mlpbn_step_schedule_options {
    size_t struct_size;
    double learning_rate; /* of the first step_size steps; finite, > 0 */
    uint64_t step_size;   /* steps between two reductions, >= 1 */
    double gamma;         /* the factor of a reduction, in (0, 1]; default 0.1 */
} mlpbn_step_schedule_options;

#define MLPBN_STEP_SCHEDULE_OPTIONS_INIT(learning_rate, step_size)                       \
    {                                                                                    \
        sizeof(mlpbn_step_schedule_options), (learning_rate), MLPBN__STEPS(step_size),   \
            0.1                                                                          \
    }

MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_step_schedule_options_init(
    mlpbn_step_schedule_options *options, size_t struct_size);

/* Step decay, as PyTorch's StepLR: a staircase without end.
 *
 *   rate = learning_rate gamma^floor(step / step_size)
 */
MLPBN_API mlpbn_schedule mlpbn_step_schedule;

/* --- Exponential decay ----------------------------------------------------------------- */

typedef struct mlpbn_exponential_schedule_options {
    size_t struct_size;
    double learning_rate; /* of step 0; finite, > 0 */
    double gamma;         /* the factor from one step to the next, in (0, 1] */
} mlpbn_exponential_schedule_options;

#define MLPBN_EXPONENTIAL_SCHEDULE_OPTIONS_INIT(learning_rate, gamma)                    \
    {                                                                                    \
        sizeof(mlpbn_exponential_schedule_options), (learning_rate), (gamma)             \
    }

MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_exponential_schedule_options_init(
    mlpbn_exponential_schedule_options *options, size_t struct_size);

/* Exponential decay, as PyTorch's ExponentialLR; it has no end.
 *
 *   rate = learning_rate gamma^step
 */
MLPBN_API mlpbn_schedule mlpbn_exponential_schedule;

/* --- Cosine annealing, with warm restarts ---------------------------------------------- */

typedef struct mlpbn_cosine_schedule_options {
    size_t struct_size;
    double learning_rate; /* at the start of each cycle; finite, > 0 */
    uint64_t cycle_steps; /* T_0: steps of the first cycle, >= 1 */
    uint64_t
        cycle_multiplier; /* T_mult: each cycle is as many times longer; >= 1, default 1 */
    uint64_t cycles;      /* how many there are; 0 (default): without end */
    double
        min_rate; /* eta_min: at the end of a cycle; in [0, learning_rate]; default 0 */
} mlpbn_cosine_schedule_options;

#define MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(learning_rate, cycle_steps)                   \
    {                                                                                    \
        sizeof(mlpbn_cosine_schedule_options), (learning_rate),                          \
            MLPBN__STEPS(cycle_steps), 1, 0, 0                                           \
    }

MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_cosine_schedule_options_init(
    mlpbn_cosine_schedule_options *options, size_t struct_size);

/* Cosine annealing with warm restarts (Loshchilov and Hutter, 2017: SGDR, equation 5), as
 * PyTorch's CosineAnnealingWarmRestarts. Cycle i has T = cycle_steps cycle_multiplier^i steps;
 * in its step t = 0, ..., T - 1
 *
 *   rate = min_rate + (learning_rate - min_rate) (1 + cos(pi t / T)) / 2
 *
 * After the last of `cycles` cycles the rate is min_rate. With one cycle this is PyTorch's
 * CosineAnnealingLR, whose T_max is cycle_steps, up to step T_max; after it PyTorch's rate
 * rises again.
 */
MLPBN_API mlpbn_schedule mlpbn_cosine_schedule;

/* --- One-cycle ------------------------------------------------------------------------- */

/* How the rate goes from one value to another in a phase. x rises from 0 to 1. */
typedef enum mlpbn_annealing {
    MLPBN_ANNEAL_COSINE = 1, /* to + (from - to) (1 + cos(pi x)) / 2 */
    MLPBN_ANNEAL_LINEAR = 2  /* from + (to - from) x */
} mlpbn_annealing;

typedef struct mlpbn_one_cycle_schedule_options {
    size_t struct_size;
    double max_rate;      /* finite, > 0 */
    uint64_t total_steps; /* steps of the whole training, >= 1 */
    /* The part of the steps in which the rate rises; in [0, 1], with three_phase in [0, 0.5];
     * default 0.3. */
    double pct_start;
    /* The rate begins with first = max_rate / div_factor; finite, >= 1; default 25. */
    double div_factor;
    /* It ends with last = first / final_div_factor; finite, > 0, and so that last is at most
     * max_rate; default 1e4. */
    double final_div_factor;
    mlpbn_annealing annealing; /* default MLPBN_ANNEAL_COSINE */
    int three_phase;           /* 0 (default) or 1; see below */
} mlpbn_one_cycle_schedule_options;

#define MLPBN_ONE_CYCLE_SCHEDULE_OPTIONS_INIT(max_rate, total_steps)                     \
    {                                                                                    \
        sizeof(mlpbn_one_cycle_schedule_options), (max_rate), MLPBN__STEPS(total_steps), \
            0.3, 25, 1e4, MLPBN_ANNEAL_COSINE, 0                                         \
    }

MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_one_cycle_schedule_options_init(
    mlpbn_one_cycle_schedule_options *options, size_t struct_size);

/* The one-cycle policy (Smith and Topin, 2018: Super-Convergence), as PyTorch's OneCycleLR.
 * With up = pct_start total_steps - 1, phases end at these steps, which need not be integers:
 *
 *   three_phase 0   first to max_rate at up, to last at total_steps - 1
 *   three_phase 1   first to max_rate at up, to first at 2 up, to last at total_steps - 1
 *
 * The steps after total_steps - 1 have its rate, last; PyTorch refuses them. If up <= 0, step 0
 * has max_rate, and the next phase begins there (PyTorch divides by 0, or begins at up).
 */
MLPBN_API mlpbn_schedule mlpbn_one_cycle_schedule;

/* --- Linear warm-up -------------------------------------------------------------------- */

typedef struct mlpbn_warmup_schedule_options {
    size_t struct_size;
    uint64_t steps;           /* of the warm-up, >= 1 */
    mlpbn_schedule *schedule; /* follows; not NULL, and not a warm-up itself */
    const void *options;      /* of that schedule */
    double start_factor;      /* in [0, 1]; default 1/3 */
} mlpbn_warmup_schedule_options;

#define MLPBN_WARMUP_SCHEDULE_OPTIONS_INIT(steps, schedule, options)                     \
    {                                                                                    \
        sizeof(mlpbn_warmup_schedule_options), MLPBN__STEPS(steps), (schedule),          \
            (options), 1. / 3                                                            \
    }

MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_warmup_schedule_options_init(
    mlpbn_warmup_schedule_options *options, size_t struct_size);

/* Linear warm-up (Goyal et al., 2017, section 2.2) in front of another schedule, as PyTorch's
 * LinearLR in a SequentialLR. The rate rises to the first one of that schedule:
 *
 *   step < steps    schedule(options, 0) (start_factor + (1 - start_factor) step / steps)
 *   step >= steps   schedule(options, step - steps)
 *
 * If the schedule that follows returns NaN or an infinity, so does this one.
 */
MLPBN_API mlpbn_schedule mlpbn_warmup_schedule;

/* --- Reduction on a plateau ------------------------------------------------------------ */

/* What the metric is to be. */
typedef enum mlpbn_plateau_mode {
    MLPBN_PLATEAU_MIN = 1, /* small, as a loss */
    MLPBN_PLATEAU_MAX = 2  /* large, as an accuracy */
} mlpbn_plateau_mode;

/* By how much a metric must be better than the best one so far, to count as better. */
typedef enum mlpbn_threshold_mode {
    MLPBN_THRESHOLD_RELATIVE = 1, /* by threshold |best| */
    MLPBN_THRESHOLD_ABSOLUTE = 2  /* by threshold */
} mlpbn_threshold_mode;

typedef struct mlpbn_plateau_options {
    size_t struct_size;
    mlpbn_plateau_mode mode;             /* default MLPBN_PLATEAU_MIN */
    mlpbn_threshold_mode threshold_mode; /* default MLPBN_THRESHOLD_RELATIVE */
    double factor;                       /* of a reduction, in (0, 1); default 0.1 */
    uint64_t patience; /* bad epochs in a row that are tolerated; default 10 */
    double threshold;  /* finite, >= 0, and < 1 if it is relative; default 1e-4 */
    uint64_t cooldown; /* epochs after a reduction that do not count as bad; default 0 */
    double min_factor; /* the least state->factor, in [0, 1]; default 0 */
} mlpbn_plateau_options;

#define MLPBN_PLATEAU_OPTIONS_INIT                                                       \
    {                                                                                    \
        sizeof(mlpbn_plateau_options), MLPBN_PLATEAU_MIN, MLPBN_THRESHOLD_RELATIVE, 0.1, \
            10, 1e-4, 0, 0                                                               \
    }

MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_plateau_options_init(mlpbn_plateau_options *options, size_t struct_size);

/* What is known after some epochs. It has no pointers: a program may copy it, and keep it in
 * the state of a checkpoint. */
typedef struct mlpbn_plateau {
    size_t struct_size;
    double
        factor;  /* what learning rates are to be multiplied by; in [0, 1]; at first 1 */
    double best; /* the best metric; 0 before the first one */
    uint64_t bad_epochs;    /* since the last better metric, reduction or cooldown */
    uint64_t cooldown_left; /* epochs of a cooldown that are to come */
    uint64_t epochs;        /* updates so far */
} mlpbn_plateau;

#define MLPBN_PLATEAU_INIT                                                               \
    {                                                                                    \
        sizeof(mlpbn_plateau), 1, 0, 0, 0, 0                                             \
    }

MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_plateau_init(mlpbn_plateau *state,
                                                           size_t struct_size);

/* Reduces the learning rate when a metric no longer improves, as PyTorch's ReduceLROnPlateau.
 * To be called once an epoch. After more than `patience` bad epochs
 *
 *   state->factor = max(factor state->factor, min_factor)
 *
 * The caller multiplies by state->factor what a schedule or the caller sets as the rate:
 *
 *   rate = state.factor * mlpbn_cosine_schedule(&cosine, step)
 *
 * The least rate is thus min_factor times that rate, where PyTorch has the option min_lr; there
 * is no eps, the least reduction. A relative threshold is relative to |best|, so that it works
 * for negative metrics too; PyTorch's is so for positive ones only. An infinite metric is
 * compared as any number.
 *
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL      state is NULL or out of range, or an option is unknown or out of range
 * MLPBN_ENONFINITE  metric is NaN
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_plateau_update(
    mlpbn_plateau *state, const mlpbn_plateau_options *options, double metric);

MLPBN_END

#endif
