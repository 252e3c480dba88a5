/* Learning-rate schedules: the rates of PyTorch, written down by
 * tests/reference/torch_schedules.py; steps far away; errors. */
#include "api_helpers.h"

struct schedule_fixture {
    const char *name;
    mlpbn_schedule *schedule;
    const void *options;
    size_t n; /* steps */
    const double *rates;
};

/* The metric of an epoch, and the state after it. */
struct epoch {
    double metric, factor, best;
    uint64_t bad_epochs, cooldown_left;
};

struct plateau_fixture {
    const char *name;
    mlpbn_plateau_options options;
    size_t n; /* epochs */
    const struct epoch *epochs;
};

#include "../reference/schedule_fixtures.inc"

static const double TOLERANCE = 1e-14; /* relative */

static void assert_near(double got, double expected, size_t step)
{
    ck_assert_msg(fabs(got - expected) <= TOLERANCE * expected,
                  "%sstep %zu: %.17g instead of %.17g", api_case_name(), step, got,
                  expected);
}

/* Arguments are doubles, where an expression may have the precision of an x87. */
static void assert_equal(double got, double expected)
{
    ck_assert_msg(got == expected, "%.17g instead of %.17g", got, expected);
}

/* --- PyTorch ------------------------------------------------------------------------- */

/* With MLPBN_REFERENCE_TABLE, prints the largest difference. */
LOOP_TEST(rates_agree_with_pytorch, LENGTH(schedules))
{
    const struct schedule_fixture *f = &schedules[_i];
    double worst = 0;
    api_case(f->name, "");
    for (size_t step = 0; step < f->n; step++) {
        const double rate = f->schedule(f->options, step);
        assert_near(rate, f->rates[step], step);
        worst = fmax(worst, fabs(rate - f->rates[step]) / f->rates[step]);
    }
    if (getenv("MLPBN_REFERENCE_TABLE"))
        printf("schedule\t%s\t%.1e\n", f->name, worst);
}

LOOP_TEST(plateaus_agree_with_pytorch, LENGTH(plateaus))
{
    const struct plateau_fixture *f = &plateaus[_i];
    mlpbn_plateau state = MLPBN_PLATEAU_INIT;
    double worst = 0;
    api_case(f->name, "");
    for (size_t i = 0; i < f->n; i++) {
        const struct epoch *e = &f->epochs[i];
        OK(mlpbn_plateau_update(&state, &f->options, e->metric));
        assert_near(state.factor, e->factor, i);
        ck_assert_msg(state.best == e->best, "%sepoch %zu: best %g", f->name, i,
                      state.best);
        ck_assert_uint_eq(state.bad_epochs, e->bad_epochs);
        ck_assert_uint_eq(state.cooldown_left, e->cooldown_left);
        ck_assert_uint_eq(state.epochs, i + 1);
        worst = fmax(worst, fabs(state.factor - e->factor) / e->factor);
    }
    if (getenv("MLPBN_REFERENCE_TABLE"))
        printf("schedule\t%s\t%.1e\n", f->name, worst);
}

/* --- Steps far away ------------------------------------------------------------------ */

static const uint64_t far_steps[] = {(uint64_t)1 << 31, ((uint64_t)1 << 53) - 1,
                                     (uint64_t)1 << 53, (uint64_t)1 << 63,
                                     UINT64_MAX - 1,    UINT64_MAX};

LOOP_TEST(rates_are_finite_at_every_step, LENGTH(schedules))
{
    const struct schedule_fixture *f = &schedules[_i];
    for (size_t i = 0; i < LENGTH(far_steps); i++) {
        const double rate = f->schedule(f->options, far_steps[i]);
        ck_assert_msg(isfinite(rate) && rate >= 0, "%s: %g", f->name, rate);
    }
}

