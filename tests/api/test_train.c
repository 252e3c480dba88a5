/* Training: calls in the right and in the wrong order, and that the ways to the same step
 * are the same. Gradients themselves are in test_gradient.c. */
#include "api_reference.h"

#include <stdlib.h>
#include <string.h>

enum { N_Y = WORLD_ROWS * WORLD_OUTPUTS };

/* --- What is refused ---------------------------------------------------------------- */

START_TEST(null_is_refused)
{
    struct world w, untouched;
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;

    world_make(&w, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);
    const mlpbn_rows *rows = &w.data.rows;
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_gradient(NULL, w.workspace, rows, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_gradient(w.network, NULL, rows, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "rows|NULL",
          mlpbn_gradient(w.network, w.workspace, NULL, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_train_step(NULL, w.optimizer, w.workspace, rows, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "optimizer|NULL",
          mlpbn_train_step(w.network, NULL, w.workspace, rows, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_train_step(w.network, w.optimizer, NULL, rows, NULL, &metrics));
    FAILS(MLPBN_EINVAL, "rows|NULL",
          mlpbn_train_step(w.network, w.optimizer, w.workspace, NULL, NULL, &metrics));
    OK(mlpbn_gradient(w.network, w.workspace, rows, NULL, NULL));
    FAILS(MLPBN_EINVAL, "optimizer|NULL",
          mlpbn_optimizer_step(NULL, w.network, w.workspace));
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_optimizer_step(w.optimizer, NULL, w.workspace));
    FAILS(MLPBN_EINVAL, "workspace|NULL",
          mlpbn_optimizer_step(w.optimizer, w.network, NULL));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_commit_statistics(NULL, w.workspace));
    FAILS(MLPBN_EINVAL, "workspace|NULL", mlpbn_commit_statistics(w.network, NULL));
    api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

START_TEST(null_is_refused_in_pieces)
{
    struct world w;
    float y[N_Y] = {2.385F}, dx[WORLD_ROWS * WORLD_INPUTS] = {2.385F};

    world_make(&w, MLPBN_F32);
    const mlpbn_rows *rows = &w.data.rows;
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_forward_f32(NULL, w.workspace, rows, y));
    FAILS(MLPBN_EINVAL, "workspace|NULL", mlpbn_forward_f32(w.network, NULL, rows, y));
    FAILS(MLPBN_EINVAL, "rows|NULL", mlpbn_forward_f32(w.network, w.workspace, NULL, y));
    FAILS(MLPBN_EINVAL, "y|NULL", mlpbn_forward_f32(w.network, w.workspace, rows, NULL));
    ck_assert(y[0] == 2.385F && y[1] == 0);
    OK(mlpbn_forward_f32(w.network, w.workspace, rows, y));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_backward_f32(NULL, w.workspace, y, dx));
    FAILS(MLPBN_EINVAL, "workspace|NULL", mlpbn_backward_f32(w.network, NULL, y, dx));
    FAILS(MLPBN_EINVAL, "dy|NULL", mlpbn_backward_f32(w.network, w.workspace, NULL, dx));
    ck_assert(dx[0] == 2.385F && dx[1] == 0);
    world_free(&w);
}
END_TEST

START_TEST(null_is_refused_in_pieces_in_f64)
{
    struct world w;
    double y[N_Y] = {2.385}, dx[WORLD_ROWS * WORLD_INPUTS] = {2.385};

    world_make(&w, MLPBN_F64);
    const mlpbn_rows *rows = &w.data.rows;
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_forward_f64(NULL, w.workspace, rows, y));
    FAILS(MLPBN_EINVAL, "workspace|NULL", mlpbn_forward_f64(w.network, NULL, rows, y));
    FAILS(MLPBN_EINVAL, "rows|NULL", mlpbn_forward_f64(w.network, w.workspace, NULL, y));
    FAILS(MLPBN_EINVAL, "y|NULL", mlpbn_forward_f64(w.network, w.workspace, rows, NULL));
    ck_assert(y[0] == 2.385 && y[1] == 0);
    OK(mlpbn_forward_f64(w.network, w.workspace, rows, y));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_backward_f64(NULL, w.workspace, y, dx));
    FAILS(MLPBN_EINVAL, "workspace|NULL", mlpbn_backward_f64(w.network, NULL, y, dx));
    FAILS(MLPBN_EINVAL, "dy|NULL", mlpbn_backward_f64(w.network, w.workspace, NULL, dx));
    ck_assert(dx[0] == 2.385 && dx[1] == 0);
    world_free(&w);
}
END_TEST

