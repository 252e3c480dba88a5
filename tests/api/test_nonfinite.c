/* NaN and infinity, in what comes in and in what becomes of it: MLPBN_ENONFINITE, and
 * nothing changed. */
#include "api_reference.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { N_X = WORLD_ROWS * WORLD_INPUTS, N_Y = WORLD_ROWS * WORLD_OUTPUTS };

/* --- Every call that computes ------------------------------------------------------- */

enum call { GRADIENT, TRAIN_STEP, FORWARD, PREDICT, EVALUATE, N_CALLS };
static const char *const call_names[] = {"gradient", "train_step", "forward", "predict",
                                         "evaluate"};

/* A failing call leaves metrics and y alone. */
static mlpbn_status run(enum call call, struct world *w, const mlpbn_rows *rows,
                        const mlpbn_loss_options *loss)
{
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;
    double y[N_Y] = {0};
    const double zeros[N_Y] = {0};
    mlpbn_status status;

    switch (call) {
    case GRADIENT:
        status = mlpbn_gradient(w->network, w->workspace, rows, loss, &metrics);
        break;
    case TRAIN_STEP:
        status = mlpbn_train_step(w->network, w->optimizer, w->workspace, rows, loss,
                                  &metrics);
        break;
    case EVALUATE:
        status = mlpbn_evaluate(w->network, w->workspace, rows, loss, &metrics);
        break;
    case FORWARD:
        status = api_forward(w->network, w->workspace, rows, y);
        break;
    default:
        status = api_predict(w->network, w->workspace, rows, y);
    }
    if (status) {
        api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
        api_assert_same(y, zeros, sizeof y, "y");
    }
    return status;
}

/* --- In the rows -------------------------------------------------------------------- */

static const struct {
    mlpbn_dtype network, rows;
    double value;
    const char *words;
} bad_numbers[] = {
    {MLPBN_F32, MLPBN_F32, API_NAN, "4|3|nan"},
    {MLPBN_F32, MLPBN_F32, HUGE_VAL, "4|3|inf"},
    {MLPBN_F32, MLPBN_F64, API_NAN, "4|3|nan"},
    {MLPBN_F32, MLPBN_F64, -HUGE_VAL, "4|3|inf"},
    {MLPBN_F64, MLPBN_F32, API_NAN, "4|3|nan"},
    {MLPBN_F64, MLPBN_F32, -HUGE_VAL, "4|3|inf"},
    {MLPBN_F64, MLPBN_F64, API_NAN, "4|3|nan"},
    {MLPBN_F64, MLPBN_F64, HUGE_VAL, "4|3|inf"},
    {MLPBN_F32, MLPBN_F64, 2.385e57, "4|3"}, /* infinite where it is rounded */
};

