/* Prediction and evaluation. */
#include "api_reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const mlpbn_batchnorm_options after = {sizeof after, 0.0385, 0.9, 0, 1, 1, 1, 0},
                                     plain = {sizeof plain, 1e-5, 0.9, 0, 1, 0, 0, 0};

static const struct recipe shapes[] = {
    {.inputs = 1, .units = {1}},
    {.inputs = 5, .units = {3}, .no_bias = 1},
    {.inputs = 5, .units = {3}, .batchnorm = 1, .last_relu = 1},
    {.inputs = 17, .units = {13, 7}, .batchnorm = 1, .no_bias = 1},
    {.inputs = 9, .units = {16, 8, 33, 5}, .batchnorm = 7},
    {.inputs = 64, .units = {32, 16, 10}},
    {.inputs = 9, .units = {16, 5}, .batchnorm = 3, .batchnorm_options = &after},
    {.inputs = 9, .units = {16, 5}, .batchnorm = 3, .batchnorm_options = &plain},
    {.inputs = 9, .units = {16, 5}, .hidden = MLPBN_LEAKY_RELU, .last = MLPBN_SIGMOID},
    {.inputs = 9, .units = {16, 5}, .hidden = MLPBN_ELU, .last = MLPBN_SOFTMAX},
    {.inputs = 9, .units = {16, 5}, .hidden = MLPBN_SELU, .last = MLPBN_SOFTPLUS},
    {.inputs = 9,
     .units = {16, 5},
     .hidden = MLPBN_TANH,
     .last = MLPBN_SILU,
     .batchnorm = 3},
    {.inputs = 9, .units = {16, 5}, .hidden = MLPBN_GELU, .last = MLPBN_GELU_TANH},
    {.inputs = 131, .units = {67, 35, 1, 2, 10}, .batchnorm = 21},
};
static const size_t batches[] = {1, 2, 7, 16, 33};
enum { MAX_BATCH = 33 };

static mlpbn_workspace *predicting_workspace(const mlpbn_network *network,
                                             size_t max_batch)
{
    mlpbn_workspace_options options;
    mlpbn_workspace *workspace;
    OK(mlpbn_workspace_options_init(&options, sizeof options));
    options.max_batch = max_batch;
    options.mode = MLPBN_PREDICT;
    OK(mlpbn_workspace_create(&workspace, network, &options));
    return workspace;
}

/* --- Outputs ------------------------------------------------------------------------ */

static void check_outputs(const mlpbn_network *network, mlpbn_workspace *workspace,
                          size_t n)
{
    struct data data;
    const size_t size = n * mlpbn_network_outputs(network);
    double *y = api_alloc(size, sizeof *y);

    data_make(&data, MLPBN_F32, n, mlpbn_network_inputs(network),
              mlpbn_network_outputs(network), 100 + n);
    struct reference expected = reference_run(network, &data.rows, REFERENCE_PREDICT);
    OK(api_predict(network, workspace, &data.rows, y));
    api_assert_close(y, expected.y, size,
                     reference_tolerance(network) * (1 + api_largest(expected.y, size)),
                     "y");
    reference_free(&expected);
    data_free(&data);
    free(y);
}

START_TEST(outputs_are_those_of_plain_loops)
{
    for (size_t d = 0; d < N_DTYPES; d++) {
        struct recipe recipe = shapes[_i];
        recipe.dtype = api_dtypes[d];
        mlpbn_network *network = api_network(&recipe);
        mlpbn_workspace *training = api_workspace(network, MAX_BATCH, 1);
        mlpbn_workspace *predicting = predicting_workspace(network, MAX_BATCH);
        struct snapshot before = snapshot_take(network);
        for (size_t b = 0; b < LENGTH(batches); b++) {
            check_outputs(network, training, batches[b]);
            check_outputs(network, predicting, batches[b]);
        }
        snapshot_assert(&before, network, "prediction");
        snapshot_free(&before);
        mlpbn_workspace_destroy(training);
        mlpbn_workspace_destroy(predicting);
        mlpbn_network_destroy(network);
    }
}
END_TEST

/* The same call twice, and in workspaces of either mode and another size: the same
 * bits. */