START_TEST(the_other_dtype_is_refused)
{
    struct world f32, f64;
    float floats[N_Y] = {2.385F};
    double doubles[N_Y] = {2.385}, y[N_Y] = {0};

    world_make(&f32, MLPBN_F32);
    world_make(&f64, MLPBN_F64);
    FAILS(MLPBN_EDTYPE, "f32|f64",
          mlpbn_forward_f32(f64.network, f64.workspace, &f64.data.rows, floats));
    FAILS(MLPBN_EDTYPE, "f32|f64",
          mlpbn_forward_f64(f32.network, f32.workspace, &f32.data.rows, doubles));
    OK(api_forward(f64.network, f64.workspace, &f64.data.rows, y));
    FAILS(MLPBN_EDTYPE, "f32|f64",
          mlpbn_backward_f32(f64.network, f64.workspace, floats, NULL));
    OK(api_forward(f32.network, f32.workspace, &f32.data.rows, y));
    FAILS(MLPBN_EDTYPE, "f32|f64",
          mlpbn_backward_f64(f32.network, f32.workspace, doubles, NULL));
    ck_assert(floats[0] == 2.385F && floats[1] == 0);
    ck_assert(doubles[0] == 2.385 && doubles[1] == 0);
    world_free(&f32);
    world_free(&f64);
}
END_TEST

/* --- The order of calls ------------------------------------------------------------- */

/* Calls on a fresh workspace, in this order: g gradient, t train_step, f forward, b
 * backward, p predict, e evaluate, s optimizer_step, c commit_statistics, a the array
 * of gradients, n a gradient that fails on a NaN. Those before a ! fail with
 * MLPBN_ESTATE. */
static const char *const orders[] = {
    "s!",   "c!",    "a!",     "b!",                    /* from nothing */
    "gags", "gs",    "gc",     "fbas",  "fbc",          /* from a gradient */
    "gss!", "gsc!",  "gsa!",   "gsb!",                  /* used up by a step */
    "gcc!", "gcs!",  "gca!",                            /* used up by a commit */
    "ts!",  "tc!",   "ta!",    "tb!",                   /* a whole step leaves none */
    "fs!",  "fc!",   "fa!",                             /* forward alone has none */
    "gpa!", "gps!",  "gea!",   "gfs!",  "gfa!",         /* lost to another computation */
    "ngs",  "gna!",  "gns!",   "fnb!",                  /* lost to a failure */
    "gb!",  "fbb!",  "fpb!",   "feb!",  "fgb!", "ftb!", /* backward needs its forward */
    "ffb",  "fbfbs", "fbfs!b", "fbsb!", "s!gs", "b!fb", /* and then finds it */
};

static mlpbn_status do_call(struct world *w, mlpbn_workspace *ws, char call)
{
    static const double dy[N_Y] = {1.385, -0.271, 0.0173};
    double y[N_Y] = {0};
    mlpbn_metrics metrics = api_metrics();
    mlpbn_rows *rows = &w->data.rows;
    const double kept = api_load(w->data.x, rows->dtype, 3);
    mlpbn_status status;

    switch (call) {
    case 'g':
        return mlpbn_gradient(w->network, ws, rows, NULL, NULL);
    case 't':
        return mlpbn_train_step(w->network, w->optimizer, ws, rows, NULL, NULL);
    case 'f':
        return api_forward(w->network, ws, rows, y);
    case 'b':
        return api_backward(w->network, ws, WORLD_ROWS, dy, NULL);
    case 'p':
        return api_predict(w->network, ws, rows, y);
    case 'e':
        return mlpbn_evaluate(w->network, ws, rows, NULL, &metrics);
    case 's':
        return mlpbn_optimizer_step(w->optimizer, w->network, ws);
    case 'c':
        return mlpbn_commit_statistics(w->network, ws);
    case 'a':
        return api_has_gradient(w->network, ws);
    default:
        api_store(w->data.x, rows->dtype, 3, API_NAN);
        status = mlpbn_gradient(w->network, ws, rows, NULL, NULL);
        api_store(w->data.x, rows->dtype, 3, kept);
        return status == MLPBN_ENONFINITE ? MLPBN_OK : status;
    }
}

static void check_order(struct world *w, const char *order)
{
    mlpbn_workspace *workspace = api_workspace(w->network, WORLD_MAX, 1);
    for (const char *call = order; *call; call += 1 + (call[1] == '!')) {
        struct snapshot before = snapshot_take(w->network);
        api_case(order, call);
        if (call[1] == '!') {
            FAILS(MLPBN_ESTATE,
                  *call == 'b' ? "call mlpbn_forward_*" : "call mlpbn_gradient",
                  do_call(w, workspace, *call));
            snapshot_assert(&before, w->network, "a call that was refused");
        } else {
            OK(do_call(w, workspace, *call));
        }
        snapshot_free(&before);
    }
    mlpbn_workspace_destroy(workspace);
}