START_TEST(a_number_in_the_rows)
{
    struct world w, untouched;
    struct data data;

    world_make(&w, bad_numbers[_i].network);
    world_make(&untouched, bad_numbers[_i].network);
    data_make(&data, bad_numbers[_i].rows, WORLD_ROWS, WORLD_INPUTS, WORLD_OUTPUTS, 7);
    api_store(data.x, bad_numbers[_i].rows, 4 * WORLD_INPUTS + 3, bad_numbers[_i].value);
    for (int call = 0; call < N_CALLS; call++) {
        api_case(call_names[call], "");
        FAILS(MLPBN_ENONFINITE, bad_numbers[_i].words,
              run((enum call)call, &w, &data.rows, NULL));
        /* what became of the number is news only where the number itself is fine */
        ck_assert_int_eq(api_mentions(mlpbn_last_error(), "standardized"),
                         isfinite(bad_numbers[_i].value) != 0);
    }
    world_assert_twins(&w, &untouched);
    data_free(&data);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

START_TEST(a_number_in_the_targets)
{
    static const enum call scoring[] = {GRADIENT, TRAIN_STEP, EVALUATE};
    const mlpbn_loss_options loss = api_loss_options(MLPBN_MEAN_SQUARED_ERROR, 0);
    const mlpbn_dtype dtype = bad_numbers[_i].rows;
    struct world w, untouched;

    world_make(&w, bad_numbers[_i].network);
    world_make(&untouched, bad_numbers[_i].network);
    mlpbn_rows rows = w.data.rows;
    void *targets = api_alloc(N_Y, api_dtype_size(dtype));
    for (size_t i = 0; i < N_Y; i++)
        api_store(targets, dtype, i, 0.731);
    api_store(targets, dtype, 4 * WORLD_OUTPUTS + 2, bad_numbers[_i].value);
    rows.targets = targets;
    rows.target_dtype = dtype;
    for (size_t i = 0; i < LENGTH(scoring); i++) {
        api_case(call_names[scoring[i]], "");
        FAILS(MLPBN_ENONFINITE, "targets|4|2", run(scoring[i], &w, &rows, &loss));
    }
    world_assert_twins(&w, &untouched);
    free(targets);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

START_TEST(a_number_in_dy)
{
    static const double values[] = {API_NAN, HUGE_VAL, -HUGE_VAL};
    struct world w, untouched;
    double y[N_Y] = {0}, dx[N_X] = {0};
    const double zeros[N_X] = {0};

    world_make(&w, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);
    for (size_t i = 0; i < LENGTH(values); i++) {
        OK(api_forward(w.network, w.workspace, &w.data.rows, y));
        y[4 * WORLD_OUTPUTS + 2] = values[i];
        FAILS(MLPBN_ENONFINITE, "dy|4|2",
              api_backward(w.network, w.workspace, WORLD_ROWS, y, dx));
        api_assert_same(dx, zeros, sizeof dx, "dx");
        FAILS(MLPBN_ESTATE, "", api_has_gradient(w.network, w.workspace));
    }
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

/* --- In the forward pass ------------------------------------------------------------ */

static double huge(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? 0.9 * (double)FLT_MAX : 0.9 * DBL_MAX;
}

/* A world whose rows are positive, so that sums of huge weights overflow. */
static void positive_world(struct world *w, mlpbn_dtype dtype)
{
    world_make(w, dtype);
    for (size_t i = 0; i < N_X; i++)
        api_store(w->data.x, dtype, i, 1.385 + 0.5 * api_number(3, i));
}

/* Weights of a layer: all `value`, or of changing sign, so that infinities meet. */
static void set_weights(mlpbn_network *network, size_t layer, double value,
                        int alternating)
{
    size_t n;
    double *weight = api_tensor(network, layer, MLPBN_WEIGHT, &n);
    for (size_t i = 0; i < n; i++)
        weight[i] = alternating && i % 2 ? -value : value;
    OK(mlpbn_network_set_f64(network, api_find(network, layer, MLPBN_WEIGHT), weight, n));
    free(weight);
}

static const struct {
    const char *name;
    size_t layer;
    int sign, alternating;
} divergences[] = {
    {"layer 0 infinite", 0, 1, 0},
    {"layer 0 minus infinite, which ReLU would hide", 0, -1, 0},
    {"layer 0 NaN or infinite", 0, 1, 1},
    {"layer 1 infinite", 1, 1, 0},
    {"layer 1 minus infinite", 1, -1, 0},
};

/* With batchnorm in layer 0 or without. */
static void check_divergence(mlpbn_dtype dtype, size_t which, unsigned batchnorm)
{
    const struct recipe recipe = {.dtype = dtype,
                                  .inputs = WORLD_INPUTS,
                                  .units = {WORLD_HIDDEN, WORLD_OUTPUTS},
                                  .batchnorm = batchnorm};
    const size_t layer = divergences[which].layer;
    struct world w;

    positive_world(&w, dtype);
    mlpbn_optimizer_destroy(w.optimizer);
    mlpbn_workspace_destroy(w.workspace);
    mlpbn_network_destroy(w.network);
    w.network = api_network(&recipe);
    w.workspace = api_workspace(w.network, WORLD_MAX, 1);
    w.optimizer = api_optimizer(w.network, 0.0385, 0.873, 0);
    set_weights(w.network, layer, divergences[which].sign * huge(dtype),
                divergences[which].alternating);
    if (layer == 1)
        api_fill(w.network, 0, batchnorm ? MLPBN_BETA : MLPBN_BIAS, 17.385);
    struct snapshot before = snapshot_take(w.network);
    for (int call = 0; call < N_CALLS; call++) {
        api_case(call_names[call], divergences[which].name);
        FAILS(MLPBN_ENONFINITE, layer ? "layer|1" : "layer|0",
              run((enum call)call, &w, &w.data.rows, NULL));
    }
    snapshot_assert(&before, w.network, "divergence");
    snapshot_free(&before);
    world_free(&w);
}

START_TEST(a_diverged_network)
{
    for (size_t d = 0; d < N_DTYPES; d++)
        for (unsigned batchnorm = 0; batchnorm < 2; batchnorm++)
            check_divergence(api_dtypes[d], (size_t)_i, batchnorm);
}
END_TEST

/* Infinite activations of layer 0 times negative weights of layer 1 are minus infinite,
 * and ReLU makes zeros of them: the outputs look healthy. */
START_TEST(a_divergence_that_heals)
{
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = WORLD_INPUTS, .units = {4, 6, WORLD_OUTPUTS}};
    struct data data;
    double y[N_Y] = {0};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, WORLD_MAX, 1);

    data_make(&data, MLPBN_U8, WORLD_ROWS, WORLD_INPUTS, WORLD_OUTPUTS, 7);
    set_weights(network, 0, huge(api_dtypes[_i]), 0);
    set_weights(network, 1, -0.731, 0);
    FAILS(MLPBN_ENONFINITE, "layer|0", api_predict(network, workspace, &data.rows, y));
    FAILS(MLPBN_ENONFINITE, "layer|0", api_forward(network, workspace, &data.rows, y));
    FAILS(MLPBN_ENONFINITE, "layer|0",
          mlpbn_gradient(network, workspace, &data.rows, NULL, NULL));
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* z fits a float, its variance does not: it could not become a running variance. */
START_TEST(a_variance_that_does_not_fit)
{
    struct world w;
    positive_world(&w, MLPBN_F32);
    set_weights(w.network, 0, 2.385e25, 1);
    struct snapshot before = snapshot_take(w.network);

    FAILS(MLPBN_ENONFINITE, "layer|0|learning rate",
          run(TRAIN_STEP, &w, &w.data.rows, NULL));
    FAILS(MLPBN_ENONFINITE, "layer|0", run(GRADIENT, &w, &w.data.rows, NULL));
    snapshot_assert(&before, w.network, "train_step");
    snapshot_free(&before);
    world_free(&w);
}
END_TEST

/* The outputs fit, their squared error does not. */
START_TEST(a_loss_that_does_not_fit)
{
    static const enum call scoring[] = {GRADIENT, TRAIN_STEP, EVALUATE};
    const mlpbn_loss_options loss = api_loss_options(MLPBN_MEAN_SQUARED_ERROR, 0);
    struct world w;

    positive_world(&w, MLPBN_F64);
    set_weights(w.network, 1, 2.385e200, 0);
    api_fill(w.network, 0, MLPBN_BETA, 17.385);
    struct snapshot before = snapshot_take(w.network);
    for (size_t i = 0; i < LENGTH(scoring); i++) {
        api_case(call_names[scoring[i]], "loss");
        FAILS(MLPBN_ENONFINITE, "loss", run(scoring[i], &w, &w.data.rows, &loss));
    }
    snapshot_assert(&before, w.network, "loss");
    snapshot_free(&before);
    world_free(&w);
}
END_TEST

/* The loss fits, lambda times the sum of squared weights does not: whether a step is
 * taken must not depend on whether somebody wants to know the cost. */
START_TEST(a_cost_that_does_not_fit)
{
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);
    mlpbn_metrics metrics = api_metrics();
    struct world w;

    world_make(&w, MLPBN_F64);
    set_weights(w.network, 0, 2.385e200, 0);
    memset(w.data.x, 0, N_X * sizeof(double));
    OK(mlpbn_evaluate(w.network, w.workspace, &w.data.rows, &loss, &metrics));
    ck_assert(isinf(metrics.cost) && isfinite(metrics.loss));
    OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, &loss, &metrics));
    ck_assert(isinf(metrics.cost) && isfinite(metrics.loss));
    OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, &loss, NULL));
    world_free(&w);
}
END_TEST

