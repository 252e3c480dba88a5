/* Losses, cost, accuracy: their values, and bad options. */
#include "api_calls.h"
#include "api_reference.h"

static const double class_weights[10] = {0.61,  1.385, 0.713, 2.17, 0.873,
                                         1.173, 0.331, 0.951, 1.61, 0.385};

static const double pos_weights[10] = {2.385, 0.61, 3.173, 0.731, 1.385,
                                       0.951, 2.17, 0.385, 1.173, 0.873};

static const double quantiles[10] = {0.5,  0.0385, 0.9731, 0.831, 0.25,
                                     0.61, 0.173,  0.331,  0.713, 0.95};

/* Each loss with every combination of weights and smoothing that it takes, and with one reduction or
 * another. */
enum {
    BY_CLASS = 1,
    BY_ROW = 2,
    SMOOTHED = 4 /* or with an array that other losses do not take */,
    N_VARIANTS = 8 * LAST_LOSS
};

static mlpbn_loss_options variant_options(size_t i, double lambda, size_t outputs)
{
    static const unsigned penalty_kinds[] = {
        MLPBN_KIND_BIT(MLPBN_WEIGHT), MLPBN_KIND_BIT(MLPBN_BIAS),
        MLPBN_KIND_BIT(MLPBN_GAMMA),  MLPBN_KIND_BIT(MLPBN_BETA),
        MLPBN_ALL_PARAMETERS,         0};
    const size_t variant = i / LAST_LOSS;
    mlpbn_loss_options options =
        api_loss_options((mlpbn_loss)(i % LAST_LOSS + 1), lambda);
    const int has_labels = options.loss == MLPBN_SOFTMAX_CROSS_ENTROPY;
    const int has_positives = options.loss == MLPBN_SIGMOID_CROSS_ENTROPY;
    const int has_classes =
        has_labels || has_positives || options.loss == MLPBN_SOFT_CROSS_ENTROPY;
    options.pos_weights = has_positives && variant & SMOOTHED ? pos_weights : NULL;
    options.n_pos_weights = options.pos_weights ? outputs : 0;
    options.class_weights = has_classes && variant & BY_CLASS ? class_weights : NULL;
    options.n_class_weights = options.class_weights ? outputs : 0;
    options.label_smoothing = has_labels && variant & SMOOTHED ? 0.173 : 0;
    options.penalty = variant & BY_ROW ? MLPBN_L2_HALF_SUM : MLPBN_L2_SUM;
    options.penalty_kinds = penalty_kinds[variant % LENGTH(penalty_kinds)];
    if (options.penalty_kinds == 0)
        options.lambda = 0; /* it would have no effect */
    options.huber_delta = options.loss == MLPBN_HUBER ? 0.731 : 1;
    if (options.loss == MLPBN_PINBALL && variant & SMOOTHED) {
        options.quantiles = quantiles;
        options.n_quantiles = outputs;
    } else if (options.loss == MLPBN_PINBALL)
        options.quantile = 0.0831;
    options.reduction = (mlpbn_reduction)(variant % LAST_REDUCTION + 1);
    return options;
}

/* All of the metrics against the outputs y of an independent computation. */
static void assert_metrics(const mlpbn_metrics *metrics, const struct setup *s,
                           const mlpbn_loss_options *options, const double *y)
{
    const mlpbn_rows *rows = &s->rows;
    const double k = (double)rows->target_columns, n = (double)rows->n;
    const double largest = api_largest(y);
    const double penalty = reference_penalty(s->network, options);
    const double epsilon = reference_tolerance(s->network);
    /* Outputs and loss are of the size 1; a squared error has twice its root as slope. */
    const double losses = options->reduction == MLPBN_REDUCTION_SUM ? n : 1;
    const double tolerance = epsilon * (4 + 2 * largest + k) * losses;
    const int has_labels = options->loss == MLPBN_SOFTMAX_CROSS_ENTROPY;
    const size_t correct = has_labels ? reference_correct(y, rows) : 0;
    ck_assert_uint_eq(metrics->struct_size, sizeof *metrics);
    ck_assert_uint_eq(metrics->n, rows->n);
    api_assert_near(metrics->loss, reference_loss(options, y, rows), tolerance, "loss");
    api_assert_near(metrics->cost - metrics->loss, penalty, tolerance + epsilon * penalty,
                    "penalty");
    ck_assert_uint_eq(metrics->correct, correct);
    ck_assert(metrics->accuracy == (double)((double)correct / n));
}