/* Whole cycles of step / length are counted without rounding. */
TEST(far_steps_are_exact)
{
    const uint64_t far = (uint64_t)1 << 52;
    mlpbn_step_schedule_options stairs = MLPBN_STEP_SCHEDULE_OPTIONS_INIT(0.02385, far);
    mlpbn_cosine_schedule_options cosine = MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(0.02385, 7);
    stairs.gamma = 0.5;
    assert_equal(mlpbn_step_schedule(&stairs, far - 1), 0.02385);
    assert_equal(mlpbn_step_schedule(&stairs, far), 0.02385 / 2);
    assert_equal(mlpbn_step_schedule(&stairs, 2 * far - 1), 0.02385 / 2);
    assert_equal(mlpbn_step_schedule(&stairs, 2 * far), 0.02385 / 4);
    for (uint64_t t = 0; t < 7; t++)
        assert_equal(mlpbn_cosine_schedule(&cosine, t),
                     mlpbn_cosine_schedule(&cosine, 7 * far + t));
    /* Cycle i begins at step 7 (2^i - 1), and i = 60 is the last one below 2^63. */
    cosine.cycle_multiplier = 2;
    for (int i = 0; i <= 60; i++) {
        const uint64_t length = (uint64_t)7 << i, begin = length - 7;
        assert_equal(mlpbn_cosine_schedule(&cosine, begin), 0.02385);
        assert_near(mlpbn_cosine_schedule(&cosine, begin + length / 2),
                    i == 0 ? 0.02385 * (1 + cos(acos(-1) * 3 / 7)) / 2 : 0.02385 / 2,
                    (size_t)i);
    }
}

/* A length of a cycle that overflows is not wrapped around. */
TEST(the_longest_cycles)
{
    mlpbn_cosine_schedule_options cosine =
        MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(0.02385, (uint64_t)1 << 40);
    cosine.cycle_multiplier = (uint64_t)1 << 26; /* the second one has 2^66 steps */
    ck_assert(mlpbn_cosine_schedule(&cosine, (uint64_t)1 << 39) < 0.01193);
    assert_equal(mlpbn_cosine_schedule(&cosine, (uint64_t)1 << 40), 0.02385);
    assert_near(mlpbn_cosine_schedule(&cosine, ((uint64_t)1 << 40) + ((uint64_t)1 << 63)),
                0.02385 * (1 + cos(acos(-1) / 8)) / 2, 0);
    cosine.cycles = 1;
    assert_equal(mlpbn_cosine_schedule(&cosine, UINT64_MAX), 0);
    cosine.cycle_steps = cosine.cycle_multiplier = UINT64_MAX;
    assert_near(mlpbn_cosine_schedule(&cosine, (uint64_t)1 << 63), 0.02385 / 2, 0);
    assert_equal(mlpbn_cosine_schedule(&cosine, UINT64_MAX), 0);
}

/* --- Ends of cycles ------------------------------------------------------------------ */

TEST(the_cosine_stays_at_its_end)
{
    mlpbn_cosine_schedule_options cosine = MLPBN_COSINE_SCHEDULE_OPTIONS_INIT(0.02385, 7);
    cosine.min_rate = 0.00173;
    cosine.cycles = 2;
    assert_equal(mlpbn_cosine_schedule(&cosine, 0), 0.02385);
    assert_equal(mlpbn_cosine_schedule(&cosine, 7), 0.02385);
    ck_assert(mlpbn_cosine_schedule(&cosine, 13) > 0.00173);
    assert_equal(mlpbn_cosine_schedule(&cosine, 14), 0.00173);
    assert_equal(mlpbn_cosine_schedule(&cosine, 21), 0.00173);
    cosine.cycle_multiplier = 3; /* 7 and 21 steps */
    ck_assert(mlpbn_cosine_schedule(&cosine, 27) > 0.00173);
    assert_equal(mlpbn_cosine_schedule(&cosine, 28), 0.00173);
    assert_equal(mlpbn_cosine_schedule(&cosine, UINT64_MAX), 0.00173);
}

/* At both ends and at the top rates are exact; with every pct_start they are finite. */
LOOP_TEST(one_cycle_from_end_to_end, 8)
{
    static const double parts[] = {0, 0.0385, 0.25, 0.5};
    const uint64_t totals[] = {1, 2, 8, 40};
    const int is_linear = _i % 2, three_phase = _i / 2 % 2;
    mlpbn_one_cycle_schedule_options o = MLPBN_ONE_CYCLE_SCHEDULE_OPTIONS_INIT(0.5, 40);
    const double last = o.max_rate / o.div_factor / o.final_div_factor;
    o.annealing = is_linear ? MLPBN_ANNEAL_LINEAR : MLPBN_ANNEAL_COSINE;
    o.three_phase = three_phase;
    for (size_t p = 0; p < LENGTH(parts); p++)
        for (size_t n = 0; n < LENGTH(totals); n++) {
            const double up = parts[p] * (double)totals[n] - 1;
            const uint64_t top = up > 0 ? (uint64_t)up : 0;
            o.pct_start = parts[p];
            o.total_steps = totals[n];
            for (uint64_t step = 0; step < totals[n]; step++) {
                const double rate = mlpbn_one_cycle_schedule(&o, step);
                ck_assert(rate >= last * (1 - TOLERANCE) && rate <= o.max_rate);
            }
            if (up <= 0 || up == (double)top)
                assert_equal(mlpbn_one_cycle_schedule(&o, top), o.max_rate);
            if (up > 0)
                assert_equal(mlpbn_one_cycle_schedule(&o, 0), o.max_rate / o.div_factor);
            if (totals[n] > 1)
                assert_equal(mlpbn_one_cycle_schedule(&o, totals[n] - 1), last);
            assert_equal(mlpbn_one_cycle_schedule(&o, UINT64_MAX),
                         mlpbn_one_cycle_schedule(&o, totals[n] - 1));
        }
}