/* --- In the backward pass ----------------------------------------------------------- */

/* The outputs and their loss fit, the gradient of layer 0 does not: dy times W is the
 * square of something of the size of y. */
START_TEST(a_gradient_that_does_not_fit)
{
    const mlpbn_loss_options loss = api_loss_options(MLPBN_MEAN_SQUARED_ERROR, 0);
    struct world w;

    positive_world(&w, MLPBN_F32);
    set_weights(w.network, 1, 2.385e25, 0);
    api_fill(w.network, 0, MLPBN_BETA, 17.385);
    struct snapshot before = snapshot_take(w.network);
    OK(run(EVALUATE, &w, &w.data.rows, &loss));
    FAILS(MLPBN_ENONFINITE, "layer", run(GRADIENT, &w, &w.data.rows, &loss));
    FAILS(MLPBN_ESTATE, "", api_has_gradient(w.network, w.workspace));
    FAILS(MLPBN_ENONFINITE, "layer", run(TRAIN_STEP, &w, &w.data.rows, &loss));
    snapshot_assert(&before, w.network, "gradient");
    snapshot_free(&before);
    world_free(&w);
}
END_TEST

START_TEST(a_gradient_in_pieces_that_does_not_fit)
{
    struct world w;
    double dy[N_Y], y[N_Y] = {0}, dx[N_X] = {0};
    const double zeros[N_X] = {0};

    positive_world(&w, api_dtypes[_i]);
    for (size_t i = 0; i < N_Y; i++)
        dy[i] = huge(api_dtypes[_i]) / 4 * (1 + (double)(i % 3));
    struct snapshot before = snapshot_take(w.network);
    OK(api_forward(w.network, w.workspace, &w.data.rows, y));
    FAILS(MLPBN_ENONFINITE, "layer",
          api_backward(w.network, w.workspace, WORLD_ROWS, dy, dx));
    api_assert_same(dx, zeros, sizeof dx, "dx");
    FAILS(MLPBN_ESTATE, "", api_has_gradient(w.network, w.workspace));
    snapshot_assert(&before, w.network, "backward");
    snapshot_free(&before);
    world_free(&w);
}
END_TEST