/* Each variant with a penalty and without. */
LOOP_DTYPE_TEST(losses_have_their_values, N_SHAPES)
{
    enum { ROWS = 23 };
    struct setup s = setup_of(spec_of(&api_shapes[_i], dtype), MLPBN_F32, ROWS);
    const size_t outputs = mlpbn_network_outputs(s.network);
    const double *predicted = reference_run(s.network, &s.rows, REFERENCE_PREDICT).y;
    const double *trained = reference_run(s.network, &s.rows, REFERENCE_TRAIN).y;
    const double *weights = api_random(ROWS, 29, 0.713, 0.8385);
    api_make_probabilities(s.targets, ROWS * outputs);
    for (size_t i = 0; i < 2 * N_VARIANTS; i++) {
        const mlpbn_loss_options options =
            variant_options(i / 2, i % 2 ? 0.0385 : 0, outputs);
        if (!api_loss_fits(options.loss, s.network))
            continue;
        s.rows.weights = i / 2 / LAST_LOSS & BY_ROW ? weights : NULL;
        const mlpbn_metrics evaluated = setup_evaluate(&s, &options);
        const mlpbn_metrics of_gradient = setup_metrics(&s, &options);
        assert_metrics(&evaluated, &s, &options, predicted);
        assert_metrics(&of_gradient, &s, &options, trained);
    }
}

/* All calls that compute a loss refuse these options and rows. */
static void assert_refused(const struct setup *s, const mlpbn_loss_options *loss,
                           mlpbn_status status, const char *words)
{
    FAILS(status, words, call_rows(GRADIENT, s, &s->rows, loss));
    FAILS(status, words, call_rows(TRAIN_STEP, s, &s->rows, loss));
    FAILS(status, words, call_rows(EVALUATE, s, &s->rows, loss));
}

/* Outputs that are probabilities, with a loss for logits that is not made for them; and the
 * softmax of one unit. */
static const struct {
    mlpbn_activation last;
    size_t outputs;
    mlpbn_loss loss;
    const char *words;
} misfits[] = {
    {MLPBN_SIGMOID, 3, MLPBN_SOFTMAX_CROSS_ENTROPY, "softmax|sigmoid|MLPBN_IDENTITY"},
    {MLPBN_SIGMOID, 3, MLPBN_SOFT_CROSS_ENTROPY, "softmax|sigmoid|MLPBN_SOFTMAX"},
    {MLPBN_HARD_SIGMOID, 3, MLPBN_SOFTMAX_CROSS_ENTROPY, "hard_sigmoid|MLPBN_SOFTMAX"},
    {MLPBN_HARD_SIGMOID, 3, MLPBN_SOFT_CROSS_ENTROPY, "hard_sigmoid"},
    {MLPBN_HARD_SIGMOID, 3, MLPBN_SIGMOID_CROSS_ENTROPY, "hard_sigmoid|MLPBN_SIGMOID"},
    {MLPBN_SOFTMAX, 3, MLPBN_SIGMOID_CROSS_ENTROPY, "sigmoid|softmax|MLPBN_SIGMOID"},
    {MLPBN_SOFTMAX, 1, MLPBN_SIGMOID_CROSS_ENTROPY, "sigmoid|softmax"},
    {MLPBN_SOFTMAX, 1, MLPBN_SOFTMAX_CROSS_ENTROPY, "MLPBN_SIGMOID_CROSS_ENTROPY|1"},
    {MLPBN_IDENTITY, 1, MLPBN_SOFTMAX_CROSS_ENTROPY, "MLPBN_SIGMOID_CROSS_ENTROPY|1"},
    {MLPBN_IDENTITY, 1, MLPBN_SOFT_CROSS_ENTROPY, "MLPBN_SIGMOID_CROSS_ENTROPY|1"},
};

LOOP_DTYPE_TEST(losses_that_do_not_fit_the_outputs_are_refused, LENGTH(misfits))
{
    const struct setup s =
        SETUP(MLPBN_F64, 7, dtype, 5, {4, misfits[_i].outputs}, .last = misfits[_i].last);
    const mlpbn_loss_options loss = api_loss_options(misfits[_i].loss, 0);
    const struct snapshot before = snapshot_take(s.network);
    mlpbn_gradcheck_report *report = api_untouched();
    const char *words = misfits[_i].words;
    api_make_probabilities(s.targets, 7 * misfits[_i].outputs);
    assert_refused(&s, &loss, MLPBN_EINVAL, words);
    INVALID(words, mlpbn_gradcheck(&report, s.network, &s.rows, &loss, NULL));
    ck_assert_ptr_eq(report, api_untouched());
    snapshot_assert(&before, s.network, "network");
}

/* Numbers that batchnorm makes of a sigmoid's outputs may be logits. */
TEST(batchnorm_after_a_sigmoid_makes_logits)
{
    const struct setup s = SETUP(MLPBN_F64, 7, MLPBN_F64, 5, {4, 3}, .batchnorm_mask = 2,
                                 .norm = &api_after, .last = MLPBN_SIGMOID);
    OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
}