START_TEST(calls_have_their_order)
{
    struct world w;
    world_make(&w, api_dtypes[_i]);
    for (size_t i = 0; i < LENGTH(orders); i++)
        check_order(&w, orders[i]);
    world_free(&w);
}
END_TEST

/* --- The network is const but in the step ------------------------------------------- */

START_TEST(only_the_step_changes_the_network)
{
    struct world w, untouched;
    world_make(&w, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);

    for (const char *call = "gfbpenfbg"; *call; call++)
        OK(do_call(&w, w.workspace, *call));
    world_assert_twins(&w, &untouched);

    struct snapshot before = snapshot_take(w.network);
    OK(do_call(&w, w.workspace, 't'));
    struct snapshot after = snapshot_take(w.network);
    ck_assert(!snapshot_equal(&before, &after));
    snapshot_free(&before);
    snapshot_free(&after);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

/* --- One step, several ways --------------------------------------------------------- */

static const struct {
    mlpbn_loss loss;
    double lambda, momentum;
    int nesterov;
} ways[] = {
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 0, 0, 0},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385, 0, 0},
    {MLPBN_MEAN_SQUARED_ERROR, 0.0385, 0.873, 0},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0173, 0.873, 1},
};

/* Trains several steps on ragged batches, fused or not; the metrics go to *metrics. */
static mlpbn_network *trained(const struct recipe *recipe, int way, int fused,
                              mlpbn_metrics *metrics)
{
    static const size_t batches[] = {16, 3, 11, 16, 2};
    const mlpbn_loss_options loss = api_loss_options(ways[way].loss, ways[way].lambda);
    mlpbn_network *network = api_network(recipe);
    mlpbn_workspace *workspace = api_workspace(network, 16, 1);
    mlpbn_optimizer *optimizer =
        api_optimizer(network, 0.0385, ways[way].momentum, ways[way].nesterov);

    for (size_t step = 0; step < LENGTH(batches); step++) {
        struct data data;
        data_make(&data, MLPBN_F32, batches[step], recipe->inputs,
                  mlpbn_network_outputs(network), 91 + step);
        if (fused) {
            OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, &loss,
                                metrics));
        } else {
            OK(mlpbn_gradient(network, workspace, &data.rows, &loss, metrics));
            OK(mlpbn_optimizer_step(optimizer, network, workspace));
        }
        data_free(&data);
    }
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    return network;
}

static const struct recipe shapes[] = {
    {.inputs = 5, .units = {3}},
    {.inputs = 5, .units = {3}, .batchnorm = 1, .no_bias = 1},
    {.inputs = 37, .units = {19, 7}, .batchnorm = 1},
    {.inputs = 130, .units = {33, 17, 10}, .batchnorm = 3, .no_bias = 1},
};

START_TEST(a_train_step_is_a_gradient_and_a_step)
{
    for (size_t d = 0; d < N_DTYPES; d++)
        for (size_t way = 0; way < LENGTH(ways); way++) {
            struct recipe recipe = shapes[_i];
            recipe.dtype = api_dtypes[d];
            mlpbn_metrics one = api_metrics(), two = api_metrics();
            mlpbn_network *fused = trained(&recipe, (int)way, 1, &one);
            mlpbn_network *apart = trained(&recipe, (int)way, 0, &two);
            api_assert_twins(fused, apart, "train_step");
            api_assert_same(&one, &two, sizeof one, "metrics");
            mlpbn_network_destroy(fused);
            mlpbn_network_destroy(apart);
        }
}
END_TEST

/* Forward, the derivative of the loss by hand, backward: the same gradient. */
static void check_pieces(struct world *w, mlpbn_loss loss)
{
    const mlpbn_loss_options options = api_loss_options(loss, 0);
    const mlpbn_rows *rows = &w->data.rows;
    double y[N_Y] = {0};
    size_t n;

    OK(mlpbn_gradient(w->network, w->workspace, rows, &options, NULL));
    double *expected = api_gradients(w->network, w->workspace, &n);
    OK(api_forward(w->network, w->workspace, rows, y));
    double *dy = reference_dy(loss, y, rows);
    OK(api_backward(w->network, w->workspace, rows->n, dy, NULL));
    double *got = api_gradients(w->network, w->workspace, &n);
    /* dy differs by its own rounding only, on which the gradient depends linearly. */
    api_assert_close(got, expected, n,
                     reference_tolerance(w->network) * fmax(1, api_largest(expected, n)),
                     "gradient");
    free(dy);
    free(expected);
    free(got);
}