/* The derivative by the standardized input fits; divided by std it does not. */
START_TEST(a_dx_that_does_not_fit)
{
    static const double mean[WORLD_INPUTS] = {0};
    const double std[WORLD_INPUTS] = {1, 1, huge(api_dtypes[_i]) > 1e39 ? 1e-300 : 1e-35,
                                      1, 1};
    const size_t n = WORLD_ROWS * WORLD_INPUTS;
    struct world w;
    double dy[N_Y], y[N_Y] = {0}, dx[N_X] = {0};
    const double zeros[N_X] = {0};

    world_make(&w, api_dtypes[_i]);
    for (size_t i = 2; i < n; i += WORLD_INPUTS) /* (x - mean) / std is small again */
        api_store(w.data.x, api_dtypes[_i], i, std[2] * api_number(5, i));
    OK(mlpbn_network_set_standardization(w.network, mean, std, WORLD_INPUTS));
    for (size_t i = 0; i < N_Y; i++)
        dy[i] = 2.385e9 * api_number(6, i);
    OK(api_forward(w.network, w.workspace, &w.data.rows, y));
    FAILS(MLPBN_ENONFINITE, "", api_backward(w.network, w.workspace, WORLD_ROWS, dy, dx));
    api_assert_same(dx, zeros, sizeof dx, "dx");
    world_free(&w);
}
END_TEST