LOOP_TEST(loss_options_without_effect_are_refused, LAST_LOSS)
{
    const struct setup s = setup_default(MLPBN_F32);
    mlpbn_loss_options loss = api_loss_options((mlpbn_loss)(_i + 1), 0);
    api_make_probabilities(s.targets, SETUP_Y_SIZE);
    loss.huber_delta = 2.385;
    if (loss.loss == MLPBN_HUBER)
        OK(mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
    else
        INVALID("huber_delta|no effect|2.385|MLPBN_HUBER",
                mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
    loss.huber_delta = 1;
    loss.quantile = 0.0831;
    if (loss.loss == MLPBN_PINBALL)
        OK(mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
    else
        INVALID("quantile|no effect|0.0831|MLPBN_PINBALL",
                mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
    loss.quantile = 0.5;
    loss.ignore_label = -2385;
    if (loss.loss == MLPBN_SOFTMAX_CROSS_ENTROPY)
        OK(mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
    else
        INVALID("ignore_label|no effect|-2385|MLPBN_NO_IGNORE_LABEL",
                mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
    loss.ignore_label = MLPBN_NO_IGNORE_LABEL;
    loss.n_class_weights = SETUP_OUTPUTS;
    INVALID("class_weights|n_class_weights|NULL",
            mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL));
}

/* With softmax as the last activation the cross-entropy is that of the logits: the same
 * bits as without, while predictions are the softmax of what they were. */
DTYPE_TEST(softmax_at_the_output_is_not_applied_twice)
{
    enum { ROWS = 11, K = 4 };
    mlpbn_metrics metrics[2][2];
    double *gradients[2], *y[2];
    for (int i = 0; i < 2; i++) {
        const struct setup s =
            SETUP(MLPBN_F64, ROWS, dtype, 9, {7, K}, .batchnorm_mask = 1,
                  .last = i ? MLPBN_SOFTMAX : MLPBN_IDENTITY);
        metrics[i][0] = setup_metrics(&s, &api_penalized);
        gradients[i] = api_gradients(s.network, s.workspace);
        metrics[i][1] = setup_evaluate(&s, &api_penalized);
        y[i] = setup_predict(&s);
    }
    api_assert_same_arrays(gradients[1], gradients[0], "gradients");
    api_assert_same(metrics[1], metrics[0], sizeof metrics[0], "metrics");
    for (size_t j = 0; j < ROWS * K; j += K) {
        double sum = 0;
        for (size_t k = j; k < j + K; k++)
            sum += exp(y[0][k]);
        for (size_t k = j; k < j + K; k++)
            api_assert_near(y[1][k], exp(y[0][k]) / sum, 16 * api_epsilon(dtype),
                            "probability");
    }
}

/* --- Values that are known without computing ---------------------------------------- */

/* One layer without bias whose weights are scale times the identity: y = scale x. */
static struct setup scaling_setup(mlpbn_dtype dtype, size_t n, size_t k, double scale)
{
    const struct setup s = SETUP(MLPBN_F64, n, dtype, k, {k}, .no_bias_mask = 1);
    double *weight = api_alloc(k * k, sizeof *weight);
    for (size_t i = 0; i < k; i++)
        weight[i * k + i] = scale;
    api_set(s.network, 0, MLPBN_WEIGHT, weight);
    return s;
}

/* Equal outputs: log k, and the first of equals is the guess. */
DTYPE_TEST(equal_outputs_guess_the_first_class)
{
    enum { K = 7, ROWS = 19 };
    const struct setup s = scaling_setup(dtype, ROWS, K, 0);
    const mlpbn_metrics metrics = setup_evaluate(&s, NULL);
    size_t zeros = 0;
    for (size_t i = 0; i < ROWS; i++)
        zeros += s.labels[i] == 0;
    ck_assert(zeros > 0 && zeros < ROWS);
    ck_assert_uint_eq(metrics.correct, zeros);
    api_assert_near(metrics.loss, log(K), 4 * api_epsilon(dtype), "loss");
}

/* Logits far beyond the range of exp: the loss is the difference of two logits. */
DTYPE_TEST(large_logits_do_not_overflow)
{
    static const double x[] = {2.5, -3, 0.25, -2, -1.75, -4};
    struct setup s = scaling_setup(dtype, 2, 3, 1024);
    s.rows.data = x;
    s.labels[0] = 1;
    s.labels[1] = 0;
    const mlpbn_metrics metrics = setup_metrics(&s, NULL);
    /* 1024 * 5.5 and 1024 * 0.25, the rest is below 1e-100 */
    ck_assert(metrics.loss == 0.5 * 1024 * (5.5 + 0.25));
    ck_assert_uint_eq(metrics.correct, 0);
}

/* --- Bad options -------------------------------------------------------------------- */

/* A row of weight 0 adds nothing, as if the index did not have it, but it is checked. */
DTYPE_TEST(rows_of_weight_0_are_rows)
{
    enum { ROWS = 7 };
    static const size_t others[] = {0, 1, 2, 4, 5, 6};
    double weights[ROWS] = {2.385, 0.61, 0.873, 0, 1.173, 0.331, 0.951};
    struct setup s = SETUP(MLPBN_F64, ROWS, dtype, 5, {4, 3});
    s.rows.weights = weights;
    struct setup without = s;
    data_set_index(&without.rows, others, LENGTH(others), ROWS);
    const double loss = setup_metrics(&s, NULL).loss;
    const double *gradients = api_gradients(s.network, s.workspace);
    api_assert_near(loss, setup_metrics(&without, NULL).loss, 16 * api_epsilon(dtype),
                    "loss");
    api_assert_close_arrays(gradients, api_gradients(s.network, s.workspace),
                            16 * api_epsilon(dtype), "gradient");
    s.labels[3] = 3;
    FAILS(MLPBN_ELABEL, "labels[3]|3", call_rows(GRADIENT, &s, &s.rows, NULL));
    s.labels[3] = 0;
    ((double *)s.x)[3 * 5 + 1] = API_NAN;
    NONFINITE("row|3", call_rows(GRADIENT, &s, &s.rows, NULL));
}

/* The same of the weights of positives. */
TEST(bad_weights_of_positives_are_refused)
{
    static const double bad[] = {-0.0385, API_NAN, HUGE_VAL};
    double positives[SETUP_OUTPUTS] = {1.385, 0.61, 0.873};
    struct setup s = setup_default(MLPBN_F32);
    mlpbn_loss_options loss = api_loss_options(MLPBN_SIGMOID_CROSS_ENTROPY, 0);
    loss.n_pos_weights = SETUP_OUTPUTS;
    assert_refused(&s, &loss, MLPBN_EINVAL, "pos_weights|n_pos_weights|3|NULL");
    loss.pos_weights = positives;
    loss.n_pos_weights = SETUP_OUTPUTS - 1;
    assert_refused(&s, &loss, MLPBN_ESHAPE, "pos_weights|3|2");
    loss.n_pos_weights = SETUP_OUTPUTS;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        positives[1] = bad[i];
        assert_refused(&s, &loss, MLPBN_EINVAL, "pos_weights[1]|at least 0");
    }
    for (int which = 1; which <= LAST_LOSS; which++) {
        loss.loss = (mlpbn_loss)which;
        if (which != MLPBN_SIGMOID_CROSS_ENTROPY)
            assert_refused(&s, &loss, MLPBN_EINVAL, "pos_weights|no effect|SIGMOID");
    }
    setup_assert_unchanged(&s);
}

/* The same of quantiles, which also replace a single one. */
TEST(bad_quantiles_are_refused)
{
    static const double bad[] = {0, 1, -0.0385, 1.0625, API_NAN};
    double q[SETUP_OUTPUTS] = {0.385, 0.61, 0.873};
    struct setup s = setup_default(MLPBN_F32);
    mlpbn_loss_options loss = api_loss_options(MLPBN_PINBALL, 0);
    loss.n_quantiles = SETUP_OUTPUTS;
    assert_refused(&s, &loss, MLPBN_EINVAL, "quantiles|n_quantiles|3|NULL");
    loss.quantiles = q;
    loss.n_quantiles = SETUP_OUTPUTS + 1;
    assert_refused(&s, &loss, MLPBN_ESHAPE, "quantiles|3|4");
    loss.n_quantiles = SETUP_OUTPUTS;
    loss.quantile = 0.731;
    assert_refused(&s, &loss, MLPBN_EINVAL, "quantile|no effect|quantiles|0.731");
    loss.quantile = 0.5;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        q[2] = bad[i];
        assert_refused(&s, &loss, MLPBN_EINVAL, "quantiles[2]|(0, 1)");
    }
    for (int which = 1; which <= LAST_LOSS; which++) {
        loss.loss = (mlpbn_loss)which;
        if (which != MLPBN_PINBALL)
            assert_refused(&s, &loss, MLPBN_EINVAL, "quantiles|no effect|MLPBN_PINBALL");
    }
    setup_assert_unchanged(&s);
}

/* So are targets that are no probabilities. */
TEST(bad_weights_are_refused_and_change_nothing)
{
    static const mlpbn_loss losses[] = {MLPBN_SOFT_CROSS_ENTROPY,
                                        MLPBN_SIGMOID_CROSS_ENTROPY};
    static const double bad[] = {-0.0385, API_NAN, HUGE_VAL};
    double classes[SETUP_OUTPUTS] = {1.385, 0.61, 0.873}, weights[SETUP_ROWS] = {0};
    int32_t labels[SETUP_ROWS];
    struct setup s = setup_default(MLPBN_F32);
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    loss.class_weights = classes;
    loss.n_class_weights = SETUP_OUTPUTS + 1;
    assert_refused(&s, &loss, MLPBN_ESHAPE, "class_weights|3|4");
    loss.n_class_weights = SETUP_OUTPUTS;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        classes[2] = bad[i];
        assert_refused(&s, &loss, MLPBN_EINVAL, "class_weights[2]");
    }
    classes[2] = 0;
    s.rows.weights = weights;
    assert_refused(&s, &loss, MLPBN_EINVAL, "weights|above 0|got 0|skip|reduction");
    for (size_t i = 0; i < LENGTH(bad); i++) {
        weights[4] = bad[i];
        assert_refused(&s, &loss, MLPBN_EINVAL, "weights[4]");
    }
    /* All of one class, whose weight is 0. */
    memcpy(labels, s.labels, sizeof labels);
    for (size_t i = 0; i < SETUP_ROWS; i++) {
        weights[i] = 2.385;
        s.labels[i] = 2;
    }
    assert_refused(&s, &loss, MLPBN_EINVAL, "weights|classes|got 0|skip");
    memcpy(s.labels, labels, sizeof labels);
    s.rows.weights = NULL;
    loss.loss = MLPBN_HUBER;
    assert_refused(&s, &loss, MLPBN_EINVAL, "class_weights|no effect|NULL");
    loss.class_weights = NULL;
    loss.n_class_weights = 0;
    loss.label_smoothing = 0.0385;
    assert_refused(&s, &loss, MLPBN_EINVAL, "label_smoothing|0.0385");
    api_make_probabilities(s.targets, SETUP_Y_SIZE);
    for (size_t i = 0; i < 4; i++) {
        loss = api_loss_options(losses[i / 2], 0);
        s.targets[2 * SETUP_OUTPUTS + 1] = i % 2 ? 1.0625 : -0.0385;
        assert_refused(&s, &loss, MLPBN_EINVAL,
                       i % 2 ? "targets[2][1]|1.0625" : "targets[2][1]");
    }
    setup_assert_unchanged(&s);
}

/* --- Sums and differences that do not fit, although the mean does --------------------- */

#define BIG 1.7e308

/* Outputs, targets, and their mean loss. */
static const struct {
    mlpbn_loss loss;
    size_t n, outputs;
    double y[4], targets[4], expected, tolerance;
} edges[] = {
    {MLPBN_MEAN_ABSOLUTE_ERROR, 3, 1, {1e308, 1.2e308, 1.1e308}, {0}, 1.1e308, 1e-15},
    {MLPBN_MEAN_ABSOLUTE_ERROR, 1, 2, {BIG, 0}, {-BIG, 0}, BIG, 1e-15},
    {MLPBN_MEAN_SQUARED_ERROR, 2, 2, {1.5e154, 0, 0, 0}, {0}, 5.625e307, 1e-15},
    {MLPBN_HUBER, 3, 1, {1e308, -1.2e308, 1.1e308}, {0}, 1.1e308, 1e-15},
    {MLPBN_PINBALL, 1, 2, {BIG, 0}, {-BIG, 0}, BIG / 2, 1e-15},
    {MLPBN_SIGMOID_CROSS_ENTROPY, 3, 1, {1e308, 1.2e308, 1.1e308}, {0}, 1.1e308, 1e-15},
};

LOOP_TEST(losses_whose_sum_does_not_fit, LENGTH(edges))
{
    const mlpbn_loss_options loss = api_loss_options(edges[_i].loss, 0);
    struct setup s = scaling_setup(MLPBN_F64, edges[_i].n, edges[_i].outputs, 1);
    s.rows.data = edges[_i].y;
    s.rows.targets = edges[_i].targets;
    api_assert_near(setup_evaluate(&s, &loss).loss, edges[_i].expected,
                    edges[_i].tolerance * edges[_i].expected, "loss");
}

/* The loss of a row whose label has the largest logit is 0, also where the difference to the
 * others overflows; its gradient is 0, too. */
TEST(logits_of_nearly_the_largest_number)
{
    static const double x[] = {BIG, -BIG, 1, -BIG, BIG, 2};
    static const int32_t labels[] = {0, 1};
    struct setup s = scaling_setup(MLPBN_F64, 2, 3, 1);
    s.rows.data = x;
    s.rows.labels = labels;
    const mlpbn_metrics metrics = setup_metrics(&s, NULL);
    ck_assert(metrics.loss == 0 && metrics.correct == 2);
    ck_assert(api_largest(api_gradients(s.network, s.workspace)) == 0);
    ck_assert(setup_evaluate(&s, NULL).loss == 0);
}

/* All weights times a factor: the same loss and the same gradient, also where the products with
 * weights are subnormal or their sum overflows. With class weights as well, which make products
 * of 1e-400. Two parts of the rows, in which the weights differ by 1e600, are evaluated in
 * micro-batches. */
LOOP_TEST(weights_of_any_size, 2)
{
    enum { ROWS = 500 };
    static const double factors[] = {0x1p-1060, 0x1p-600, 0x1p600, 0x1p1020};
    static const double tiny[] = {1.385e-200, 0.731e-200, 2.385e-200};
    struct setup s = SETUP(MLPBN_F64, ROWS, MLPBN_F64, 5, {4, 3});
    mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0);
    double weights[ROWS];
    if (_i) {
        loss.class_weights = tiny;
        loss.n_class_weights = 3;
    }
    s.rows.weights = weights;
    for (size_t i = 0; i < ROWS; i++)
        weights[i] = (double)(1 + i % 7); /* exact also if subnormal */
    const double expected = setup_metrics(&s, &loss).loss;
    const double *gradient = api_gradients(s.network, s.workspace);
    for (size_t f = 0; f < LENGTH(factors); f++) {
        for (size_t i = 0; i < ROWS; i++)
            weights[i] = factors[f] * (double)(1 + i % 7);
        api_assert_near(setup_metrics(&s, &loss).loss, expected, 1e-15 * expected,
                        "loss");
        api_assert_close_arrays(api_gradients(s.network, s.workspace), gradient, 1e-16,
                                "gradient");
        api_assert_near(setup_evaluate(&s, &loss).loss, expected, 1e-13 * expected,
                        "evaluated loss");
    }
    /* Only the first or the last 200 rows count. */
    for (int last = 0; last < 2; last++) {
        struct setup some = s;
        some.rows.weights = NULL;
        some.rows.n = some.rows.n_data = 200;
        some.rows.labels += last ? 300 : 0;
        some.rows.data = (const double *)s.x + (last ? 300 * 5 : 0);
        for (size_t i = 0; i < ROWS; i++)
            weights[i] = (last ? i >= 300 : i < 200) ? 1e300 : 1e-300;
        api_assert_near(setup_evaluate(&s, &loss).loss, setup_evaluate(&some, &loss).loss,
                        1e-13, "loss of those that count");
    }
}

/* --- Reductions ----------------------------------------------------------------------- */

static mlpbn_loss_options reduced(mlpbn_reduction reduction)
{
    mlpbn_loss_options options = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0);
    options.reduction = reduction;
    return options;
}

