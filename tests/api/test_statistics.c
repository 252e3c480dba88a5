/* Running statistics that are frozen in training, or computed anew over a data set. */
#include "api_reference.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 23, INPUTS = 6, OUTPUTS = 3, MAX_BATCH = 5 };

static const mlpbn_batchnorm_options unbiased = MLPBN_BATCHNORM_PYTORCH_INIT;
static const mlpbn_batchnorm_options after = {
    sizeof(mlpbn_batchnorm_options), 2.385e-5, 0.9, 0, 1, 0, 1, 0};

static const struct recipe shapes[] = {
    {.inputs = INPUTS, .units = {8, 5, OUTPUTS}, .batchnorm = 7},
    {.inputs = INPUTS, .units = {8, 5, OUTPUTS}, .batchnorm = 2, .no_bias = 1},
    {.inputs = INPUTS, .units = {8, OUTPUTS}, .batchnorm = 1, .dropout = 0.385},
    {.inputs = INPUTS,
     .units = {8, 5, OUTPUTS},
     .batchnorm = 1,
     .batchnorm_options = &unbiased,
     .hidden = MLPBN_GELU},
    {.inputs = INPUTS,
     .units = {8, 5, OUTPUTS},
     .batchnorm = 3,
     .batchnorm_options = &after,
     .hidden = MLPBN_TANH},
};

/* Shape _i / 2 in dtype _i % 2. */
static mlpbn_network *network_of(int i)
{
    struct recipe recipe = shapes[i / N_DTYPES];
    recipe.dtype = api_dtypes[i % N_DTYPES];
    return api_network(&recipe);
}

/* --- Computed anew ------------------------------------------------------------------ */

/* Over a single batch of all rows, training normalizes by just these statistics, if divided
 * by n; so where prediction divides by n - 1, only the first layer's can be compared. */
static void check_statistics(const mlpbn_network *network, const struct reference *all,
                             int is_unbiased)
{
    const double factor = is_unbiased ? (double)ROWS / (ROWS - 1) : 1;
    for (size_t l = 0; l < mlpbn_network_layers(network); l++) {
        size_t n;
        double *mean = api_tensor(network, l, MLPBN_RUNNING_MEAN, &n);
        double *var = api_tensor(network, l, MLPBN_RUNNING_VAR, NULL);
        for (size_t u = 0; mean && u < n; u++) {
            const double scale = 1 + fabs(all->mean[l][u]) + all->var[l][u];
            const double tolerance = scale * reference_tolerance(network);
            api_assert_near(mean[u], all->mean[l][u], tolerance, "mean");
            api_assert_near(var[u], factor * all->var[l][u], tolerance, "variance");
        }
        free(mean);
        free(var);
    }
}

static void assert_only_statistics_changed(mlpbn_network *network, mlpbn_network *before)
{
    for (size_t t = 0; t < mlpbn_network_tensors(network); t++) {
        const mlpbn_tensor tensor = api_describe(network, t);
        double *now = api_tensor(network, tensor.layer, tensor.kind, NULL);
        double *then = api_tensor(before, tensor.layer, tensor.kind, NULL);
        const size_t size = tensor.rows * tensor.columns * sizeof *now;
        if (tensor.is_parameter)
            api_assert_same(now, then, size, tensor.name);
        else
            ck_assert(memcmp(now, then, size) != 0);
        free(now);
        free(then);
    }
    ck_assert_uint_eq(mlpbn_network_steps(network), mlpbn_network_steps(before));
}

START_TEST(statistics_are_those_of_all_rows)
{
    struct data data;
    mlpbn_network *network = network_of(_i), *before;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    data_make(&data, MLPBN_U8, ROWS, INPUTS, OUTPUTS, 43);
    OK(mlpbn_network_fit_standardization(network, &data.rows));
    OK(mlpbn_network_clone(&before, network, mlpbn_network_dtype(network)));
    struct reference all = reference_run(network, &data.rows, REFERENCE_TRAIN);
    const int is_unbiased = shapes[_i / N_DTYPES].batchnorm_options == &unbiased;
    options.max_batch = MAX_BATCH;
    for (mlpbn_mode mode = MLPBN_TRAIN; mode <= MLPBN_PREDICT; mode++) {
        mlpbn_workspace *workspace;
        options.mode = mode;
        OK(mlpbn_network_copy(network, before));
        OK(mlpbn_workspace_create(&workspace, network, &options));
        OK(mlpbn_recompute_statistics(network, workspace, &data.rows));
        check_statistics(network, &all, is_unbiased);
        assert_only_statistics_changed(network, before);
        mlpbn_workspace_destroy(workspace);
    }
    reference_free(&all);
    data_free(&data);
    mlpbn_network_destroy(network);
    mlpbn_network_destroy(before);
}
END_TEST