/* --- After a failure ---------------------------------------------------------------- */

enum { BIG = 21 };

/* Fills a workspace with infinities and NaN: a batch whose activations overflow, and one
 * whose derivatives do. */
static void make_trouble(const mlpbn_network *network, mlpbn_workspace *workspace)
{
    const mlpbn_dtype dtype = mlpbn_network_dtype(network);
    struct data data;
    double dx[BIG * WORLD_INPUTS], y[BIG * WORLD_OUTPUTS] = {0};

    data_make(&data, dtype, BIG, WORLD_INPUTS, WORLD_OUTPUTS, 7);
    OK(api_forward(network, workspace, &data.rows, y));
    for (size_t i = 0; i < LENGTH(y); i++)
        y[i] = huge(dtype) * (i % 2 ? 1 : -1);
    FAILS(MLPBN_ENONFINITE, "", api_backward(network, workspace, BIG, y, dx));
    for (size_t i = 0; i < LENGTH(dx); i++)
        api_store(data.x, dtype, i, huge(dtype) * (i % 3 ? 1 : -1));
    FAILS(MLPBN_ENONFINITE, "", api_predict(network, workspace, &data.rows, y));
    FAILS(MLPBN_ENONFINITE, "", api_forward(network, workspace, &data.rows, y));
    data_free(&data);
}

static void add_gradients(struct snapshot *all, const mlpbn_network *network,
                          mlpbn_workspace *workspace)
{
    size_t n;
    double *gradients = api_gradients(network, workspace, &n);
    snapshot_add(all, gradients, n * sizeof *gradients);
    free(gradients);
}

enum way { BY_PREDICTION, IN_PIECES, BY_ENTROPY, BY_SQUARES, WAYS };

/* Everything that a batch gives by one way. */
static struct snapshot results(enum way way, const mlpbn_network *network,
                               mlpbn_workspace *workspace, const mlpbn_rows *rows)
{
    const mlpbn_loss_options loss = api_loss_options(
        way == BY_SQUARES ? MLPBN_MEAN_SQUARED_ERROR : MLPBN_SOFTMAX_CROSS_ENTROPY, 0);
    struct snapshot all = {0, NULL};
    double dx[N_X] = {0}, y[N_Y] = {0};

    if (way == BY_PREDICTION) {
        OK(api_predict(network, workspace, rows, y));
    } else if (way == IN_PIECES) {
        OK(api_forward(network, workspace, rows, y));
        OK(api_backward(network, workspace, rows->n, y, dx));
        add_gradients(&all, network, workspace);
    } else {
        OK(mlpbn_gradient(network, workspace, rows, &loss, NULL));
        add_gradients(&all, network, workspace);
    }
    snapshot_add(&all, y, sizeof y);
    snapshot_add(&all, dx, sizeof dx);
    return all;
}

/* Whatever a failed batch left in the workspace, also beyond the rows of the next one, is
 * not seen again: the same bits as in a fresh workspace. */
static void check_after_failure(enum way way, mlpbn_network *network,
                                const mlpbn_rows *rows)
{
    mlpbn_workspace *workspace = api_workspace(network, BIG, 1);
    mlpbn_workspace *fresh = api_workspace(network, BIG, 1);

    make_trouble(network, workspace);
    struct snapshot got = results(way, network, workspace, rows);
    struct snapshot expected = results(way, network, fresh, rows);
    ck_assert_msg(snapshot_equal(&got, &expected), "way %d, %zu rows", (int)way, rows->n);
    snapshot_free(&got);
    snapshot_free(&expected);
    mlpbn_workspace_destroy(workspace);
    mlpbn_workspace_destroy(fresh);
}