START_TEST(pieces_give_the_same_gradient)
{
    struct world w;
    world_make(&w, api_dtypes[_i]);
    check_pieces(&w, MLPBN_SOFTMAX_CROSS_ENTROPY);
    check_pieces(&w, MLPBN_MEAN_SQUARED_ERROR);
    world_free(&w);
}
END_TEST

/* The batch statistics of the pieces are those of the whole; parameters stay. */
START_TEST(pieces_commit_the_same_statistics)
{
    struct world w, other;
    world_make(&w, api_dtypes[_i]);
    world_make(&other, api_dtypes[_i]);
    struct snapshot before = snapshot_take(w.network);
    size_t n;
    double *parameters = api_parameters(w.network, &n);

    for (const char *call = "fbc"; *call; call++)
        OK(do_call(&w, w.workspace, *call));
    for (const char *call = "gc"; *call; call++)
        OK(do_call(&other, other.workspace, *call));
    struct snapshot after = snapshot_take(w.network);
    ck_assert(!snapshot_equal(&before, &after));
    api_assert_twins(w.network, other.network, "running statistics");
    double *now = api_parameters(w.network, &n);
    api_assert_same(now, parameters, n * sizeof *now, "parameters");
    free(parameters);
    free(now);
    snapshot_free(&before);
    snapshot_free(&after);
    world_free(&w);
    world_free(&other);
}
END_TEST

/* The arrays of the rows are the caller's again when forward returns. */
START_TEST(backward_does_not_read_the_rows)
{
    struct world w, scribbled;
    double y[N_Y] = {0}, dx[2][WORLD_ROWS * WORLD_INPUTS] = {{0}};
    struct world *const both[] = {&w, &scribbled};
    double *gradients[2];
    size_t n;

    for (size_t i = 0; i < 2; i++) {
        world_make(both[i], api_dtypes[_i]);
        OK(api_forward(both[i]->network, both[i]->workspace, &both[i]->data.rows, y));
        if (i == 1)
            memset(both[i]->data.x, 0xFF,
                   WORLD_ROWS * WORLD_INPUTS * api_dtype_size(api_dtypes[_i]));
        OK(api_backward(both[i]->network, both[i]->workspace, WORLD_ROWS, y, dx[i]));
        gradients[i] = api_gradients(both[i]->network, both[i]->workspace, &n);
    }
    api_assert_same(gradients[1], gradients[0], n * sizeof *gradients[0], "gradient");
    api_assert_same(dx[1], dx[0], sizeof dx[0], "dx");
    for (size_t i = 0; i < 2; i++) {
        free(gradients[i]);
        world_free(both[i]);
    }
}
END_TEST

START_TEST(dx_may_be_left_out)
{
    struct world w;
    double y[N_Y] = {0}, dx[WORLD_ROWS * WORLD_INPUTS] = {0};
    size_t n;

    world_make(&w, api_dtypes[_i]);
    OK(api_forward(w.network, w.workspace, &w.data.rows, y));
    OK(api_backward(w.network, w.workspace, WORLD_ROWS, y, NULL));
    double *without = api_gradients(w.network, w.workspace, &n);
    OK(api_forward(w.network, w.workspace, &w.data.rows, y));
    OK(api_backward(w.network, w.workspace, WORLD_ROWS, y, dx));
    double *with = api_gradients(w.network, w.workspace, &n);
    api_assert_same(with, without, n * sizeof *with, "gradient");
    free(with);
    free(without);
    world_free(&w);
}
END_TEST

/* --- Several workspaces on one network ---------------------------------------------- */

/* Without batchnorm the gradient of a batch is the mean of those of its halves: summed in
 * place, they make the same step. */
