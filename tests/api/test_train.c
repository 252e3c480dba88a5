/* Training: calls in the right and in the wrong order, and that the ways to the same step
 * are the same. Gradients themselves are in test_gradient.c. */
#include "api_calls.h"
#include "api_reference.h"
#include "file_helpers.h"

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

static mlpbn_status do_call(const struct setup *s, char letter)
{
    static const enum call calls[] = {
        ['g'] = GRADIENT,       ['t'] = TRAIN_STEP,        ['f'] = FORWARD,
        ['b'] = BACKWARD,       ['p'] = PREDICT,           ['e'] = EVALUATE,
        ['s'] = OPTIMIZER_STEP, ['c'] = COMMIT_STATISTICS, ['a'] = GET_GRADIENTS,
        ['n'] = GRADIENT};
    const double kept = api_load(s->x, s->rows.dtype, 3);
    if (letter == 'n')
        api_store(s->x, s->rows.dtype, 3, API_NAN);
    const mlpbn_status status = call_rows(calls[(int)letter], s, &s->rows, NULL);
    api_store(s->x, s->rows.dtype, 3, kept);
    return letter == 'n' && status == MLPBN_ENONFINITE ? MLPBN_OK : status;
}

static void do_calls(const struct setup *s, const char *letters)
{
    for (; *letters; letters++)
        OK(do_call(s, *letters));
}

LOOP_DTYPE_TEST(calls_have_their_order, LENGTH(orders))
{
    struct setup s = setup_default(dtype);
    const char *order = orders[_i];
    s.workspace = api_workspace(s.network, SETUP_MAX, 1);
    for (const char *call = order; *call; call += 1 + (call[1] == '!')) {
        const struct snapshot before = snapshot_take(s.network);
        api_case(order, call);
        if (call[1] == '!') {
            FAILS(MLPBN_ESTATE,
                  *call == 'b' ? "call mlpbn_forward_*" : "call mlpbn_gradient",
                  do_call(&s, *call));
            snapshot_assert(&before, s.network, "a call that was refused");
        } else {
            OK(do_call(&s, *call));
        }
    }
}

/* --- The network changes while a pass is under way ----------------------------------- */

#define CHANGE(name, call)                                                               \
    static void name(const struct setup *s)                                              \
    {                                                                                    \
        call;                                                                            \
    }

static const double new_variances[SETUP_HIDDEN] = {2.385, 0.731, 1.173, 3.85};
static const double new_mean[SETUP_INPUTS] = {0.731},
                    new_std[SETUP_INPUTS] = {2.385, 1, 1, 1, 1};

/* To the same values. */
CHANGE(change_weight,
       api_set(s->network, 0, MLPBN_WEIGHT, api_tensor(s->network, 0, MLPBN_WEIGHT)))
CHANGE(change_variance, api_set(s->network, 0, MLPBN_RUNNING_VAR, new_variances))
CHANGE(freeze, OK(mlpbn_network_freeze_statistics(s->network, 0, 1)))
CHANGE(copy,
       OK(mlpbn_network_copy(s->network,
                             setup_default(mlpbn_network_dtype(s->network)).network)))
CHANGE(initialize, OK(mlpbn_network_initialize(s->network, 1, MLPBN_INIT_HE, 0, 7)))
CHANGE(standardize,
       OK(mlpbn_network_set_standardization(s->network, new_mean, new_std, SETUP_INPUTS)))
CHANGE(remove_standardization,
       OK(mlpbn_network_set_standardization(s->network, NULL, NULL, 0)))
CHANGE(fit_standardization, OK(mlpbn_network_fit_standardization(s->network, &s->rows)))
CHANGE(recompute_statistics,
       OK(mlpbn_recompute_statistics(s->network, api_workspace(s->network, SETUP_MAX, 1),
                                     &s->rows)))

static void step_with_another_workspace(const struct setup *s)
{
    struct setup other = *s;
    other.workspace = api_workspace(s->network, SETUP_MAX, 1);
    setup_step(&other, NULL);
}

static void load_checkpoint(const struct setup *s)
{
    mlpbn_checkpoint checkpoint = {.struct_size = sizeof checkpoint,
                                   .network = s->network};
    struct memory_file file = memory_save_checkpoint(&checkpoint);
    OK(memory_load_checkpoint(&checkpoint, &file));
}