TEST(one_cycle_may_end_at_the_top)
{
    mlpbn_one_cycle_schedule_options o = MLPBN_ONE_CYCLE_SCHEDULE_OPTIONS_INIT(0.5, 9);
    o.pct_start = 1;
    ck_assert(mlpbn_one_cycle_schedule(&o, 7) < 0.5);
    assert_equal(mlpbn_one_cycle_schedule(&o, 8), 0.5);
    assert_equal(mlpbn_one_cycle_schedule(&o, 99), 0.5);
    o.final_div_factor = 1. / o.div_factor; /* the last rate is the highest one, too */
    o.pct_start = 0.385;
    assert_equal(mlpbn_one_cycle_schedule(&o, 8), 0.5);
}

/* --- What follows a warm-up ---------------------------------------------------------- */

/* A schedule of a program: its options are the rate. */
static double given_rate(const void *options, uint64_t step)
{
    return *(const double *)options + (double)step;
}

TEST(any_schedule_may_follow_a_warmup)
{
    double rate = 2.385;
    mlpbn_warmup_schedule_options o =
        MLPBN_WARMUP_SCHEDULE_OPTIONS_INIT(4, given_rate, &rate);
    mlpbn_schedule *const schedule = mlpbn_warmup_schedule;
    o.start_factor = 0;
    assert_equal(schedule(&o, 0), 0);
    assert_equal(schedule(&o, 1), 2.385 / 4);
    assert_equal(schedule(&o, 4), 2.385);
    assert_equal(schedule(&o, 7), 2.385 + 3);
    rate = HUGE_VAL;
    assert_equal(schedule(&o, 0), HUGE_VAL);
    rate = API_NAN;
    ck_assert(isnan(schedule(&o, 0)));
    ck_assert(isnan(schedule(&o, 4)));
}

/* --- Errors (more are in test_structs.c) --------------------------------------------- */

/* The schedule returns NaN, and mlpbn_last_error() has these words. */
#define REFUSES(words, schedule, options)                                                \
    do {                                                                                 \
        ck_assert(isnan(schedule(options, 3)));                                          \
        ck_assert_msg(api_mentions(mlpbn_last_error(), words), "\"%s\"",                 \
                      mlpbn_last_error());                                               \
    } while (0)

TEST(null_is_refused)
{
    mlpbn_plateau state = MLPBN_PLATEAU_INIT;
    REFUSES("mlpbn_constant_schedule_options|NULL", mlpbn_constant_schedule, NULL);
    REFUSES("mlpbn_step_schedule_options|NULL", mlpbn_step_schedule, NULL);
    REFUSES("mlpbn_exponential_schedule_options|NULL", mlpbn_exponential_schedule, NULL);
    REFUSES("mlpbn_cosine_schedule_options|NULL", mlpbn_cosine_schedule, NULL);
    REFUSES("mlpbn_one_cycle_schedule_options|NULL", mlpbn_one_cycle_schedule, NULL);
    REFUSES("mlpbn_warmup_schedule_options|NULL", mlpbn_warmup_schedule, NULL);
    INVALID("mlpbn_plateau|NULL", mlpbn_plateau_update(NULL, NULL, 2.385));
    OK(mlpbn_plateau_update(&state, NULL, 2.385));
}

TEST(bad_schedules_after_a_warmup_are_refused)
{
    mlpbn_warmup_schedule_options o = MLPBN_WARMUP_SCHEDULE_OPTIONS_INIT(4, NULL, NULL);
    mlpbn_constant_schedule_options constant = MLPBN_CONSTANT_SCHEDULE_OPTIONS_INIT(-1);
    REFUSES("schedule|NULL", mlpbn_warmup_schedule, &o);
    o.schedule = mlpbn_constant_schedule;
    REFUSES("mlpbn_constant_schedule_options|NULL", mlpbn_warmup_schedule, &o);
    o.options = &constant;
    REFUSES("learning_rate|-1", mlpbn_warmup_schedule, &o);
    o.steps = 2; /* the step is behind the warm-up */
    REFUSES("learning_rate|-1", mlpbn_warmup_schedule, &o);
    o.schedule = mlpbn_warmup_schedule;
    o.options = &o;
    REFUSES("mlpbn_warmup_schedule", mlpbn_warmup_schedule, &o);
}