/* The sum is the weighted mean times the sum of the weights, and the mean over rows is the sum by
 * the number of rows: for weights of any size, in one batch and in micro-batches. */
LOOP_TEST(sums_and_means_over_rows, 2)
{
    enum { ROWS = 500 };
    static const double factors[] = {1, 0x1p-1000, 0x1p-600, 0x1p600, 0x1p1000};
    const double classes[] = {1.385, 0.731, 2.385};
    struct setup s = SETUP(MLPBN_F64, ROWS, MLPBN_F64, 5, {4, 3}, .batchnorm_mask = 1);
    double weights[ROWS];
    s.rows.weights = weights;
    for (size_t f = 0; f < LENGTH(factors); f++) {
        mlpbn_loss_options loss = reduced(MLPBN_REDUCTION_WEIGHTED_MEAN);
        double sum = 0;
        loss.class_weights = _i ? classes : NULL;
        loss.n_class_weights = _i ? LENGTH(classes) : 0;
        for (size_t i = 0; i < ROWS; i++) {
            weights[i] = factors[f] * (double)(i % 7);
            sum += weights[i] * (_i ? classes[s.labels[i]] : 1);
        }
        const double mean = setup_metrics(&s, &loss).loss;
        const double evaluated = setup_evaluate(&s, &loss).loss;
        const double *gradient = setup_gradient(&s, &loss);
        for (int r = MLPBN_REDUCTION_SUM; r <= LAST_REDUCTION; r++) {
            const double by = r == MLPBN_REDUCTION_SUM ? sum : sum / ROWS;
            loss.reduction = (mlpbn_reduction)r;
            api_assert_near(setup_metrics(&s, &loss).loss, by * mean, 1e-14 * by * mean,
                            "loss");
            api_assert_near(setup_evaluate(&s, &loss).loss, by * evaluated,
                            1e-13 * by * evaluated, "evaluated loss");
            const double *reduced_gradient = setup_gradient(&s, &loss);
            for (size_t i = 0; i < api_length(gradient); i++)
                api_assert_near(reduced_gradient[i], by * gradient[i], 1e-15 * by,
                                "gradient");
        }
    }
}