/* Which calls refuse to go on after the change. */
static const struct change {
    const char *name;
    void (*make)(const struct setup *s);
    int stops_backward, stops_step;
} changes[] = {
    {"a parameter", change_weight, 1, 0},
    {"a running statistic", change_variance, 0, 0},
    {"freezing", freeze, 0, 0},
    {"a step with another workspace", step_with_another_workspace, 1, 0},
    {"a copy", copy, 1, 1},
    {"initialization", initialize, 1, 1},
    {"standardization", standardize, 1, 1},
    {"no standardization", remove_standardization, 1, 1},
    {"fitted standardization", fit_standardization, 1, 1},
    {"recomputed statistics", recompute_statistics, 1, 1},
    {"a checkpoint", load_checkpoint, 1, 1},
};

LOOP_DTYPE_TEST(a_change_between_forward_and_backward, LENGTH(changes))
{
    const struct change *change = &changes[_i];
    const struct setup s = setup_default(dtype), unchanged = setup_default(dtype);
    const double *y = setup_forward(&unchanged);
    double *dx = setup_backward(&unchanged, y);
    setup_forward(&s);
    change->make(&s);
    const struct snapshot before = snapshot_take(s.network);
    api_case(change->name, "");
    if (change->stops_backward) {
        FAILS(MLPBN_ESTATE, "network|mlpbn_forward_*",
              api_backward(s.network, s.workspace, SETUP_ROWS, y, dx));
        snapshot_assert(&before, s.network, change->name);
        setup_backward(&s, setup_forward(&s));
        return;
    }
    api_assert_same_arrays(setup_backward(&s, y), dx, change->name);
    api_assert_same_arrays(api_gradients(s.network, s.workspace),
                           api_gradients(unchanged.network, unchanged.workspace),
                           change->name);
}

/* Even the same values, copied from elsewhere, replace what the gradient belongs to. */
LOOP_DTYPE_TEST(a_change_between_gradient_and_step, 2 * LENGTH(changes))
{
    const struct change *change = &changes[_i / 2];
    const enum call last = _i % 2 ? COMMIT_STATISTICS : OPTIMIZER_STEP;
    const struct setup s = setup_default(dtype);
    OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
    change->make(&s);
    const struct snapshot before = snapshot_take(s.network);
    api_case(change->name, api_calls[last].name);
    if (change->stops_step) {
        FAILS(MLPBN_ESTATE, "network|gradient", call_rows(last, &s, &s.rows, NULL));
        snapshot_assert(&before, s.network, change->name);
        OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
    }
    OK(call_rows(last, &s, &s.rows, NULL));
}

/* A step after weights were set: p is what was set, less the rate times the old gradient. And
 * the running variance decays from what was set. */
TEST(a_step_updates_the_network_as_it_is_then)
{
    const double set_variance = 2.385, rate = 0.0385, decay = 0.9;
    struct setup s = setup_default(MLPBN_F64);
    s.optimizer = api_optimizer(s.network, rate, 0, 0);
    const struct setup unchanged = setup_default(MLPBN_F64);
    const double before = *api_tensor(s.network, 0, MLPBN_RUNNING_VAR);
    setup_step(&unchanged, NULL);
    const double batch =
        (*api_tensor(unchanged.network, 0, MLPBN_RUNNING_VAR) - decay * before) /
        (1 - decay);
    const double *g = setup_gradient(&s, NULL);
    double *weight = api_tensor(s.network, 0, MLPBN_WEIGHT);
    const size_t n_weights = api_length(weight);
    for (size_t i = 0; i < n_weights; i++)
        weight[i] = 0.731 + 0.1 * (double)i;
    api_set(s.network, 0, MLPBN_WEIGHT, weight);
    change_variance(&s);
    OK(setup_update(&s));
    const double *got = api_tensor(s.network, 0, MLPBN_WEIGHT);
    const size_t stride = api_describe(s.network, 0).stride;
    for (size_t i = 0; i < n_weights; i++)
        api_assert_near(
            got[i], weight[i] - rate * g[i / SETUP_INPUTS * stride + i % SETUP_INPUTS],
            1e-15 * 3, "weight");
    api_assert_near(*api_tensor(s.network, 0, MLPBN_RUNNING_VAR),
                    decay * set_variance + (1 - decay) * batch, 1e-14, "variance");
}

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

/* Trains several steps on batches of various sizes, by one call or by two; the metrics of
 * the last go to *metrics. */