/* Far from 0, in many batches: nothing is lost that the numbers hold. */
START_TEST(statistics_far_from_zero)
{
    enum { N = 300 };
    const struct recipe recipe = {
        .dtype = MLPBN_F64, .inputs = 1, .units = {1}, .batchnorm = 1, .no_bias = 1};
    double x[N], one = 1;
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, 7, 1);
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, N, 1);
    long double mean = 0, var = 0;
    for (size_t i = 0; i < N; i++) {
        x[i] = 1e6 + api_number(17, i);
        mean += ((long double)x[i] - 1e6L) / N;
    }
    for (size_t i = 0; i < N; i++)
        var += powl((long double)x[i] - 1e6L - mean, 2) / N;
    OK(mlpbn_network_set_f64(network, 0, &one, 1));
    OK(mlpbn_recompute_statistics(network, workspace, &rows));
    double *got_mean = api_tensor(network, 0, MLPBN_RUNNING_MEAN, NULL);
    double *got_var = api_tensor(network, 0, MLPBN_RUNNING_VAR, NULL);
    api_assert_near(*got_mean, (double)(1e6L + mean), 2.385e-10, "mean");
    api_assert_near(*got_var, (double)var, 1e-9, "variance");
    free(got_mean);
    free(got_var);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(recompute_refuses_bad_arguments)
{
    struct world w, other;
    world_make(&w, api_dtypes[_i]);
    world_make(&other, api_dtypes[_i]);
    mlpbn_rows rows = w.data.rows;
    struct snapshot before = snapshot_take(w.network);
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_recompute_statistics(NULL, w.workspace, &rows));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_recompute_statistics(w.network, NULL, &rows));
    FAILS(MLPBN_EINVAL, "rows|NULL",
          mlpbn_recompute_statistics(w.network, w.workspace, NULL));
    FAILS(MLPBN_EMISMATCH, "workspace",
          mlpbn_recompute_statistics(w.network, other.workspace, &rows));
    rows.n = 1;
    FAILS(MLPBN_EBATCH, "2|1", mlpbn_recompute_statistics(w.network, w.workspace, &rows));
    rows.n = WORLD_ROWS;
    rows.columns--;
    FAILS(MLPBN_ESHAPE, "columns",
          mlpbn_recompute_statistics(w.network, w.workspace, &rows));
    rows.columns++;
    api_store(w.data.x, rows.dtype, 7, API_NAN);
    FAILS(MLPBN_ENONFINITE, "row 1",
          mlpbn_recompute_statistics(w.network, w.workspace, &rows));
    snapshot_assert(&before, w.network, "after refusals");
    snapshot_free(&before);
    world_free(&other);
    world_free(&w);
}
END_TEST

/* The second layer's input overflows in the rows of the last batch: the first layer's new
 * statistics are not kept either. */