TEST(options_that_do_not_go_together_are_refused)
{
    mlpbn_one_cycle_schedule_options o = MLPBN_ONE_CYCLE_SCHEDULE_OPTIONS_INIT(0.5, 40);
    mlpbn_plateau_options plateau = MLPBN_PLATEAU_OPTIONS_INIT;
    mlpbn_plateau state = MLPBN_PLATEAU_INIT;
    o.pct_start = 0.5625;
    ck_assert(mlpbn_one_cycle_schedule(&o, 3) > 0);
    o.three_phase = 1;
    REFUSES("pct_start|0.5|0.5625", mlpbn_one_cycle_schedule, &o);
    plateau.threshold = 2.385;
    INVALID("threshold|2.385", mlpbn_plateau_update(&state, &plateau, 1));
    plateau.threshold_mode = MLPBN_THRESHOLD_ABSOLUTE;
    OK(mlpbn_plateau_update(&state, &plateau, 1));
}

TEST(bad_updates_of_a_plateau_change_nothing)
{
    mlpbn_plateau state = MLPBN_PLATEAU_INIT, before;
    OK(mlpbn_plateau_update(&state, NULL, 2.385));
    before = state;
    NONFINITE("metric|nan", mlpbn_plateau_update(&state, NULL, API_NAN));
    api_assert_same(&state, &before, sizeof state, "state");
    state.best = API_NAN;
    INVALID("best|nan", mlpbn_plateau_update(&state, NULL, 2.385));
    state = before;
    state.factor = 1.0625;
    INVALID("factor|1.0625", mlpbn_plateau_update(&state, NULL, 2.385));
    state.factor = API_NAN;
    INVALID("factor|nan", mlpbn_plateau_update(&state, NULL, 2.385));
}

/* --- Plateaus of other metrics than PyTorch's ---------------------------------------- */

/* Whether the second metric counts as better than the first. */
static int is_better(mlpbn_plateau_mode mode, double first, double second)
{
    mlpbn_plateau_options options = MLPBN_PLATEAU_OPTIONS_INIT;
    mlpbn_plateau state = MLPBN_PLATEAU_INIT;
    options.mode = mode;
    options.threshold = 0.125;
    OK(mlpbn_plateau_update(&state, &options, first));
    OK(mlpbn_plateau_update(&state, &options, second));
    return state.bad_epochs == 0;
}

TEST(thresholds_of_negative_and_infinite_metrics)
{
    const mlpbn_plateau_mode min = MLPBN_PLATEAU_MIN, max = MLPBN_PLATEAU_MAX;
    ck_assert(is_better(min, -8, -9.25) && !is_better(min, -8, -8.75));
    ck_assert(is_better(max, -8, -6.75) && !is_better(max, -8, -7.25));
    ck_assert(is_better(min, 8, 6.75) && !is_better(min, 8, 7.25));
    ck_assert(is_better(max, 8, 9.25) && !is_better(max, 8, 8.75));
    ck_assert(is_better(min, 0, -1e-9) && is_better(max, 0, 1e-9));
    ck_assert(is_better(min, HUGE_VAL, 1e300) && is_better(max, -HUGE_VAL, -1e300));
    ck_assert(is_better(min, 1, -HUGE_VAL) && !is_better(min, -HUGE_VAL, 1));
    ck_assert(is_better(max, 1, HUGE_VAL) && !is_better(max, DBL_MAX, DBL_MAX));
}

/* Counters at their ends do not wrap around. */
TEST(endless_patience)
{
    mlpbn_plateau_options options = MLPBN_PLATEAU_OPTIONS_INIT;
    mlpbn_plateau state = MLPBN_PLATEAU_INIT;
    options.patience = options.cooldown = UINT64_MAX;
    state.bad_epochs = state.epochs = UINT64_MAX;
    OK(mlpbn_plateau_update(&state, &options, 2.385));
    assert_equal(state.factor, 0.1);
    ck_assert(state.cooldown_left == UINT64_MAX);
    OK(mlpbn_plateau_update(&state, &options, 2.385));
    assert_equal(state.factor, 0.1);
    ck_assert(state.cooldown_left == UINT64_MAX - 1);
    ck_assert(state.bad_epochs == 0 && state.epochs == UINT64_MAX);
}
