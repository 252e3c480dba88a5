/* The account of a workspace's time. */
#include "api_reference.h"

#include <time.h>

enum { PHASES = MLPBN_PHASE_UPDATE + 1, STEPS = 200 };

static mlpbn_workspace *timed_workspace(const mlpbn_network *network, int threads)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *workspace;
    options.max_batch = WORLD_MAX;
    options.threads = threads;
    options.profile = 1;
    OK(mlpbn_workspace_create(&workspace, network, &options));
    return workspace;
}

static double seconds_of(const mlpbn_workspace *workspace, mlpbn_phase phase)
{
    double seconds;
    OK(mlpbn_workspace_seconds(&seconds, workspace, phase));
    return seconds;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

START_TEST(phases_have_names)
{
    for (int i = 0; i < PHASES; i++) {
        ck_assert_ptr_nonnull(mlpbn_phase_name((mlpbn_phase)i));
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(mlpbn_phase_name((mlpbn_phase)i),
                             mlpbn_phase_name((mlpbn_phase)j));
    }
    ck_assert_ptr_null(mlpbn_phase_name((mlpbn_phase)PHASES));
    ck_assert_ptr_null(mlpbn_phase_name((mlpbn_phase)-1));
}
END_TEST

START_TEST(seconds_refuse_bad_arguments)
{
    struct world w;
    double seconds = 2.385;
    world_make(&w, MLPBN_F32);
    mlpbn_workspace *timed = timed_workspace(w.network, 1);
    FAILS(MLPBN_EINVAL, "seconds|NULL",
          mlpbn_workspace_seconds(NULL, timed, MLPBN_PHASE_GATHER));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_workspace_seconds(&seconds, NULL, MLPBN_PHASE_GATHER));
    FAILS(MLPBN_EINVAL, "phase|-1",
          mlpbn_workspace_seconds(&seconds, timed, (mlpbn_phase)-1));
    FAILS(MLPBN_EINVAL, "phase|9",
          mlpbn_workspace_seconds(&seconds, timed, (mlpbn_phase)PHASES));
    FAILS(MLPBN_ESTATE, "profile",
          mlpbn_workspace_seconds(&seconds, w.workspace, MLPBN_PHASE_GATHER));
    ck_assert(seconds == 2.385);
    mlpbn_workspace_destroy(timed);
    world_free(&w);
}
END_TEST

/* Every phase takes some of the time, all together not more than passed. */
START_TEST(a_step_is_accounted_for)
{
    static const int threads[] = {1, 2};
    struct world w;
    double sum = 0;
    world_make(&w, api_dtypes[_i % 2]);
    mlpbn_workspace *timed = timed_workspace(w.network, threads[_i / 2]);
    for (int i = 0; i < PHASES; i++)
        ck_assert(seconds_of(timed, (mlpbn_phase)i) == 0);
    double start = now();
    for (int s = 0; s < STEPS; s++)
        OK(mlpbn_train_step(w.network, w.optimizer, timed, &w.data.rows, NULL, NULL));
    double passed = now() - start;
    for (int i = 0; i < PHASES; i++) {
        ck_assert(seconds_of(timed, (mlpbn_phase)i) > 0);
        sum += seconds_of(timed, (mlpbn_phase)i);
    }
    ck_assert(sum <= passed);
    mlpbn_workspace_destroy(timed);
    world_free(&w);
}
END_TEST

/* What the caller does between the calls of a step taken apart is nobody's time. */
START_TEST(the_callers_time_is_not_counted)
{
    struct world w;
    double y[WORLD_ROWS * WORLD_OUTPUTS], dy[WORLD_ROWS * WORLD_OUTPUTS] = {1.385};
    const double pause = 0.2;
    world_make(&w, api_dtypes[_i]);
    mlpbn_workspace *timed = timed_workspace(w.network, 1);
    double sum = 0;
    OK(api_forward(w.network, timed, &w.data.rows, y));
    for (double start = now(); now() - start < pause;)
        ;
    OK(api_backward(w.network, timed, WORLD_ROWS, dy, NULL));
    for (double start = now(); now() - start < pause;)
        ;
    OK(mlpbn_optimizer_step(w.optimizer, w.network, timed));
    for (int i = 0; i < PHASES; i++)
        sum += seconds_of(timed, (mlpbn_phase)i);
    ck_assert(seconds_of(timed, MLPBN_PHASE_LOSS) == 0);
    ck_assert(sum > 0 && sum < pause);
    mlpbn_workspace_destroy(timed);
    world_free(&w);
}
END_TEST

START_TEST(prediction_is_accounted_for)
{
    struct world w;
    mlpbn_metrics metrics = api_metrics();
    double y[WORLD_ROWS * WORLD_OUTPUTS];
    world_make(&w, api_dtypes[_i]);
    mlpbn_workspace *timed = timed_workspace(w.network, 1);
    OK(api_predict(w.network, timed, &w.data.rows, y));
    for (int i = 0; i < PHASES; i++)
        ck_assert((seconds_of(timed, (mlpbn_phase)i) > 0) ==
                  (i <= MLPBN_PHASE_FORWARD_EPILOGUE));
    OK(mlpbn_evaluate(w.network, timed, &w.data.rows, NULL, &metrics));
    for (int i = 0; i < PHASES; i++)
        ck_assert((seconds_of(timed, (mlpbn_phase)i) > 0) == (i <= MLPBN_PHASE_LOSS));
    mlpbn_workspace_destroy(timed);
    world_free(&w);
}
END_TEST

START_TEST(an_account_changes_no_bit)
{
    struct world timed, other;
    world_make(&timed, api_dtypes[_i]);
    world_make(&other, api_dtypes[_i]);
    mlpbn_workspace_destroy(timed.workspace);
    timed.workspace = timed_workspace(timed.network, 1);
    world_assert_twins(&timed, &other);
    world_free(&timed);
    world_free(&other);
}
END_TEST

Suite *timing_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("profile", &tests);
    tcase_add_test(tests, phases_have_names);
    tcase_add_test(tests, seconds_refuse_bad_arguments);
    tcase_add_loop_test(tests, a_step_is_accounted_for, 0, 2 * N_DTYPES);
    tcase_add_loop_test(tests, the_callers_time_is_not_counted, 0, N_DTYPES);
    tcase_add_loop_test(tests, prediction_is_accounted_for, 0, N_DTYPES);
    tcase_add_loop_test(tests, an_account_changes_no_bit, 0, N_DTYPES);
    return suite;
}