static mlpbn_network *trained(const struct spec *spec, size_t way, int by_one_call,
                              mlpbn_metrics *metrics)
{
    static const size_t batches[] = {16, 3, 11, 16, 2};
    mlpbn_network *network = api_network(spec);
    const mlpbn_loss_options loss = api_loss_options(
        api_loss_fits(ways[way].loss, network) ? ways[way].loss : MLPBN_HUBER,
        ways[way].lambda);
    mlpbn_workspace *workspace = api_workspace(network, 16, 1);
    mlpbn_optimizer *optimizer =
        api_optimizer(network, 0.0385, ways[way].momentum, ways[way].nesterov);
    for (size_t step = 0; step < LENGTH(batches); step++) {
        const struct data data = data_make(MLPBN_F32, batches[step], spec->inputs,
                                           mlpbn_network_outputs(network), 91 + step);
        if (by_one_call) {
            OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, &loss,
                                metrics));
        } else {
            OK(mlpbn_gradient(network, workspace, &data.rows, &loss, metrics));
            OK(mlpbn_optimizer_step(optimizer, network, workspace));
        }
    }
    return network;
}

LOOP_DTYPE_TEST(a_train_step_is_a_gradient_and_a_step, N_SHAPES)
{
    const struct spec *spec = spec_of(&api_shapes[_i], dtype);
    for (size_t way = 0; way < LENGTH(ways); way++) {
        mlpbn_metrics one = api_metrics(), two = api_metrics();
        api_assert_equal(trained(spec, way, 1, &one), trained(spec, way, 0, &two),
                         "train_step");
        api_assert_same(&one, &two, sizeof one, "metrics");
    }
}

/* Forward, the derivative of the loss by hand, backward: the same gradient. */
LOOP_DTYPE_TEST(forward_and_backward_give_the_same_gradient, 2)
{
    const mlpbn_loss which = _i ? MLPBN_MEAN_SQUARED_ERROR : MLPBN_SOFTMAX_CROSS_ENTROPY;
    const mlpbn_loss_options loss = api_loss_options(which, 0);
    const struct setup s = setup_default(dtype);
    const double *expected = setup_gradient(&s, &loss);
    const double *y = setup_forward(&s), *dy = reference_dy(which, y, &s.rows);
    OK(api_backward(s.network, s.workspace, SETUP_ROWS, dy, NULL));
    /* dy differs by its own rounding only, on which the gradient depends linearly. */
    api_assert_close_arrays(
        api_gradients(s.network, s.workspace), expected,
        reference_tolerance(s.network) * fmax(1, api_largest(expected)), "gradient");
}

/* The network is const but in a step and a commit. The batch statistics after forward and
 * backward are those of the gradient; parameters stay. */
DTYPE_TEST(only_steps_and_commits_change_the_network)
{
    const struct setup s = setup_default(dtype), other = setup_default(dtype);
    const struct setup steps = setup_default(dtype);
    do_calls(&steps, "gfbpenfbg");
    setup_assert_unchanged(&steps);
    const struct snapshot before = snapshot_take(s.network);
    const struct snapshot before_step = snapshot_take(steps.network);
    do_calls(&steps, "t");
    const struct snapshot after_step = snapshot_take(steps.network);
    ck_assert(!snapshot_equal(&before_step, &after_step));
    const double *parameters = api_parameters(s.network);
    do_calls(&s, "fbc");
    do_calls(&other, "gc");
    const struct snapshot after = snapshot_take(s.network);
    ck_assert(!snapshot_equal(&before, &after));
    api_assert_equal(s.network, other.network, "running statistics");
    api_assert_same_arrays(api_parameters(s.network), parameters, "parameters");
}

/* The arrays of the rows are the caller's again when forward returns; and dx, which may
 * be left out, changes no gradient. */
DTYPE_TEST(backward_reads_no_rows_and_may_leave_dx_out)
{
    double dx[2][SETUP_X] = {{0}};
    double *gradients[3];
    for (size_t i = 0; i < LENGTH(gradients); i++) {
        const struct setup s = setup_default(dtype);
        const double *y = setup_forward(&s);
        if (i == 1)
            memset(s.x, 0xFF, SETUP_X * api_dtype_size(dtype));
        OK(api_backward(s.network, s.workspace, SETUP_ROWS, y, i < 2 ? dx[i] : NULL));
        gradients[i] = api_gradients(s.network, s.workspace);
        api_assert_same_arrays(gradients[i], gradients[0], "gradient");
    }
    api_assert_same(dx[1], dx[0], sizeof dx[0], "dx");
}

/* Without batchnorm the gradient of a batch is the mean of those of its parts, weighted by their
 * numbers of rows, or by the sums of their weights and those of their classes; the penalty counts
 * once. The sum is another gradient. */