START_TEST(recompute_is_all_or_nothing)
{
    struct data data;
    mlpbn_network *network = network_of(1); /* in f64 */
    mlpbn_workspace *workspace = api_workspace(network, MAX_BATCH, 1);
    const size_t weight = api_find(network, 1, MLPBN_WEIGHT);
    double huge[8 * 5];
    data_make(&data, MLPBN_F64, ROWS, INPUTS, OUTPUTS, 43);
    for (size_t i = 0; i < LENGTH(huge); i++)
        huge[i] = 1.385e308;
    OK(mlpbn_network_set_f64(network, weight, huge, LENGTH(huge)));
    struct snapshot before = snapshot_take(network);
    FAILS(MLPBN_ENONFINITE, "layer 1",
          mlpbn_recompute_statistics(network, workspace, &data.rows));
    snapshot_assert(&before, network, "after an overflow");
    snapshot_free(&before);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(without_batchnorm_there_is_nothing_to_do)
{
    const struct recipe recipe = {.dtype = MLPBN_F32, .inputs = INPUTS, .units = {3}};
    struct data data;
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, MAX_BATCH, 1);
    data_make(&data, MLPBN_F64, ROWS, INPUTS, OUTPUTS, 43);
    struct snapshot before = snapshot_take(network);
    OK(mlpbn_recompute_statistics(network, workspace, &data.rows));
    snapshot_assert(&before, network, "without batchnorm");
    snapshot_free(&before);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* --- Frozen ------------------------------------------------------------------------- */

/* Training passes give what prediction does, but for dropout; and the gradient is right. */
START_TEST(frozen_statistics_are_constants)
{
    struct data data;
    double trained[ROWS * OUTPUTS], predicted[ROWS * OUTPUTS];
    mlpbn_network *network = network_of(_i);
    mlpbn_workspace *workspace = api_workspace(network, ROWS, 1);
    mlpbn_gradcheck_report *report;
    data_make(&data, MLPBN_F32, ROWS, INPUTS, OUTPUTS, 43);
    OK(mlpbn_network_freeze_statistics(network, MLPBN_ALL_LAYERS, 1));
    if (shapes[_i / N_DTYPES].dropout == 0) {
        OK(api_predict(network, workspace, &data.rows, predicted));
        OK(api_forward(network, workspace, &data.rows, trained));
        api_assert_close(trained, predicted, ROWS * OUTPUTS,
                         8 * reference_tolerance(network), "frozen forward");
    }
    OK(mlpbn_gradcheck(&report, network, &data.rows, NULL, NULL));
    for (size_t i = 0; i < mlpbn_gradcheck_results(report); i++) {
        mlpbn_gradcheck_result r = MLPBN_GRADCHECK_RESULT_INIT;
        OK(mlpbn_gradcheck_get(&r, report, i));
        ck_assert_msg(r.passed, "%s: error %g", r.name, r.relative_error);
    }
    mlpbn_gradcheck_destroy(report);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

static void assert_statistics_same(const mlpbn_network *network,
                                   const mlpbn_network *before, size_t l, int same)
{
    size_t n;
    double *now = api_tensor(network, l, MLPBN_RUNNING_VAR, &n);
    double *then = api_tensor(before, l, MLPBN_RUNNING_VAR, NULL);
    ck_assert((memcmp(now, then, n * sizeof *now) == 0) == same);
    free(now);
    free(then);
}

static const mlpbn_batchnorm *batchnorm_of(const mlpbn_network *network, size_t l)
{
    return mlpbn_layer_batchnorm(mlpbn_network_layer(network, l));
}

START_TEST(a_step_leaves_frozen_statistics_alone)
{
    struct data data;
    mlpbn_network *network = network_of(_i), *before; /* the first shape */
    mlpbn_workspace *workspace = api_workspace(network, ROWS, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, 0.0385, 0.9, 0);
    data_make(&data, MLPBN_F32, ROWS, INPUTS, OUTPUTS, 43);
    OK(mlpbn_network_freeze_statistics(network, 1, 1));
    OK(mlpbn_network_clone(&before, network, api_dtypes[_i]));
    ck_assert_int_eq(mlpbn_batchnorm_frozen(batchnorm_of(before, 0)), 0);
    ck_assert_int_eq(mlpbn_batchnorm_frozen(batchnorm_of(before, 1)), 1);

    OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, NULL, NULL));
    assert_statistics_same(network, before, 0, 0);
    assert_statistics_same(network, before, 1, 1);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(batchnorm_of(network, 0)), 1);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(batchnorm_of(network, 1)), 0);

    OK(mlpbn_network_freeze_statistics(network, 1, 0));
    OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, NULL, NULL));
    assert_statistics_same(network, before, 1, 0);
    OK(mlpbn_network_copy(network, before));
    ck_assert_int_eq(mlpbn_batchnorm_frozen(batchnorm_of(network, 1)), 1);
    data_free(&data);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
    mlpbn_network_destroy(before);
}
END_TEST

/* Frozen, a network can train on a single row; with one layer let go it cannot. */
START_TEST(a_single_row_is_enough_for_frozen_ones)
{
    struct world w;
    world_make(&w, api_dtypes[_i]);
    w.data.rows.n = 1;
    OK(mlpbn_network_freeze_statistics(w.network, MLPBN_ALL_LAYERS, 1));
    OK(mlpbn_train_step(w.network, w.optimizer, w.workspace, &w.data.rows, NULL, NULL));
    OK(mlpbn_network_freeze_statistics(w.network, MLPBN_ALL_LAYERS, 0));
    FAILS(
        MLPBN_EBATCH, "2 rows",
        mlpbn_train_step(w.network, w.optimizer, w.workspace, &w.data.rows, NULL, NULL));
    world_free(&w);
}
END_TEST

START_TEST(freeze_refuses_bad_arguments)
{
    struct world w;
    world_make(&w, api_dtypes[_i]);
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_freeze_statistics(NULL, 0, 1));
    FAILS(MLPBN_EINVAL, "layer|2|MLPBN_ALL_LAYERS",
          mlpbn_network_freeze_statistics(w.network, 2, 1));
    FAILS(MLPBN_EINVAL, "batchnorm|layer 1",
          mlpbn_network_freeze_statistics(w.network, 1, 1));
    FAILS(MLPBN_EINVAL, "frozen|2", mlpbn_network_freeze_statistics(w.network, 0, 2));
    ck_assert_int_eq(mlpbn_batchnorm_frozen(batchnorm_of(w.network, 0)), 0);
    world_free(&w);
}
END_TEST

Suite *statistics_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("statistics", &tests);
    const int all = LENGTH(shapes) * N_DTYPES;
    tcase_add_loop_test(tests, statistics_are_those_of_all_rows, 0, all);
    tcase_add_test(tests, statistics_far_from_zero);
    tcase_add_loop_test(tests, recompute_refuses_bad_arguments, 0, N_DTYPES);
    tcase_add_test(tests, recompute_is_all_or_nothing);
    tcase_add_test(tests, without_batchnorm_there_is_nothing_to_do);
    tcase_add_loop_test(tests, frozen_statistics_are_constants, 0, all);
    tcase_add_loop_test(tests, a_step_leaves_frozen_statistics_alone, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_single_row_is_enough_for_frozen_ones, 0, N_DTYPES);
    tcase_add_loop_test(tests, freeze_refuses_bad_arguments, 0, N_DTYPES);
    return suite;
}