/* Nothing counts: the loss is 0 and the gradient that of the penalty. Batchnorm sees the rows. */
LOOP_DTYPE_TEST(weights_that_are_all_0, 2)
{
    static const double none[SETUP_ROWS] = {0};
    mlpbn_loss_options loss =
        reduced(_i ? MLPBN_REDUCTION_SUM : MLPBN_REDUCTION_MEAN_OVER_ROWS);
    struct setup s = setup_default(dtype), ordinary = setup_default(dtype);
    s.rows.weights = none;
    const mlpbn_metrics metrics = setup_metrics(&s, &loss);
    ck_assert(metrics.loss == 0 && metrics.cost == 0 && metrics.n == SETUP_ROWS);
    ck_assert_uint_eq(metrics.correct, setup_metrics(&ordinary, &loss).correct);
    ck_assert(api_largest(setup_gradient(&s, &loss)) == 0);
    ck_assert(setup_evaluate(&s, &loss).loss == 0);
    loss.lambda = 0.0385;
    ck_assert(setup_evaluate(&s, &loss).cost > 0);
    setup_step(&s, &loss);
    setup_step(&ordinary, &loss);
    api_assert_same_arrays(api_tensor(s.network, 0, MLPBN_RUNNING_MEAN),
                           api_tensor(ordinary.network, 0, MLPBN_RUNNING_MEAN),
                           "running mean");
}

