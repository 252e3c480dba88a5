/* NaN and infinity, in what comes in and in what becomes of it: MLPBN_ENONFINITE, and
 * nothing changed. */
#include "api_calls.h"
#include "api_reference.h"

/* Calls that compute outputs, and those of them that compute a loss. */
static const enum call computing[] = {GRADIENT, TRAIN_STEP, EVALUATE, FORWARD, PREDICT};
enum { N_COMPUTING = 5, N_SCORING = 3 };

static const double not_finite[] = {API_NAN, HUGE_VAL, -HUGE_VAL};

/* The first n of these calls fail with ENONFINITE. */
static void assert_nonfinite(size_t n, const struct setup *s, const mlpbn_rows *rows,
                             const mlpbn_loss_options *loss, const char *words)
{
    for (size_t i = 0; i < n; i++) {
        api_case(api_calls[computing[i]].name, words);
        NONFINITE(words, call_rows(computing[i], s, rows, loss));
    }
}

/* --- In the rows -------------------------------------------------------------------- */

enum { N_DTYPE_PAIRS = N_DTYPES * N_DTYPES };

/* In rows of both dtypes, for networks of both. The last one, 2.385e57, is infinite where it
 * is rounded to float: just in f64 rows, for an f32 network. */
LOOP_TEST(a_number_in_the_rows_or_targets, LENGTH(not_finite) * N_DTYPE_PAIRS + 1)
{
    static const double values[] = {API_NAN, HUGE_VAL, -HUGE_VAL, 2.385e57};
    static const char *const words[] = {"4|3|nan", "4|3|inf", "4|3|inf", "4|3"};
    const size_t which = (size_t)_i / N_DTYPE_PAIRS;
    const mlpbn_dtype network = api_dtypes[_i / N_DTYPES % N_DTYPES];
    const mlpbn_dtype dtype = OTHER(api_dtypes[_i % N_DTYPES]);
    const double value = values[which];
    const struct setup s = setup_default(network);
    const struct data data = data_make(dtype, SETUP_ROWS, SETUP_INPUTS, SETUP_OUTPUTS, 7);
    void *targets = api_alloc(SETUP_Y_SIZE, api_dtype_size(dtype));
    mlpbn_rows rows = s.rows;
    api_store(data.x, dtype, 4 * SETUP_INPUTS + 3, value);
    for (size_t i = 0; i < N_COMPUTING; i++) {
        NONFINITE(words[which], call_rows(computing[i], &s, &data.rows, NULL));
        /* The standardized number is told only where the number itself is finite. */
        ck_assert_int_eq(api_mentions(mlpbn_last_error(), "standardized"),
                         isfinite(value) != 0);
    }
    data_set_targets(&rows, targets, dtype, SETUP_OUTPUTS);
    for (size_t i = 0; i < SETUP_Y_SIZE; i++)
        api_store(targets, dtype, i, i == 4 * SETUP_OUTPUTS + 2 ? value : 0.731);
    assert_nonfinite(N_SCORING, &s, &rows, &api_squares, "targets|4|2");
    setup_assert_unchanged(&s);
}

/* Backward fails with these words, leaves dx as it was, and no gradient. */
static void assert_backward_fails(const struct setup *s, const double *dy,
                                  const char *words)
{
    const double zeros[SETUP_X] = {0};
    double dx[SETUP_X] = {0};
    setup_forward(s);
    NONFINITE(words, api_backward(s->network, s->workspace, SETUP_ROWS, dy, dx));
    api_assert_same(dx, zeros, sizeof dx, "dx");
    FAILS(MLPBN_ESTATE, "", call_rows(GET_GRADIENTS, s, &s->rows, NULL));
}

/* --- In the forward pass ------------------------------------------------------------ */

static double huge(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? 0.9 * (double)FLT_MAX : 0.9 * DBL_MAX;
}

/* Makes the rows positive, so that sums of huge weights overflow. */
static void make_positive(const struct setup *s)
{
    for (size_t i = 0; i < SETUP_X; i++)
        api_store(s->x, s->rows.dtype, i, 1.385 + 0.5 * api_uniform(3, i));
}