START_TEST(outputs_do_not_depend_on_the_workspace)
{
    struct world world;
    const size_t size = WORLD_ROWS * WORLD_OUTPUTS;
    double first[WORLD_ROWS * WORLD_OUTPUTS] = {0}, y[WORLD_ROWS * WORLD_OUTPUTS] = {0};

    world_make(&world, api_dtypes[_i]);
    const mlpbn_rows *rows = &world.data.rows;
    mlpbn_workspace *other = predicting_workspace(world.network, 4 * WORLD_MAX);
    OK(api_predict(world.network, world.workspace, rows, first));
    OK(mlpbn_gradient(world.network, world.workspace, rows, NULL, NULL));
    OK(api_predict(world.network, world.workspace, rows, y));
    api_assert_same(y, first, size * sizeof *y, "y of the same workspace");
    OK(api_predict(world.network, other, rows, y));
    api_assert_same(y, first, size * sizeof *y, "y of another workspace");
    mlpbn_workspace_destroy(other);
    world_free(&world);
}
END_TEST

/* Rows of the network's own type may be read where they are, others are gathered first: the
 * same bits, at any address and stride, and a bad number is named all the same. */
START_TEST(rows_have_the_same_outputs_wherever_they_are)
{
    enum { N = 9, INPUTS = 96, STRIDE = 99, OUTPUTS = 3 };
    struct recipe recipe = {.inputs = INPUTS, .units = {7, OUTPUTS}, .batchnorm = 1};
    recipe.dtype = api_dtypes[_i];
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = predicting_workspace(network, N);
    size_t size = recipe.dtype == MLPBN_F32 ? sizeof(float) : sizeof(double);
    static const size_t index[N] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    double y[N * OUTPUTS] = {0}, expected[N * OUTPUTS] = {0};
    char *block = api_alloc(N * STRIDE * size + 16, 1);
    for (size_t offset = 0; offset < 16; offset++) {
        char *data = block + offset;
        for (size_t i = 0; i < N * STRIDE; i++) {
            double number = sin(0.385 * (double)i);
            float single = (float)number;
            memcpy(data + i * size, size == 4 ? (void *)&single : (void *)&number, size);
        }
        mlpbn_rows rows = MLPBN_ROWS_INIT(data, recipe.dtype, N, INPUTS);
        rows.stride = STRIDE;
        rows.n_data = N;
        OK(api_predict(network, workspace, &rows, y));
        rows.index = index;
        OK(api_predict(network, workspace, &rows, expected));
        api_assert_same(y, expected, sizeof y, "y of rows where they are");
        rows.index = NULL;
        memset(data + (7 * STRIDE + 61) * size, 0xff, size); /* a NaN */
        FAILS(MLPBN_ENONFINITE, "in row 7, column 61",
              api_predict(network, workspace, &rows, y));
    }
    free(block);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* More rows than the library takes at once: each has the bits that it has alone, and a bad
 * one among the last leaves all of y as it was. */
START_TEST(many_rows_are_predicted_as_one)
{
    enum { MANY = 391, CULPRIT = 385 };
    struct world w, other;
    struct data data;
    static double y[MANY * WORLD_OUTPUTS], alone[WORLD_OUTPUTS],
        kept[MANY * WORLD_OUTPUTS];
    world_make(&w, api_dtypes[_i % N_DTYPES]);
    world_make(&other, api_dtypes[_i % N_DTYPES]);
    mlpbn_workspace_destroy(w.workspace);
    w.workspace = _i < (int)N_DTYPES ? predicting_workspace(w.network, MANY)
                                     : api_workspace(w.network, MANY, 2);
    data_make(&data, MLPBN_F64, MANY, WORLD_INPUTS, WORLD_OUTPUTS, 2385);
    OK(api_predict(w.network, w.workspace, &data.rows, y));
    for (size_t i = 0; i < MANY; i++) {
        mlpbn_rows row = data.rows;
        row.index = &i;
        row.n_data = MANY;
        row.n = 1;
        OK(api_predict(other.network, other.workspace, &row, alone));
        api_assert_same(y + i * WORLD_OUTPUTS, alone, sizeof alone, "y of a row alone");
    }
    memcpy(kept, y, sizeof y);
    ((double *)data.x)[CULPRIT * WORLD_INPUTS + 1] = (double)NAN;
    ((double *)data.x)[7] = 2.385; /* would change the first rows */
    FAILS(MLPBN_ENONFINITE, "385|column 1",
          api_predict(w.network, w.workspace, &data.rows, y));
    api_assert_same(y, kept, sizeof y, "y after a failure");
    if (_i >= (int)N_DTYPES)
        world_assert_twins(&w, &other);
    data_free(&data);
    world_free(&w);
    world_free(&other);
}
END_TEST

/* --- Evaluation --------------------------------------------------------------------- */

static mlpbn_metrics evaluated(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, const mlpbn_loss_options *options)
{
    mlpbn_metrics metrics = api_metrics();
    OK(mlpbn_evaluate(network, workspace, rows, options, &metrics));
    return metrics;
}

/* The mean of single calls, each of at most max_batch rows, weighted by their rows. */
static mlpbn_metrics evaluated_in_pieces(const mlpbn_network *network,
                                         mlpbn_workspace *workspace,
                                         const mlpbn_rows *rows,
                                         const mlpbn_loss_options *options,
                                         size_t max_batch)
{
    size_t *index = api_alloc(rows->n, sizeof *index);
    mlpbn_metrics sum = api_metrics();
    mlpbn_rows piece = *rows;

    for (size_t i = 0; i < rows->n; i++)
        index[i] = rows->index ? rows->index[i] : i;
    piece.n_data = rows->n_data ? rows->n_data : rows->n;
    for (size_t begin = 0; begin < rows->n; begin += piece.n) {
        piece.n = rows->n - begin < max_batch ? rows->n - begin : max_batch;
        piece.index = index + begin;
        const mlpbn_metrics metrics = evaluated(network, workspace, &piece, options);
        const double weight = (double)piece.n / (double)rows->n;
        sum.n += metrics.n;
        sum.loss += weight * metrics.loss;
        sum.cost += weight * metrics.cost;
        sum.correct += metrics.correct;
    }
    sum.accuracy = (double)sum.correct / (double)sum.n;
    free(index);
    return sum;
}

static void check_evaluation(const struct world *world, const mlpbn_rows *rows,
                             mlpbn_loss loss)
{
    const mlpbn_loss_options options = api_loss_options(loss, 0.0385);
    const mlpbn_metrics got = evaluated(world->network, world->workspace, rows, &options);
    const mlpbn_metrics expected =
        evaluated_in_pieces(world->network, world->workspace, rows, &options, WORLD_MAX);
    /* The same losses of rows, summed in double in another order. */
    const double tolerance =
        (double)rows->n * api_epsilon(MLPBN_F64) * (1 + expected.loss + expected.cost);

    ck_assert_uint_eq(got.n, rows->n);
    ck_assert_uint_eq(got.correct, expected.correct);
    ck_assert(got.accuracy == expected.accuracy);
    api_assert_near(got.loss, expected.loss, tolerance, "loss");
    api_assert_near(got.cost, expected.cost, tolerance, "cost");
}

START_TEST(evaluation_takes_any_number_of_rows)
{
    enum { MANY = 5 * WORLD_MAX + 1 }; /* a last piece of one row */
    struct world world;
    struct data data;
    size_t index[2 * MANY];

    world_make(&world, api_dtypes[_i]);
    data_make(&data, MLPBN_F32, MANY, WORLD_INPUTS, WORLD_OUTPUTS, 83);
    check_evaluation(&world, &data.rows, MLPBN_SOFTMAX_CROSS_ENTROPY);
    check_evaluation(&world, &data.rows, MLPBN_MEAN_SQUARED_ERROR);

    for (size_t i = 0; i < LENGTH(index); i++)
        index[i] = i * 17 % MANY;
    data.rows.n = LENGTH(index);
    data.rows.n_data = MANY;
    data.rows.index = index;
    check_evaluation(&world, &data.rows, MLPBN_SOFTMAX_CROSS_ENTROPY);
    check_evaluation(&world, &data.rows, MLPBN_MEAN_SQUARED_ERROR);
    data_free(&data);
    world_free(&world);
}
END_TEST

/* An error in the last piece, after all others were computed, leaves metrics alone. */
START_TEST(evaluation_is_all_or_nothing)
{
    enum { MANY = 3 * WORLD_MAX };
    struct world world;
    struct data data;
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;

    world_make(&world, api_dtypes[_i]);
    data_make(&data, MLPBN_F32, MANY, WORLD_INPUTS, WORLD_OUTPUTS, 83);
    data.labels[MANY - 1] = 3;
    FAILS(MLPBN_ELABEL, "label|3|23",
          mlpbn_evaluate(world.network, world.workspace, &data.rows, NULL, &metrics));
    data.labels[MANY - 1] = 2;
    api_store(data.x, MLPBN_F32, MANY * WORLD_INPUTS - 1, API_NAN);
    FAILS(MLPBN_ENONFINITE, "23",
          mlpbn_evaluate(world.network, world.workspace, &data.rows, NULL, &metrics));
    api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
    data_free(&data);
    world_free(&world);
}
END_TEST

START_TEST(evaluation_changes_nothing)
{
    struct world world, untouched;
    world_make(&world, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);
    mlpbn_workspace *predicting = predicting_workspace(world.network, 3);

    const mlpbn_metrics first =
        evaluated(world.network, world.workspace, &world.data.rows, NULL);
    const mlpbn_metrics again =
        evaluated(world.network, world.workspace, &world.data.rows, NULL);
    const mlpbn_metrics small =
        evaluated(world.network, predicting, &world.data.rows, NULL);
    api_assert_same(&again, &first, sizeof first, "metrics");
    ck_assert_uint_eq(small.correct, first.correct);
    world_assert_twins(&world, &untouched);
    mlpbn_workspace_destroy(predicting);
    world_free(&world);
    world_free(&untouched);
}
END_TEST

/* --- Errors (bad views are in test_rows.c) ------------------------------------------ */

START_TEST(null_is_refused)
{
    struct world w;
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;
    float y[WORLD_ROWS * WORLD_OUTPUTS] = {2.385F};

    world_make(&w, MLPBN_F32);
    const mlpbn_rows *rows = &w.data.rows;
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_predict_f32(NULL, w.workspace, rows, y));
    FAILS(MLPBN_EINVAL, "workspace|NULL", mlpbn_predict_f32(w.network, NULL, rows, y));
    FAILS(MLPBN_EINVAL, "rows|NULL", mlpbn_predict_f32(w.network, w.workspace, NULL, y));
    FAILS(MLPBN_EINVAL, "y|NULL", mlpbn_predict_f32(w.network, w.workspace, rows, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_evaluate(NULL, w.workspace, rows, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_evaluate(w.network, NULL, rows, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "rows|NULL",
          mlpbn_evaluate(w.network, w.workspace, NULL, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "metrics|NULL",
          mlpbn_evaluate(w.network, w.workspace, rows, NULL, NULL));
    ck_assert(y[0] == 2.385F && y[1] == 0);
    api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
    world_free(&w);
}
END_TEST

START_TEST(null_is_refused_in_f64)
{
    struct world w;
    double y[WORLD_ROWS * WORLD_OUTPUTS] = {2.385};

    world_make(&w, MLPBN_F64);
    const mlpbn_rows *rows = &w.data.rows;
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_predict_f64(NULL, w.workspace, rows, y));
    FAILS(MLPBN_EINVAL, "workspace|NULL", mlpbn_predict_f64(w.network, NULL, rows, y));
    FAILS(MLPBN_EINVAL, "rows|NULL", mlpbn_predict_f64(w.network, w.workspace, NULL, y));
    FAILS(MLPBN_EINVAL, "y|NULL", mlpbn_predict_f64(w.network, w.workspace, rows, NULL));
    ck_assert(y[0] == 2.385 && y[1] == 0);
    world_free(&w);
}
END_TEST

START_TEST(the_other_dtype_is_refused)
{
    struct world f32, f64;
    float floats[WORLD_ROWS * WORLD_OUTPUTS] = {2.385F};
    double doubles[WORLD_ROWS * WORLD_OUTPUTS] = {2.385};

    world_make(&f32, MLPBN_F32);
    world_make(&f64, MLPBN_F64);
    FAILS(MLPBN_EDTYPE, "f32|f64",
          mlpbn_predict_f32(f64.network, f64.workspace, &f64.data.rows, floats));
    FAILS(MLPBN_EDTYPE, "f32|f64",
          mlpbn_predict_f64(f32.network, f32.workspace, &f32.data.rows, doubles));
    ck_assert(floats[0] == 2.385F && floats[1] == 0);
    ck_assert(doubles[0] == 2.385 && doubles[1] == 0);
    world_free(&f32);
    world_free(&f64);
}
END_TEST

Suite *predict_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("predict", &tests);
    tcase_add_loop_test(tests, outputs_are_those_of_plain_loops, 0, LENGTH(shapes));
    tcase_add_loop_test(tests, rows_have_the_same_outputs_wherever_they_are, 0, N_DTYPES);
    tcase_add_loop_test(tests, many_rows_are_predicted_as_one, 0, 2 * N_DTYPES);
    tcase_add_loop_test(tests, outputs_do_not_depend_on_the_workspace, 0, N_DTYPES);
    tcase_add_loop_test(tests, evaluation_takes_any_number_of_rows, 0, N_DTYPES);
    tcase_add_loop_test(tests, evaluation_is_all_or_nothing, 0, N_DTYPES);
    tcase_add_loop_test(tests, evaluation_changes_nothing, 0, N_DTYPES);
    tcase_add_test(tests, null_is_refused);
    tcase_add_test(tests, null_is_refused_in_f64);
    tcase_add_test(tests, the_other_dtype_is_refused);
    return suite;
}