START_TEST(a_failure_leaves_nothing_behind)
{
    static const size_t batches[] = {7, 2, 5};
    const struct recipe recipe = {.dtype = api_dtypes[_i % 2],
                                  .inputs = WORLD_INPUTS,
                                  .units = {20, 9, WORLD_OUTPUTS},
                                  .batchnorm = (unsigned)_i / 2};
    mlpbn_network *network = api_network(&recipe);
    struct data data;

    data_make(&data, MLPBN_F32, WORLD_ROWS, WORLD_INPUTS, WORLD_OUTPUTS, 7);
    for (size_t b = 0; b < LENGTH(batches); b++)
        for (int way = 0; way < WAYS; way++) {
            data.rows.n = batches[b];
            check_after_failure((enum way)way, network, &data.rows);
        }
    data_free(&data);
    mlpbn_network_destroy(network);
}
END_TEST

/* --- In the step -------------------------------------------------------------------- */

static void write_gradient(struct world *w, size_t at, double value)
{
    size_t n;
    if (mlpbn_network_dtype(w->network) == MLPBN_F64) {
        double *g;
        OK(mlpbn_workspace_gradients_f64(&g, &n, w->workspace));
        g[at] = value;
    } else {
        float *g;
        OK(mlpbn_workspace_gradients_f32(&g, &n, w->workspace));
        g[at] = (float)value;
    }
}

/* Writes into the gradient, at an element of this tensor. */
static void spoil_gradient(struct world *w, size_t tensor, double value)
{
    const mlpbn_tensor t = api_describe(w->network, tensor);
    write_gradient(w, t.offset + t.columns - 1, value);
}

/* Makes the first row of every tensor's gradient `value`, the others 0. */
static void fill_gradient(struct world *w, double value)
{
    for (size_t i = 0; i < mlpbn_network_tensors(w->network); i++) {
        const mlpbn_tensor t = api_describe(w->network, i);
        for (size_t e = 0; t.is_parameter && e < t.rows * t.stride; e++)
            write_gradient(w, t.offset + e, e < t.columns ? value : 0);
    }
}

static void check_spoiled_step(mlpbn_dtype dtype, double value)
{
    struct world w, untouched;
    world_make(&w, dtype);
    world_make(&untouched, dtype);

    for (size_t i = 0; i < mlpbn_network_tensors(w.network); i++) {
        const mlpbn_tensor tensor = api_describe(w.network, i);
        if (!tensor.is_parameter)
            continue;
        OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, NULL, NULL));
        spoil_gradient(&w, i, value);
        FAILS(MLPBN_ENONFINITE, tensor.name,
              mlpbn_optimizer_step(w.optimizer, w.network, w.workspace));
    }
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&untouched);
}

START_TEST(a_gradient_that_the_caller_spoiled)
{
    check_spoiled_step(api_dtypes[_i], API_NAN);
    check_spoiled_step(api_dtypes[_i], HUGE_VAL);
    check_spoiled_step(api_dtypes[_i], -HUGE_VAL);
}
END_TEST

/* Rows of a multiple of 1 KiB have more padding than the product that gives their gradient
 * writes: it would reach the parameters with the next step. */
START_TEST(a_padding_that_the_caller_spoiled)
{
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = 256, .units = {6, WORLD_OUTPUTS}};
    struct world w = {.network = api_network(&recipe)};
    data_make(&w.data, MLPBN_F32, WORLD_ROWS, 256, WORLD_OUTPUTS, 7);
    w.workspace = api_workspace(w.network, WORLD_ROWS, 1);
    OK(mlpbn_optimizer_create(&w.optimizer, w.network, NULL));
    const mlpbn_tensor weight = api_describe(w.network, 0);
    ck_assert_uint_gt(weight.stride, 256);
    OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, NULL, NULL));
    write_gradient(&w, weight.offset + 3 * weight.stride - 1, API_NAN);
    FAILS(MLPBN_ENONFINITE, "layer0.weight",
          mlpbn_optimizer_step(w.optimizer, w.network, w.workspace));
    FAILS(MLPBN_ENONFINITE, "layer0.weight", run(TRAIN_STEP, &w, &w.data.rows, NULL));
    world_free(&w);
}
END_TEST