/* A sum of weights that is too large for a sum of losses, but not for their mean; and a class
 * weight that is too large for both. */
TEST(weights_whose_sum_is_too_large)
{
    static const double classes[SETUP_OUTPUTS] = {DBL_MAX, DBL_MAX, DBL_MAX};
    const double *weights = api_random(SETUP_ROWS, 7, 0, DBL_MAX / 4);
    mlpbn_loss_options loss = reduced(MLPBN_REDUCTION_SUM);
    struct setup s = setup_default(MLPBN_F64);
    s.rows.weights = weights;
    assert_refused(&s, &loss, MLPBN_EINVAL, "weights|scale them down");
    loss.reduction = MLPBN_REDUCTION_MEAN_OVER_ROWS;
    assert_refused(&s, &loss, MLPBN_EINVAL, "weights|scale them down");
    loss.reduction = MLPBN_REDUCTION_WEIGHTED_MEAN;
    OK(call_rows(GRADIENT, &s, &s.rows, &loss));
    s.rows.weights = NULL;
    loss.class_weights = classes;
    loss.n_class_weights = SETUP_OUTPUTS;
    assert_refused(&s, &loss, MLPBN_EINVAL, "weights|classes|scale them down");
    setup_assert_unchanged(&s);
}

/* --- Ignored rows --------------------------------------------------------------------- */