/* Weights of a layer: all `value`, or of changing sign, so that infinities meet. */
static void set_weights(mlpbn_network *network, size_t layer, double value,
                        int alternating)
{
    double *weight = api_tensor(network, layer, MLPBN_WEIGHT);
    for (size_t i = 0; i < api_length(weight); i++)
        weight[i] = alternating && i % 2 ? -value : value;
    api_set(network, layer, MLPBN_WEIGHT, weight);
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

/* Each in both dtypes, with batchnorm in layer 0 and without. */
LOOP_DTYPE_TEST(a_diverged_network, 2 * LENGTH(divergences))
{
    const unsigned batchnorm = (unsigned)_i % 2;
    const size_t which = (size_t)_i / 2, layer = divergences[which].layer;
    const struct setup s = SETUP(dtype, SETUP_ROWS, dtype, SETUP_INPUTS,
                                 {4, SETUP_OUTPUTS}, .batchnorm_mask = batchnorm);
    make_positive(&s);
    set_weights(s.network, layer, divergences[which].sign * huge(dtype),
                divergences[which].alternating);
    if (layer == 1)
        api_fill(s.network, 0, batchnorm ? MLPBN_BETA : MLPBN_BIAS, 17.385);
    const struct snapshot before = snapshot_take(s.network);
    assert_nonfinite(N_COMPUTING, &s, &s.rows, NULL, layer ? "layer|1" : "layer|0");
    snapshot_assert(&before, s.network, divergences[which].name);
}

/* Infinite activations of layer 0 times negative weights of layer 1 are minus infinite,
 * and ReLU makes zeros of them: the outputs are finite. */
DTYPE_TEST(a_divergence_that_relu_hides)
{
    const struct setup s =
        SETUP(MLPBN_U8, SETUP_ROWS, dtype, SETUP_INPUTS, {4, 6, SETUP_OUTPUTS});
    set_weights(s.network, 0, huge(dtype), 0);
    set_weights(s.network, 1, -0.731, 0);
    assert_nonfinite(N_COMPUTING, &s, &s.rows, NULL, "layer|0");
}

/* The loss fits, lambda times the sum of squared weights does not: whether a step is
 * taken must not depend on whether the caller asks for metrics. */
TEST(a_cost_that_does_not_fit)
{
    const struct setup s = setup_default(MLPBN_F64);
    set_weights(s.network, 0, 2.385e200, 0);
    memset(s.x, 0, SETUP_X * sizeof(double));
    mlpbn_metrics metrics = setup_evaluate(&s, &api_penalized);
    ck_assert(isinf(metrics.cost) && isfinite(metrics.loss));
    metrics = setup_metrics(&s, &api_penalized);
    ck_assert(isinf(metrics.cost) && isfinite(metrics.loss));
    OK(mlpbn_gradient(s.network, s.workspace, &s.rows, &api_penalized, NULL));
}

/* --- In the backward pass ----------------------------------------------------------- */

/* What is computed from finite outputs. A variance, which is a square, would not fit the
 * running variance; a squared error; a gradient of layer 0: dy times W is the square of
 * something of the size of y. */
static const struct {
    mlpbn_dtype dtype;
    size_t layer;
    double weight;
    int alternating;
    mlpbn_loss loss;
    unsigned works; /* bits of calls that do not need it, the other ones fail */
    const char *words;
} overflows[] = {
    {MLPBN_F32, 0, 2.385e25, 1, MLPBN_SOFTMAX_CROSS_ENTROPY, 1 << EVALUATE,
     "layer|0|learning rate"},
    {MLPBN_F64, 1, 2.385e200, 0, MLPBN_MEAN_SQUARED_ERROR, 0, "loss"},
    {MLPBN_F32, 1, 2.385e25, 0, MLPBN_MEAN_SQUARED_ERROR, 1 << EVALUATE, "layer"},
};

LOOP_TEST(a_variance_loss_or_gradient_that_does_not_fit, LENGTH(overflows))
{
    const mlpbn_loss_options loss = api_loss_options(overflows[_i].loss, 0);
    const struct setup s = setup_default(overflows[_i].dtype);
    make_positive(&s);
    set_weights(s.network, overflows[_i].layer, overflows[_i].weight,
                overflows[_i].alternating);
    if (overflows[_i].layer == 1)
        api_fill(s.network, 0, MLPBN_BETA, 17.385);
    const struct snapshot before = snapshot_take(s.network);
    for (size_t i = 0; i < N_SCORING; i++) {
        api_case(api_calls[computing[i]].name, overflows[_i].words);
        if (overflows[_i].works >> computing[i] & 1)
            OK(call_rows(computing[i], &s, &s.rows, &loss));
        else
            NONFINITE(overflows[_i].words, call_rows(computing[i], &s, &s.rows, &loss));
        if (computing[i] != EVALUATE)
            FAILS(MLPBN_ESTATE, "", call_rows(GET_GRADIENTS, &s, &s.rows, NULL));
    }
    snapshot_assert(&before, s.network, "a step that failed");
}

/* A number in dy; a gradient that does not fit; or the derivative by the standardized input
 * fits, but divided by std it does not. */
DTYPE_TEST(backward_finds_what_is_not_finite)
{
    static const double mean[SETUP_INPUTS] = {0};
    const double std[SETUP_INPUTS] = {1, 1, dtype == MLPBN_F64 ? 1e-300 : 1e-35, 1, 1};
    const struct setup s = setup_default(dtype), positive = setup_default(dtype);
    double dy[SETUP_Y_SIZE] = {1.385};
    for (size_t i = 0; i < LENGTH(not_finite); i++) {
        dy[4 * SETUP_OUTPUTS + 2] = not_finite[i];
        assert_backward_fails(&s, dy, "dy|4|2");
    }
    make_positive(&positive);
    for (size_t i = 0; i < SETUP_Y_SIZE; i++)
        dy[i] = huge(dtype) / 4 * (1 + (double)(i % 3));
    assert_backward_fails(&positive, dy, "layer");
    api_assert_equal(positive.network, s.network, "backward");
    setup_assert_unchanged(&s);
    /* (x - mean) / std is small again */
    for (size_t i = 2; i < SETUP_X; i += SETUP_INPUTS)
        api_store(s.x, dtype, i, std[2] * api_uniform(5, i));
    OK(mlpbn_network_set_standardization(s.network, mean, std, SETUP_INPUTS));
    for (size_t i = 0; i < SETUP_Y_SIZE; i++)
        dy[i] = 2.385e9 * api_uniform(6, i);
    assert_backward_fails(&s, dy, "");
}

/* --- After a failure ---------------------------------------------------------------- */

enum { BIG = 21 };

/* Fills a workspace with infinities and NaN: a batch whose activations overflow, and one
 * whose derivatives do. */
static void poison(const mlpbn_network *network, mlpbn_workspace *workspace)
{
    const mlpbn_dtype dtype = mlpbn_network_dtype(network);
    const struct data data = data_make(dtype, BIG, SETUP_INPUTS, SETUP_OUTPUTS, 7);
    double dx[BIG * SETUP_INPUTS], y[BIG * SETUP_OUTPUTS] = {0};
    OK(api_forward(network, workspace, &data.rows, y));
    for (size_t i = 0; i < LENGTH(y); i++)
        y[i] = huge(dtype) * (i % 2 ? 1 : -1);
    NONFINITE("", api_backward(network, workspace, BIG, y, dx));
    for (size_t i = 0; i < LENGTH(dx); i++)
        api_store(data.x, dtype, i, huge(dtype) * (i % 3 ? 1 : -1));
    NONFINITE("", api_predict(network, workspace, &data.rows, y));
    NONFINITE("", api_forward(network, workspace, &data.rows, y));
}

enum way { BY_PREDICTION, BY_BACKWARD, BY_ENTROPY, BY_SQUARES, WAYS };

/* Everything that a batch gives by one way. */
static struct snapshot results(enum way way, const mlpbn_network *network,
                               mlpbn_workspace *workspace, const mlpbn_rows *rows)
{
    struct snapshot all = {0, NULL};
    double dx[SETUP_X] = {0}, y[SETUP_Y_SIZE] = {0};
    if (way == BY_PREDICTION) {
        OK(api_predict(network, workspace, rows, y));
    } else if (way == BY_BACKWARD) {
        OK(api_forward(network, workspace, rows, y));
        OK(api_backward(network, workspace, rows->n, y, dx));
    } else {
        const mlpbn_loss_options *loss = way == BY_SQUARES ? &api_squares : NULL;
        OK(mlpbn_gradient(network, workspace, rows, loss, NULL));
    }
    if (way != BY_PREDICTION)
        snapshot_add_array(&all, api_gradients(network, workspace));
    snapshot_add(&all, y, sizeof y);
    snapshot_add(&all, dx, sizeof dx);
    return all;
}

/* Whatever a failed batch left in the workspace, also beyond the rows of the next one, is
 * not read again: the same bits as in a fresh workspace. */
LOOP_TEST(a_failure_leaves_nothing_behind, 8)
{
    static const size_t batches[] = {7, 2, 5};
    const mlpbn_dtype dtype = api_dtypes[_i % N_DTYPES];
    mlpbn_network *network = NETWORK(dtype, SETUP_INPUTS, {20, 9, SETUP_OUTPUTS},
                                     .batchnorm_mask = (unsigned)_i / 2);
    struct data data = data_make(MLPBN_F32, SETUP_ROWS, SETUP_INPUTS, SETUP_OUTPUTS, 7);
    for (size_t i = 0; i < LENGTH(batches) * WAYS; i++) {
        const enum way way = (enum way)(i % WAYS);
        mlpbn_workspace *workspace = api_workspace(network, BIG, 1);
        data.rows.n = batches[i / WAYS];
        poison(network, workspace);
        const struct snapshot got = results(way, network, workspace, &data.rows);
        const struct snapshot expected =
            results(way, network, api_workspace(network, BIG, 1), &data.rows);
        ck_assert_msg(snapshot_equal(&got, &expected), "way %d, %zu rows", (int)way,
                      data.rows.n);
    }
}

/* --- In the step -------------------------------------------------------------------- */

/* Computes the gradient and writes into it. */
static void spoil_gradient(const struct setup *s, const mlpbn_loss_options *loss,
                           size_t at, double value)
{
    OK(mlpbn_gradient(s->network, s->workspace, &s->rows, loss, NULL));
    api_store(api_gradients_in_place(s->network, s->workspace),
              mlpbn_network_dtype(s->network), at, value);
}

/* Where the last element of a tensor's first row is in the array of gradients. */
static size_t end_of_row(const mlpbn_network *network, size_t layer,
                         mlpbn_tensor_kind kind)
{
    const mlpbn_tensor t = api_describe(network, api_find(network, layer, kind));
    return t.offset + t.columns - 1;
}

DTYPE_TEST(a_gradient_or_padding_that_the_caller_spoiled)
{
    struct setup s = setup_default(dtype);
    for (size_t i = 0; i < mlpbn_network_n_tensors(s.network); i++) {
        const mlpbn_tensor tensor = api_describe(s.network, i);
        for (size_t v = 0; tensor.is_parameter && v < LENGTH(not_finite); v++) {
            spoil_gradient(&s, NULL, tensor.offset + tensor.columns - 1, not_finite[v]);
            NONFINITE(tensor.name, setup_update(&s));
        }
    }
    setup_assert_unchanged(&s);
    /* Rows of a multiple of 1 KiB have more padding than the product that gives their gradient
     * writes: it would reach the parameters with the next step. */
    s = SETUP(MLPBN_F32, SETUP_ROWS, dtype, 256, {6, SETUP_OUTPUTS});
    const mlpbn_tensor weight = api_describe(s.network, 0);
    ck_assert_uint_gt(weight.stride, 256);
    spoil_gradient(&s, NULL, weight.offset + 3 * weight.stride - 1, API_NAN);
    NONFINITE("layer0.weight", setup_update(&s));
    NONFINITE("layer0.weight",
              mlpbn_train_step(s.network, s.optimizer, s.workspace, &s.rows, NULL, NULL));
}

/* A rate at which parameters overflow; the optimizer's memory stays, too. */
DTYPE_TEST(a_rate_that_is_too_large)
{
    static const double rates[] = {2.385e41, 1e300, DBL_MAX};
    const int is_f32 = dtype == MLPBN_F32;
    const struct setup s = setup_default(dtype);
    for (size_t i = is_f32 ? 0 : 2; i < LENGTH(rates); i++) {
        OK(mlpbn_optimizer_set_learning_rate(s.optimizer, rates[i]));
        /* larger than 1 somewhere, so that even DBL_MAX times it overflows */
        spoil_gradient(&s, NULL, end_of_row(s.network, 0, MLPBN_GAMMA), 23.85);
        NONFINITE(is_f32 ? "learning rate|float" : "layer", setup_update(&s));
        if (is_f32)
            NONFINITE("learning rate", call_rows(TRAIN_STEP, &s, &s.rows, NULL));
    }
    OK(mlpbn_optimizer_set_learning_rate(s.optimizer, 0.0385));
    setup_assert_unchanged(&s);
}

/* A rate that no float holds, but the step by so small a gradient is finite, or nothing:
 * taken as it should be, or refused; never taken to infinity. */
LOOP_DTYPE_TEST(a_rate_that_only_a_double_holds, 2)
{
    const double size = _i ? 1e-30 : 0;
    struct setup s = setup_default(dtype);
    double *expected = api_parameters(s.network);
    s.optimizer = api_optimizer(s.network, 2.385e41, 0, 0);
    OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
    void *gradients = api_gradients_in_place(s.network, s.workspace);
    for (size_t i = 0; i < mlpbn_network_n_tensors(s.network); i++) {
        const mlpbn_tensor t = api_describe(s.network, i);
        for (size_t e = 0; t.is_parameter && e < t.rows * t.stride; e++) {
            const double g = e < t.columns ? size : 0; /* in the first row */
            api_store(gradients, dtype, t.offset + e, g);
            expected[t.offset + e] -= 2.385e41 * g;
        }
    }
    const mlpbn_status status = setup_update(&s);
    const double *got = api_parameters(s.network);
    ck_assert_msg(isfinite(api_largest(got)), "status %d, not finite", (int)status);
    if (status)
        ck_assert_int_eq(status, MLPBN_ENONFINITE);
    else
        api_assert_close_arrays(got, expected,
                                4 * api_epsilon(dtype) * api_largest(expected), "step");
}

/* Finite gradients whose running sum is not, at a rate that hardly moves parameters: they
 * stay finite, and the failing step takes nothing with it. */
LOOP_DTYPE_TEST(a_velocity_that_does_not_fit, 2)
{
    const struct setup s = setup_default(dtype);
    mlpbn_status status = MLPBN_OK;
    OK(mlpbn_optimizer_set_learning_rate(s.optimizer, _i ? 1 / huge(dtype) : 0));
    for (int i = 0; i < 4 && !status; i++) {
        spoil_gradient(&s, NULL, end_of_row(s.network, 1, MLPBN_BIAS), huge(dtype));
        const struct snapshot before = snapshot_take(s.network);
        status = setup_update(&s);
        ck_assert_msg(isfinite(api_largest(api_parameters(s.network))),
                      "step %d: status %d, and not finite", i, (int)status);
        if (status) {
            NONFINITE("layer1.bias", status);
            snapshot_assert(&before, s.network, "step");
        }
    }
    ck_assert_int_eq(status, MLPBN_ENONFINITE);
    /* The velocity is still finite: a usual step goes on. */
    setup_step(&s, NULL);
}

/* One weight of float, and no bias. */
static struct setup one_weight(void)
{
    return SETUP(MLPBN_F32, 1, MLPBN_F32, 1, {1}, .no_bias_mask = 1);
}

#define MAX ((double)FLT_MAX)

/* Steps of one weight, which is 1.5, by gradients that the test writes. The last one fails,
 * and changes nothing. */
static const struct factor_case {
    const char *words;
    mlpbn_optimizer_kind kind;
    double rate, weight_decay, beta2, eps, clip_norm; /* beta2: rho of RMSprop */
    size_t n;
    double gradients[2];
} factor_cases[] = {
    {"beta1^t", MLPBN_ADAM, 0.1385 * MAX, 0, 0.999, 1e-8, 0, 1, {0}},
    {"beta1^t", MLPBN_ADAM, 0.1385 * MAX, 0, 0.999, 1e-8, 0, 1, {1e-30}},
    {"beta1^t", MLPBN_ADAMW, 0.1385 * MAX, 0, 0.999, 1e-8, 0, 1, {0}},
    {"beta1^t|0.9|2", MLPBN_ADAM, 0.5385 * MAX, 0, 0.999, 1e-8, 0, 2, {0, 0}},
    {"weight_decay", MLPBN_ADAMW, 0.01 * MAX, 2385, 0.999, 1e-8, 0, 1, {0}},
    /* m / eps overflows once v has vanished, although the rate would make it small. */
    {"layer0.weight", MLPBN_ADAM, 1e-25, 0, 0, 1e-30, 0, 2, {1e18, 0}},
    {"squared gradient of layer0.weight", MLPBN_ADAM, 0.1, 0, 0.999, 1e-8, 0, 1, {1e25}},
    {"squared gradient of layer0.weight", MLPBN_RMSPROP, 0.1, 0, 0, 1e-8, 0, 1, {1e25}},
    {"clip_norm|vanishes", MLPBN_SGD, 0.1, 0, 0, 1e-8, 2.385e-12, 1, {2.385e30}},
};

LOOP_TEST(a_factor_of_a_step_that_does_not_fit, LENGTH(factor_cases))
{
    const struct factor_case *c = &factor_cases[_i];
    struct setup s = one_weight();
    mlpbn_optimizer_options options =
        OPTIONS(optimizer, .kind = c->kind, .beta1 = 0.9, .beta2 = c->beta2,
                .rho = c->beta2, .eps = c->eps, .weight_decay = c->weight_decay,
                .clip_norm = c->clip_norm, .decay_kinds = MLPBN_KIND_BIT(MLPBN_WEIGHT));
    api_drop_unused(&options);
    s.optimizer = api_create_optimizer(s.network, &options);
    api_fill(s.network, 0, MLPBN_WEIGHT, 1.5);
    for (size_t i = 0; i < c->n; i++) {
        const int is_last = i + 1 == c->n;
        spoil_gradient(&s, &api_squares, 0, c->gradients[i]);
        if (is_last)
            OK(mlpbn_optimizer_set_learning_rate(s.optimizer, c->rate));
        const struct snapshot before = snapshot_take(s.network);
        if (is_last) {
            NONFINITE(c->words, setup_update(&s));
            snapshot_assert(&before, s.network, c->words);
        } else {
            OK(setup_update(&s));
        }
        ck_assert(*api_tensor(s.network, 0, MLPBN_WEIGHT) == 1.5);
    }
}

/* Below that rate, Adam's first step is rate times the sign of the gradient. */
TEST(the_largest_rate_of_adam_that_fits)
{
    const double rate = 0.0938 * MAX;
    struct setup s = one_weight();
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    options.kind = MLPBN_ADAM;
    options.learning_rate = rate;
    s.optimizer = api_create_optimizer(s.network, &options);
    spoil_gradient(&s, &api_squares, 0, 2.385);
    OK(setup_update(&s));
    api_assert_near(*api_tensor(s.network, 0, MLPBN_WEIGHT), -rate, 1e-6 * rate,
                    "weight");
}

/* Finite before the activation, not after it: in training and in prediction, where there
 * is no layer behind it that would notice. */
LOOP_DTYPE_TEST(an_activation_that_overflows_is_named, 2)
{
    const int is_leaky = _i;
    const double x = (is_leaky ? -0.97 : 0.97) / 0.9 * huge(dtype);
    const mlpbn_rows rows = MLPBN_ROWS_INIT(&x, MLPBN_F64, 1, 1);
    mlpbn_network *network =
        NETWORK(dtype, 1, {1}, .no_bias_mask = 1,
                .last = is_leaky ? MLPBN_LEAKY_RELU : MLPBN_SELU, .alpha = 2.385);
    mlpbn_workspace *workspace = api_workspace(network, 1, 1);
    double y = 0.375;
    api_fill(network, 0, MLPBN_WEIGHT, 1);
    NONFINITE("layer 0|unit 0|after", api_predict(network, workspace, &rows, &y));
    NONFINITE("layer 0|unit 0|after", api_forward(network, workspace, &rows, &y));
    ck_assert(y == 0.375);
}