/* A rate at which parameters overflow; the optimizer's memory stays, too. */
START_TEST(a_rate_that_is_too_large)
{
    static const double rates[] = {2.385e41, 1e300, DBL_MAX};
    struct world w, untouched;
    const double kept = 0.0385;

    world_make(&w, api_dtypes[_i]);
    world_make(&untouched, api_dtypes[_i]);
    for (size_t i = 0; i < LENGTH(rates); i++) {
        if (api_dtypes[_i] == MLPBN_F64 && rates[i] < DBL_MAX)
            continue;
        OK(mlpbn_optimizer_set_learning_rate(w.optimizer, rates[i]));
        /* larger than 1 somewhere, so that even DBL_MAX times it overflows */
        OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, NULL, NULL));
        spoil_gradient(&w, api_find(w.network, 0, MLPBN_GAMMA), 23.85);
        FAILS(MLPBN_ENONFINITE, "layer",
              mlpbn_optimizer_step(w.optimizer, w.network, w.workspace));
        if (api_dtypes[_i] == MLPBN_F32)
            FAILS(MLPBN_ENONFINITE, "layer", run(TRAIN_STEP, &w, &w.data.rows, NULL));
    }
    OK(mlpbn_optimizer_set_learning_rate(w.optimizer, kept));
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

/* A rate that no float holds, but the step by so small a gradient is finite, or nothing:
 * taken as it should be, or refused; never taken to infinity. */
static void check_tiny_gradient(mlpbn_dtype dtype, double size)
{
    struct world w;
    size_t n;
    world_make(&w, dtype);
    mlpbn_optimizer *plain = api_optimizer(w.network, 2.385e41, 0, 0);
    double *p = api_parameters(w.network, &n);

    for (size_t i = 0; i < mlpbn_network_tensors(w.network); i++) {
        const mlpbn_tensor tensor = api_describe(w.network, i);
        for (size_t e = 0; tensor.is_parameter && e < tensor.columns; e++)
            p[tensor.offset + e] -= 2.385e41 * size;
    }
    OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, NULL, NULL));
    fill_gradient(&w, size);
    const mlpbn_status status = mlpbn_optimizer_step(plain, w.network, w.workspace);
    double *got = api_parameters(w.network, &n);
    ck_assert_msg(isfinite(api_largest(got, n)), "status %d, and not finite",
                  (int)status);
    if (status)
        ck_assert_int_eq(status, MLPBN_ENONFINITE);
    else
        api_assert_close(got, p, n, 4 * api_epsilon(dtype) * api_largest(p, n), "step");
    free(p);
    free(got);
    mlpbn_optimizer_destroy(plain);
    world_free(&w);
}

START_TEST(a_rate_that_only_a_double_holds)
{
    check_tiny_gradient(api_dtypes[_i], 0);
    check_tiny_gradient(api_dtypes[_i], 1e-30);
}
END_TEST

/* Finite gradients whose running sum is not, at a rate that hardly moves parameters: they
 * stay finite, and the failing step takes nothing with it. */