/* A label that is none of the classes, one of them, and one that would be a class. */
static const int32_t ignored_labels[] = {-100, 1, INT32_MAX, MLPBN_NO_IGNORE_LABEL + 1};

/* Rows with the label are as if they were not there, in one batch and in micro-batches of which the
 * first is ignored as a whole. */
LOOP_DTYPE_TEST(ignored_rows_do_not_count, LENGTH(ignored_labels) * LAST_REDUCTION)
{
    enum { ROWS = 500 };
    const int32_t label = ignored_labels[(size_t)_i / LAST_REDUCTION];
    const double classes[] = {1.385, 0.731, 2.385};
    size_t others[ROWS], n = 0;
    mlpbn_loss_options loss = reduced((mlpbn_reduction)(_i % LAST_REDUCTION + 1));
    struct setup s = SETUP(MLPBN_F64, ROWS, dtype, 5, {4, 3});
    s.rows.weights = api_random(ROWS, 29, 0.713, 0.8385);
    loss.class_weights = classes;
    loss.n_class_weights = LENGTH(classes);
    loss.label_smoothing = 0.0873;
    loss.ignore_label = label;
    for (size_t i = 0; i < ROWS; i++) {
        if (i < 130 || i % 3 == 0)
            s.labels[i] = label;
        if (s.labels[i] != label)
            others[n++] = i;
    }
    struct setup without = s;
    data_set_index(&without.rows, others, n, ROWS);
    const mlpbn_metrics a = setup_metrics(&s, &loss), b = setup_metrics(&without, &loss);
    const mlpbn_metrics evaluated_a = setup_evaluate(&s, &loss),
                        evaluated_b = setup_evaluate(&without, &loss);
    const double epsilon = 64 * api_epsilon(dtype);
    const double *gradient = setup_gradient(&s, &loss);
    ck_assert(n < ROWS / 2 && a.correct > 0 && a.correct < n);
    ck_assert(a.n == n && a.correct == b.correct && a.accuracy == b.accuracy);
    ck_assert(evaluated_a.n == n && evaluated_a.correct == evaluated_b.correct);
    ck_assert(evaluated_a.accuracy == evaluated_b.accuracy);
    api_assert_near(a.loss, b.loss, epsilon * b.loss, "loss");
    api_assert_near(evaluated_a.loss, evaluated_b.loss, epsilon * b.loss, "evaluated");
    api_assert_close_arrays(gradient, setup_gradient(&without, &loss), epsilon * b.loss,
                            "gradient");
}

/* They are rows of the batch all the same: checked, and seen by batchnorm. */
DTYPE_TEST(ignored_rows_are_rows)
{
    mlpbn_loss_options loss = reduced(MLPBN_REDUCTION_WEIGHTED_MEAN);
    double weights[SETUP_ROWS] = {1, 1, 1, 1, 1, 1, 1};
    struct setup s = setup_default(dtype), ordinary = setup_default(dtype);
    loss.ignore_label = -1;
    s.labels[2] = -1;
    setup_step(&s, &loss);
    setup_step(&ordinary, &loss);
    api_assert_same_arrays(api_tensor(s.network, 0, MLPBN_RUNNING_VAR),
                           api_tensor(ordinary.network, 0, MLPBN_RUNNING_VAR),
                           "running variance");
    s.rows.weights = weights;
    weights[2] = API_NAN;
    assert_refused(&s, &loss, MLPBN_EINVAL, "weights[2]");
    weights[2] = DBL_MAX; /* does not count */
    OK(call_rows(GRADIENT, &s, &s.rows, &loss));
    s.labels[3] = -2;
    assert_refused(&s, &loss, MLPBN_ELABEL, "labels[3]|-2|3");
    loss.ignore_label = MLPBN_NO_IGNORE_LABEL;
    s.labels[3] = MLPBN_NO_IGNORE_LABEL;
    s.labels[2] = 0;
    assert_refused(&s, &loss, MLPBN_ELABEL, "labels[3]|-2147483648|3");
    s.labels[3] = 0;
    api_store(s.x, s.rows.dtype, 3 * SETUP_INPUTS + 1, API_NAN);
    loss.ignore_label = 0;
    NONFINITE("row|3", call_rows(GRADIENT, &s, &s.rows, &loss));
}