START_TEST(gradients_of_several_workspaces_can_be_summed)
{
    enum { HALF = 6 };
    const struct recipe recipe = {.dtype = MLPBN_F64, .inputs = 7, .units = {5, 3}};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *whole = api_workspace(network, 2 * HALF, 1);
    mlpbn_workspace *first = api_workspace(network, HALF, 1);
    mlpbn_workspace *second = api_workspace(network, HALF, 1);
    struct data data;
    double *sum, *other;
    size_t n;

    data_make(&data, MLPBN_F64, 2 * HALF, 7, 3, 23);
    OK(mlpbn_gradient(network, whole, &data.rows, NULL, NULL));
    double *expected = api_gradients(network, whole, &n);
    mlpbn_rows half = data.rows;
    half.n = HALF;
    OK(mlpbn_gradient(network, first, &half, NULL, NULL));
    half.data = (const double *)data.rows.data + HALF * 7;
    half.labels = data.rows.labels + HALF;
    OK(mlpbn_gradient(network, second, &half, NULL, NULL));

    OK(mlpbn_workspace_gradients_f64(&sum, &n, first));
    OK(mlpbn_workspace_gradients_f64(&other, &n, second));
    for (size_t i = 0; i < n; i++)
        sum[i] = 0.5 * (sum[i] + other[i]);
    api_assert_close(sum, expected, n, reference_tolerance(network), "gradient");
    free(expected);
    data_free(&data);
    mlpbn_workspace_destroy(whole);
    mlpbn_workspace_destroy(first);
    mlpbn_workspace_destroy(second);
    mlpbn_network_destroy(network);
}
END_TEST

/* --- Corners ------------------------------------------------------------------------ */

/* All weights and biases 0: every hidden z is 0, where ReLU has slope 0. */
START_TEST(relu_has_no_slope_at_zero)
{
    const struct recipe recipe = {.dtype = api_dtypes[_i], .inputs = 5, .units = {4, 3}};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, WORLD_ROWS, 1);
    const mlpbn_tensor bias = api_describe(network, api_find(network, 0, MLPBN_BIAS));
    const mlpbn_tensor last = api_describe(network, api_find(network, 1, MLPBN_BIAS));
    struct data data;
    size_t n;

    api_fill(network, 0, MLPBN_WEIGHT, 0);
    api_fill(network, 0, MLPBN_BIAS, 0);
    data_make(&data, MLPBN_F32, WORLD_ROWS, 5, 3, 23);
    OK(mlpbn_gradient(network, workspace, &data.rows, NULL, NULL));
    double *gradients = api_gradients(network, workspace, &n);
    ck_assert(api_largest(gradients + bias.offset, bias.columns) == 0);
    ck_assert(api_largest(gradients + last.offset, last.columns) > 0.01);
    free(gradients);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* The L2 term adds 2 lambda W to the gradient of weights, and nothing to any other. */
START_TEST(lambda_adds_to_weights_only)
{
    const double lambda = 0.0385;
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, lambda);
    struct world w;
    size_t n;

    world_make(&w, api_dtypes[_i]);
    OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, NULL, NULL));
    double *expected = api_gradients(w.network, w.workspace, &n);
    double *parameters = api_parameters(w.network, &n);
    OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, &loss, NULL));
    double *got = api_gradients(w.network, w.workspace, &n);
    for (size_t i = 0; i < mlpbn_network_tensors(w.network); i++) {
        const mlpbn_tensor t = api_describe(w.network, i);
        const size_t size = t.is_parameter ? t.rows * t.stride : 0;
        for (size_t e = t.offset; e < t.offset + size; e++) {
            const double gain = t.kind == MLPBN_WEIGHT ? 2 * lambda * parameters[e] : 0;
            /* a product and a sum are rounded */
            api_assert_near(got[e], expected[e] + gain,
                            2 * api_epsilon(api_dtypes[_i]) *
                                (fabs(expected[e]) + fabs(gain)),
                            t.name);
        }
    }
    free(expected);
    free(parameters);
    free(got);
    world_free(&w);
}
END_TEST

Suite *train_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("train", &tests);
    tcase_add_loop_test(tests, null_is_refused, 0, N_DTYPES);
    tcase_add_test(tests, null_is_refused_in_pieces);
    tcase_add_test(tests, null_is_refused_in_pieces_in_f64);
    tcase_add_test(tests, the_other_dtype_is_refused);
    tcase_add_loop_test(tests, calls_have_their_order, 0, N_DTYPES);
    tcase_add_loop_test(tests, only_the_step_changes_the_network, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_train_step_is_a_gradient_and_a_step, 0, LENGTH(shapes));
    tcase_add_loop_test(tests, pieces_give_the_same_gradient, 0, N_DTYPES);
    tcase_add_loop_test(tests, pieces_commit_the_same_statistics, 0, N_DTYPES);
    tcase_add_loop_test(tests, backward_does_not_read_the_rows, 0, N_DTYPES);
    tcase_add_loop_test(tests, dx_may_be_left_out, 0, N_DTYPES);
    tcase_add_test(tests, gradients_of_several_workspaces_can_be_summed);
    tcase_add_loop_test(tests, relu_has_no_slope_at_zero, 0, N_DTYPES);
    tcase_add_loop_test(tests, lambda_adds_to_weights_only, 0, N_DTYPES);
    return suite;
}
