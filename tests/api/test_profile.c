/* The profile of a workspace's time. */
#include "api_helpers.h"

#include <time.h>

enum { PHASES = MLPBN_PHASE_UPDATE + 1, STEPS = 200 };

static struct setup profiled_setup(mlpbn_dtype dtype, int threads)
{
    struct setup s = setup_default(dtype);
    s.workspace = api_create_workspace(
        s.network, &OPTIONS(workspace, .max_batch = SETUP_MAX, .mode = MLPBN_TRAIN,
                            .threads = threads, .profile = 1));
    return s;
}

static double seconds_of(const struct setup *s, int phase)
{
    double seconds;
    OK(mlpbn_workspace_seconds(&seconds, s->workspace, (mlpbn_phase)phase));
    return seconds;
}

/* The sum of all phases, of which just these take time. */
static double sum_of_phases(const struct setup *s, int first, int last)
{
    double sum = 0;
    for (int i = 0; i < PHASES; i++) {
        sum += seconds_of(s, i);
        ck_assert_int_eq(seconds_of(s, i) > 0, i >= first && i <= last);
    }
    return sum;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

TEST(phases_have_names_and_others_are_refused)
{
    const mlpbn_workspace *plain = setup_default(MLPBN_F32).workspace;
    const mlpbn_workspace *ws = profiled_setup(MLPBN_F32, 1).workspace;
    const mlpbn_phase first = MLPBN_PHASE_GATHER, before = (mlpbn_phase)-1,
                      beyond = (mlpbn_phase)PHASES;
    double seconds = 2.385;
    for (int i = 0; i < PHASES; i++) {
        ck_assert_ptr_nonnull(mlpbn_phase_name((mlpbn_phase)i));
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(mlpbn_phase_name((mlpbn_phase)i),
                             mlpbn_phase_name((mlpbn_phase)j));
    }
    ck_assert_ptr_null(mlpbn_phase_name((mlpbn_phase)PHASES));
    ck_assert_ptr_null(mlpbn_phase_name((mlpbn_phase)-1));
    INVALID("seconds|NULL", mlpbn_workspace_seconds(NULL, ws, first));
    INVALID("workspace|NULL", mlpbn_workspace_seconds(&seconds, NULL, first));
    INVALID("phase|-1", mlpbn_workspace_seconds(&seconds, ws, before));
    INVALID("phase|9", mlpbn_workspace_seconds(&seconds, ws, beyond));
    FAILS(MLPBN_ESTATE, "profile", mlpbn_workspace_seconds(&seconds, plain, first));
    ck_assert(seconds == (double)2.385);
}

/* Every phase takes some of the time, all together not more than passed. */
LOOP_DTYPE_TEST(a_step_is_accounted_for, 2)
{
    const struct setup s = profiled_setup(dtype, 1 + _i);
    ck_assert(sum_of_phases(&s, PHASES, PHASES) == 0);
    const double start = now();
    for (int step = 0; step < STEPS; step++)
        setup_step(&s, NULL);
    const double passed = now() - start;
    ck_assert(sum_of_phases(&s, 0, PHASES) <= passed);
}

/* What the caller does between forward, backward and step is in no phase. */
DTYPE_TEST(the_callers_time_is_not_counted)
{
    const struct setup s = profiled_setup(dtype, 1);
    const double pause = 0.2;
    double dy[SETUP_Y_SIZE] = {1.385}, sum = 0;
    setup_forward(&s);
    for (double start = now(); now() - start < pause;)
        ;
    OK(api_backward(s.network, s.workspace, SETUP_ROWS, dy, NULL));
    for (double start = now(); now() - start < pause;)
        ;
    OK(setup_update(&s));
    for (int i = 0; i < PHASES; i++)
        sum += seconds_of(&s, i);
    ck_assert(seconds_of(&s, MLPBN_PHASE_LOSS) == 0);
    ck_assert(sum > 0 && sum < pause);
}

/* A profile changes no bit. */
DTYPE_TEST(prediction_is_accounted_for)
{
    const struct setup s = profiled_setup(dtype, 1), other = setup_default(dtype);
    setup_predict(&s);
    sum_of_phases(&s, 0, MLPBN_PHASE_FORWARD_EPILOGUE);
    setup_evaluate(&s, NULL);
    sum_of_phases(&s, 0, MLPBN_PHASE_LOSS);
    setup_assert_equal(&s, &other);
}