static void check_memory(mlpbn_dtype dtype, double rate)
{
    struct world w;
    world_make(&w, dtype);
    const size_t index = api_find(w.network, 1, MLPBN_BIAS);
    mlpbn_status status = MLPBN_OK;

    OK(mlpbn_optimizer_set_learning_rate(w.optimizer, rate));
    for (int step = 0; step < 4 && !status; step++) {
        size_t n;
        OK(mlpbn_gradient(w.network, w.workspace, &w.data.rows, NULL, NULL));
        spoil_gradient(&w, index, huge(dtype));
        struct snapshot before = snapshot_take(w.network);
        status = mlpbn_optimizer_step(w.optimizer, w.network, w.workspace);
        double *parameters = api_parameters(w.network, &n);
        ck_assert_msg(isfinite(api_largest(parameters, n)),
                      "rate %g, step %d: status %d, and not finite", rate, step,
                      (int)status);
        if (status) {
            FAILS(MLPBN_ENONFINITE, "layer1.bias", status);
            snapshot_assert(&before, w.network, "step");
        }
        free(parameters);
        snapshot_free(&before);
    }
    ck_assert_int_eq(status, MLPBN_ENONFINITE);
    /* What it remembers is still finite: a usual step goes on. */
    OK(run(TRAIN_STEP, &w, &w.data.rows, NULL));
    world_free(&w);
}

START_TEST(a_memory_that_does_not_fit)
{
    check_memory(api_dtypes[_i], 0);
    check_memory(api_dtypes[_i], 1 / huge(api_dtypes[_i]));
}
END_TEST

/* Finite before the activation, not after it: in training and in prediction, where there
 * is no layer behind it that would notice. */
START_TEST(an_activation_that_overflows_is_named)
{
    const mlpbn_dtype dtype = api_dtypes[_i];
    const double largest = dtype == MLPBN_F32 ? (double)FLT_MAX : DBL_MAX;
    const struct recipe recipes[] = {
        {.inputs = 1, .units = {1}, .no_bias = 1, .last = MLPBN_SELU},
        {.inputs = 1,
         .units = {1},
         .no_bias = 1,
         .last = MLPBN_LEAKY_RELU,
         .alpha = 2.385},
    };
    for (size_t i = 0; i < LENGTH(recipes); i++) {
        struct recipe recipe = recipes[i];
        recipe.dtype = dtype;
        mlpbn_network *network = api_network(&recipe);
        mlpbn_workspace *workspace = api_workspace(network, 1, 1);
        const double x = (i ? -0.97 : 0.97) * largest, weight = 1;
        double y = 0.375;
        const mlpbn_rows rows = MLPBN_ROWS_INIT(&x, MLPBN_F64, 1, 1);
        OK(mlpbn_network_set_f64(network, 0, &weight, 1));
        FAILS(MLPBN_ENONFINITE, "layer 0|unit 0|after",
              api_predict(network, workspace, &rows, &y));
        FAILS(MLPBN_ENONFINITE, "layer 0|unit 0|after",
              api_forward(network, workspace, &rows, &y));
        ck_assert(y == 0.375);
        mlpbn_workspace_destroy(workspace);
        mlpbn_network_destroy(network);
    }
}
END_TEST

Suite *nonfinite_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("nonfinite", &tests);
    tcase_add_loop_test(tests, a_number_in_the_rows, 0, LENGTH(bad_numbers));
    tcase_add_loop_test(tests, a_number_in_the_targets, 0, LENGTH(bad_numbers));
    tcase_add_loop_test(tests, a_number_in_dy, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_diverged_network, 0, LENGTH(divergences));
    tcase_add_loop_test(tests, a_divergence_that_heals, 0, N_DTYPES);
    tcase_add_test(tests, a_variance_that_does_not_fit);
    tcase_add_test(tests, a_loss_that_does_not_fit);
    tcase_add_test(tests, a_cost_that_does_not_fit);
    tcase_add_test(tests, a_gradient_that_does_not_fit);
    tcase_add_loop_test(tests, a_gradient_in_pieces_that_does_not_fit, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_dx_that_does_not_fit, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_failure_leaves_nothing_behind, 0, 8);
    tcase_add_loop_test(tests, a_gradient_that_the_caller_spoiled, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_padding_that_the_caller_spoiled, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_rate_that_is_too_large, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_rate_that_only_a_double_holds, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_memory_that_does_not_fit, 0, N_DTYPES);
    tcase_add_loop_test(tests, an_activation_that_overflows_is_named, 0, N_DTYPES);
    return suite;
}