LOOP_TEST(gradients_of_several_workspaces_are_averaged, 3)
{
    enum { ROWS = 12, FIRST = 5, INPUTS = 7 };
    static const double class_weights[] = {1.385, 0.731, 2.385};
    struct setup s = SETUP(MLPBN_F64, ROWS, MLPBN_F64, INPUTS, {5, 3});
    mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);
    const double *weights = api_random(ROWS, 29, 0.713, 0.8385);
    double *parts[2], share[2] = {0};
    if (_i > 0)
        s.rows.weights = weights;
    if (_i > 1) {
        loss.class_weights = class_weights;
        loss.n_class_weights = 3;
    }
    for (size_t i = 0; i < ROWS; i++)
        share[i >= FIRST] +=
            (_i > 0 ? weights[i] : 1) * (_i > 1 ? class_weights[s.labels[i]] : 1);
    const double *expected = setup_gradient(&s, &loss);
    for (size_t i = 0; i < LENGTH(parts); i++) {
        mlpbn_rows rows = s.rows;
        const size_t begin = i * FIRST;
        rows.n = rows.n_data = i ? ROWS - FIRST : FIRST;
        rows.data = (const double *)s.x + begin * INPUTS;
        rows.labels = s.labels + begin;
        rows.weights = _i > 0 ? weights + begin : NULL;
        mlpbn_workspace *workspace = api_workspace(s.network, ROWS, 1);
        OK(mlpbn_gradient(s.network, workspace, &rows, &loss, NULL));
        parts[i] = api_gradients_in_place(s.network, workspace);
    }
    const size_t n = api_length(expected);
    double sum_error = 0;
    for (size_t i = 0; i < n; i++) {
        sum_error = fmax(sum_error, fabs(parts[0][i] + parts[1][i] - expected[i]));
        parts[0][i] =
            (share[0] * parts[0][i] + share[1] * parts[1][i]) / (share[0] + share[1]);
    }
    api_assert_close(parts[0], expected, n, reference_tolerance(s.network), "gradient");
    ck_assert_double_gt(sum_error, 0.1 * api_largest(expected));
}

/* Of two workspaces, the step commits the statistics of the one that it is called with. */
DTYPE_TEST(a_step_commits_the_statistics_of_its_workspace)
{
    const struct setup s = setup_default(dtype), alone = setup_default(dtype);
    const struct setup *const both[] = {&s, &alone};
    mlpbn_workspace *other = api_workspace(s.network, SETUP_MAX, 1);
    mlpbn_rows half = s.rows;
    half.n = 3;
    OK(mlpbn_gradient(s.network, other, &half, NULL, NULL));
    for (size_t i = 0; i < LENGTH(both); i++) {
        setup_gradient(both[i], NULL);
        OK(setup_update(both[i]));
    }
    ck_assert_uint_eq(mlpbn_batchnorm_batches(api_batchnorm(s.network, 0)),
                      mlpbn_batchnorm_batches(api_batchnorm(alone.network, 0)));
    api_assert_equal(s.network, alone.network, "step with one of two workspaces");
}

/* All weights and biases 0: every hidden z is 0, where ReLU has slope 0. */
DTYPE_TEST(relu_has_no_slope_at_zero)
{
    const struct setup s = SETUP(MLPBN_F32, SETUP_ROWS, dtype, 5, {4, 3});
    const mlpbn_tensor bias = api_describe(s.network, 1);
    const mlpbn_tensor last = api_describe(s.network, 3);
    api_fill(s.network, 0, MLPBN_WEIGHT, 0);
    api_fill(s.network, 0, MLPBN_BIAS, 0);
    const double *gradients = setup_gradient(&s, NULL);
    ck_assert(bias.layer == 0 && last.layer == 1 && last.kind == MLPBN_BIAS);
    ck_assert(api_max_abs(gradients + bias.offset, bias.columns) == 0);
    ck_assert(api_max_abs(gradients + last.offset, last.columns) > 0.01);
}

/* The L2 term adds 2 lambda W to the gradient of weights, and nothing to any other. */
DTYPE_TEST(lambda_adds_to_weights_only)
{
    const double lambda = 0.0385;
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, lambda);
    const struct setup s = setup_default(dtype);
    const double *expected = setup_gradient(&s, NULL);
    const double *got = setup_gradient(&s, &loss);
    const double *parameters = api_parameters(s.network);
    for (size_t i = 0; i < mlpbn_network_n_tensors(s.network); i++) {
        const mlpbn_tensor t = api_describe(s.network, i);
        const size_t size = t.is_parameter ? t.rows * t.stride : 0;
        for (size_t e = t.offset; e < t.offset + size; e++) {
            const double gain = t.kind == MLPBN_WEIGHT ? 2 * lambda * parameters[e] : 0;
            /* a product and a sum are rounded */
            api_assert_near(got[e], expected[e] + gain,
                            2 * api_epsilon(dtype) * (fabs(expected[e]) + fabs(gain)),
                            t.name);
        }
    }
}