/* A batch of ignored rows alone. */
LOOP_DTYPE_TEST(all_rows_are_ignored, LAST_REDUCTION)
{
    mlpbn_loss_options loss = reduced((mlpbn_reduction)(_i + 1));
    struct setup s = setup_default(dtype);
    loss.ignore_label = -1;
    for (size_t i = 0; i < SETUP_ROWS; i++)
        s.labels[i] = -1;
    if (loss.reduction == MLPBN_REDUCTION_WEIGHTED_MEAN) {
        assert_refused(&s, &loss, MLPBN_EINVAL, "weights|above 0|got 0|ignored|skip");
        return;
    }
    const mlpbn_metrics metrics = setup_metrics(&s, &loss);
    ck_assert(metrics.n == 0 && metrics.correct == 0 && metrics.accuracy == 0);
    ck_assert(metrics.loss == 0 && setup_evaluate(&s, &loss).loss == 0);
    ck_assert(api_largest(setup_gradient(&s, &loss)) == 0);
}

/* One row in 100 is of class 1, whose weight is 99 times that of class 0, and the inputs say
 * nothing: the weighted loss of all rows is least where class 1 has the probability 1/2. Batches
 * of 10 find that with a divisor that does not depend on the weights of their rows, and not with
 * the weighted mean (keras-team/keras issue 600). */
LOOP_DTYPE_TEST(rare_classes_in_small_batches, LAST_REDUCTION)
{
    enum { ROWS = 2000, EPOCHS = 120 };
    static const double classes[] = {1. / 99, 1};
    const mlpbn_reduction reduction = (mlpbn_reduction)(_i + 1);
    mlpbn_loss_options loss = reduced(reduction);
    struct setup s = SETUP(MLPBN_F32, ROWS, dtype, 1, {2});
    const double rate = reduction == MLPBN_REDUCTION_SUM ? 0.02 : 0.2;
    mlpbn_optimizer *optimizer = api_optimizer(s.network, rate, 0, 0);
    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    mlpbn_rows batch = s.rows;
    double sum = 0, n = 0;
    memset(s.x, 0, ROWS * sizeof(float));
    for (size_t i = 0; i < ROWS; i++)
        s.labels[i] = i % 100 == 0;
    loss.class_weights = classes;
    loss.n_class_weights = LENGTH(classes);
    options.batch = 10;
    mlpbn_sampler *sampler = api_create_sampler(&s.rows, &options);
    for (int epoch = 0; epoch < EPOCHS;) {
        OK(mlpbn_sampler_next(&batch, sampler));
        if (batch.n == 0) {
            epoch++;
            continue;
        }
        OK(mlpbn_train_step(s.network, optimizer, s.workspace, &batch, &loss, NULL));
        if (epoch < EPOCHS / 2)
            continue;
        const double *bias = api_tensor(s.network, 0, MLPBN_BIAS);
        sum += 1 / (1 + exp(bias[0] - bias[1]));
        n++;
    }
    if (reduction == MLPBN_REDUCTION_WEIGHTED_MEAN)
        ck_assert_double_lt(sum / n, 0.2);
    else
        api_assert_near(sum / n, 0.5, 0.03, "probability of the rare class");
}

/* lambda times the sum of squares fits, the sum does not. */
TEST(a_penalty_whose_sum_does_not_fit)
{
    const mlpbn_loss_options loss =
        api_loss_options(MLPBN_MEAN_ABSOLUTE_ERROR, 2.385e-120);
    static const double x[] = {0}, targets[] = {0};
    struct setup s = scaling_setup(MLPBN_F64, 1, 1, 3e200);
    s.rows.data = x;
    s.rows.targets = targets;
    const double expected = 2.385 * 9 * 1e280;
    api_assert_near(setup_evaluate(&s, &loss).cost, expected, 1e-14 * expected, "cost");
}

/* Rows of weight 0 count as little as rows that are not there. */
DTYPE_TEST(rows_of_weight_zero_do_not_count)
{
    static const double weights[9] = {2.385, 2.385, 2.385, 2.385, 2.385, 2.385};
    const double epsilon = api_epsilon(dtype);
    struct setup s = SETUP(MLPBN_F64, 9, dtype, 5, {4, 3});
    s.rows.weights = weights;
    const mlpbn_metrics all = setup_metrics(&s, NULL);
    const double *weighted = api_gradients(s.network, s.workspace);
    s.rows.weights = NULL;
    s.rows.n = 6;
    const mlpbn_metrics some = setup_metrics(&s, NULL);
    api_assert_close_arrays(weighted, api_gradients(s.network, s.workspace), 64 * epsilon,
                            "gradients");
    api_assert_near(all.loss, some.loss, 16 * epsilon, "loss");
    ck_assert_uint_eq(all.n, 9);
}
