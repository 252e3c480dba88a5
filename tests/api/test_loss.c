/* Losses, cost, accuracy: their values, and bad options. */
#include "api_reference.h"

#include <stdlib.h>
#include <string.h>

static const double class_weights[10] = {0.61,  1.385, 0.713, 2.17, 0.873,
                                         1.173, 0.331, 0.951, 1.61, 0.385};

/* With the class weights, if there are any, as many as the network has outputs. */
static const struct variant {
    mlpbn_loss loss;
    int class_weights, weights, half;
    double smoothing;
    unsigned penalty_kinds;
} variants[] = {
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 0, 0, 0, 0, MLPBN_KIND_BIT(MLPBN_WEIGHT)},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 1, 0, 0, 0, MLPBN_KIND_BIT(MLPBN_BIAS)},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 0, 1, 1, 0.0385, MLPBN_KIND_BIT(MLPBN_WEIGHT)},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 1, 1, 0, 0.173, MLPBN_ALL_PARAMETERS},
    {MLPBN_MEAN_SQUARED_ERROR, 0, 0, 0, 0, MLPBN_KIND_BIT(MLPBN_WEIGHT)},
    {MLPBN_MEAN_SQUARED_ERROR, 0, 1, 1, 0, MLPBN_KIND_BIT(MLPBN_GAMMA)},
    {MLPBN_SOFT_CROSS_ENTROPY, 0, 0, 0, 0, 0},
    {MLPBN_SOFT_CROSS_ENTROPY, 1, 1, 0, 0, MLPBN_KIND_BIT(MLPBN_BETA)},
    {MLPBN_SIGMOID_CROSS_ENTROPY, 0, 1, 0, 0, MLPBN_KIND_BIT(MLPBN_WEIGHT)},
    {MLPBN_MEAN_ABSOLUTE_ERROR, 0, 1, 0, 0, MLPBN_KIND_BIT(MLPBN_WEIGHT)},
    {MLPBN_HUBER, 0, 1, 0, 0, MLPBN_KIND_BIT(MLPBN_WEIGHT)},
};

static mlpbn_loss_options variant_options(const struct variant *v, double lambda,
                                          size_t outputs)
{
    mlpbn_loss_options options = api_loss_options(v->loss, lambda);
    options.class_weights = v->class_weights ? class_weights : NULL;
    options.n_class_weights = outputs;
    options.label_smoothing = v->smoothing;
    options.penalty = v->half ? MLPBN_HALF_SUM_OF_SQUARES : MLPBN_SUM_OF_SQUARES;
    options.penalty_kinds = v->penalty_kinds;
    options.huber_delta = 0.731;
    return options;
}

static mlpbn_metrics evaluated(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, const mlpbn_loss_options *options)
{
    mlpbn_metrics metrics = api_metrics();
    OK(mlpbn_evaluate(network, workspace, rows, options, &metrics));
    return metrics;
}

/* All of the metrics against the outputs y of an independent computation. */
static void assert_metrics(const mlpbn_metrics *metrics, const mlpbn_network *network,
                           const mlpbn_rows *rows, const mlpbn_loss_options *options,
                           const double *y)
{
    const double k = (double)rows->target_columns, n = (double)rows->n;
    const double largest = api_largest(y, rows->n * rows->target_columns);
    const double penalty = reference_penalty(network, options);
    /* Outputs and loss are of the size 1; a squared error has twice its root as slope. */
    const double tolerance = reference_tolerance(network) * (4 + 2 * largest + k);
    const int has_labels = options->loss == MLPBN_SOFTMAX_CROSS_ENTROPY;
    const size_t correct = has_labels ? reference_correct(y, rows) : 0;

    ck_assert_uint_eq(metrics->struct_size, sizeof *metrics);
    ck_assert_uint_eq(metrics->n, rows->n);
    api_assert_near(metrics->loss, reference_loss(options, y, rows), tolerance, "loss");
    api_assert_near(metrics->cost - metrics->loss, penalty,
                    tolerance + reference_tolerance(network) * penalty, "penalty");
    ck_assert_uint_eq(metrics->correct, correct);
    ck_assert(metrics->accuracy == (double)correct / n);
}

static void check_losses(const struct recipe *recipe, double lambda)
{
    enum { ROWS = 23 };
    mlpbn_network *network = api_network(recipe);
    mlpbn_workspace *workspace = api_workspace(network, ROWS, 1);
    struct data data;

    data_make(&data, MLPBN_F32, ROWS, recipe->inputs, mlpbn_network_outputs(network), 19);
    struct reference predicted = reference_run(network, &data.rows, REFERENCE_PREDICT);
    struct reference trained = reference_run(network, &data.rows, REFERENCE_TRAIN);
    double *weights = api_numbers(ROWS, 29, 0.713, 0.8385);
    data_make_probabilities(&data);
    for (size_t i = 0; i < LENGTH(variants); i++) {
        const mlpbn_loss_options options =
            variant_options(&variants[i], lambda, mlpbn_network_outputs(network));
        data.rows.weights = variants[i].weights ? weights : NULL;
        mlpbn_metrics metrics = evaluated(network, workspace, &data.rows, &options);
        assert_metrics(&metrics, network, &data.rows, &options, predicted.y);
        OK(mlpbn_gradient(network, workspace, &data.rows, &options, &metrics));
        assert_metrics(&metrics, network, &data.rows, &options, trained.y);
    }
    free(weights);
    reference_free(&predicted);
    reference_free(&trained);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}

static const struct recipe shapes[] = {
    {.inputs = 5, .units = {3}},
    {.inputs = 1, .units = {1}},
    {.inputs = 7, .units = {1}, .last_relu = 1},
    {.inputs = 17, .units = {13, 7}, .batchnorm = 1},
    {.inputs = 9, .units = {11, 8, 5}, .batchnorm = 7, .no_bias = 3},
    {.inputs = 33, .units = {19, 10}, .last_relu = 1},
};

START_TEST(losses_have_their_values)
{
    for (size_t d = 0; d < N_DTYPES; d++) {
        struct recipe recipe = shapes[_i];
        recipe.dtype = api_dtypes[d];
        check_losses(&recipe, 0);
        check_losses(&recipe, 0.0385);
    }
}
END_TEST

/* With softmax as the last activation the cross-entropy is that of the logits: the same
 * bits as without, while predictions are the softmax of what they were. */
START_TEST(softmax_at_the_output_is_not_applied_twice)
{
    struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = 9, .units = {7, 4}, .batchnorm = 1};
    const mlpbn_loss_options options =
        api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);
    mlpbn_metrics metrics[2][2] = {{api_metrics(), api_metrics()},
                                   {api_metrics(), api_metrics()}};
    double *gradients[2], y[2][11 * 4];
    struct data data;
    size_t n;

    data_make(&data, MLPBN_F64, 11, 9, 4, 5);
    for (int i = 0; i < 2; i++) {
        recipe.last = i ? MLPBN_SOFTMAX : MLPBN_IDENTITY;
        mlpbn_network *network = api_network(&recipe);
        mlpbn_workspace *workspace = api_workspace(network, 11, 1);
        OK(mlpbn_gradient(network, workspace, &data.rows, &options, &metrics[i][0]));
        gradients[i] = api_gradients(network, workspace, &n);
        OK(mlpbn_evaluate(network, workspace, &data.rows, &options, &metrics[i][1]));
        OK(api_predict(network, workspace, &data.rows, y[i]));
        mlpbn_workspace_destroy(workspace);
        mlpbn_network_destroy(network);
    }
    api_assert_same(gradients[1], gradients[0], n * sizeof *gradients[0], "gradients");
    api_assert_same(metrics[1], metrics[0], sizeof metrics[0], "metrics");
    for (size_t j = 0; j < 11; j++) {
        double sum = 0;
        for (size_t k = 0; k < 4; k++)
            sum += exp(y[0][j * 4 + k]);
        for (size_t k = 0; k < 4; k++)
            api_assert_near(y[1][j * 4 + k], exp(y[0][j * 4 + k]) / sum,
                            16 * api_epsilon(api_dtypes[_i]), "probability");
    }
    free(gradients[0]);
    free(gradients[1]);
    data_free(&data);
}
END_TEST

/* --- Values that are known without computing ---------------------------------------- */

/* One layer without bias whose weights are scale times the identity: y = scale x. */
static mlpbn_network *scaling_network(mlpbn_dtype dtype, size_t k, double scale)
{
    const struct recipe recipe = {
        .dtype = dtype, .inputs = k, .units = {k}, .no_bias = 1};
    mlpbn_network *network = api_network(&recipe);
    double *weight = api_alloc(k * k, sizeof *weight);
    for (size_t i = 0; i < k; i++)
        weight[i * k + i] = scale;
    OK(mlpbn_network_set_f64(network, 0, weight, k * k));
    free(weight);
    return network;
}

/* Equal outputs: log k, and the first of equals is the guess. */
START_TEST(equal_outputs_guess_the_first_class)
{
    enum { K = 7, ROWS = 19 };
    mlpbn_network *network = scaling_network(api_dtypes[_i], K, 0);
    mlpbn_workspace *workspace = api_workspace(network, ROWS, 1);
    const mlpbn_loss_options options = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0);
    struct data data;
    size_t zeros = 0;

    data_make(&data, MLPBN_F32, ROWS, K, K, 43);
    for (size_t i = 0; i < ROWS; i++)
        zeros += data.labels[i] == 0;
    ck_assert(zeros > 0 && zeros < ROWS);
    const mlpbn_metrics metrics = evaluated(network, workspace, &data.rows, &options);
    ck_assert_uint_eq(metrics.correct, zeros);
    api_assert_near(metrics.loss, log(K), 4 * api_epsilon(api_dtypes[_i]), "loss");
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* Logits far beyond the range of exp: the loss is the difference of two logits. */
START_TEST(large_logits_do_not_overflow)
{
    static const double x[] = {2.5, -3, 0.25, -2, -1.75, -4};
    static const int32_t labels[] = {1, 0};
    mlpbn_network *network = scaling_network(api_dtypes[_i], 3, 1024);
    mlpbn_workspace *workspace = api_workspace(network, 2, 1);
    const mlpbn_loss_options options = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0);
    mlpbn_metrics metrics = api_metrics();
    mlpbn_rows rows;

    OK(mlpbn_rows_init(&rows, sizeof rows));
    rows.n = 2;
    rows.data = x;
    rows.dtype = MLPBN_F64;
    rows.columns = 3;
    rows.labels = labels;
    OK(mlpbn_gradient(network, workspace, &rows, &options, &metrics));
    /* 1024 * 5.5 and 1024 * 0.25, the rest is below 1e-100 */
    ck_assert(metrics.loss == 0.5 * 1024 * (5.5 + 0.25));
    ck_assert_uint_eq(metrics.correct, 0);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* --- Bad options -------------------------------------------------------------------- */

static const struct bad_field bad_losses[] = {
    {INT_FIELD(mlpbn_loss_options, loss, 0), MLPBN_EINVAL, "loss|0"},
    {INT_FIELD(mlpbn_loss_options, loss, 99), MLPBN_EINVAL, "loss|99"},
    {REAL_FIELD(mlpbn_loss_options, lambda, -0.0385), MLPBN_EINVAL, "lambda|-0.0385"},
    {REAL_FIELD(mlpbn_loss_options, lambda, API_NAN), MLPBN_EINVAL, "lambda|nan"},
    {REAL_FIELD(mlpbn_loss_options, lambda, HUGE_VAL), MLPBN_EINVAL, "lambda|inf"},
    {INT_FIELD(mlpbn_loss_options, penalty, 0), MLPBN_EINVAL, "penalty|0"},
    {INT_FIELD(mlpbn_loss_options, penalty, 99), MLPBN_EINVAL, "penalty|99"},
    {INT_FIELD(mlpbn_loss_options, penalty_kinds, 1), MLPBN_EINVAL, "penalty_kinds|0x1"},
    {INT_FIELD(mlpbn_loss_options, penalty_kinds, 64), MLPBN_EINVAL,
     "penalty_kinds|0x40"},
    {REAL_FIELD(mlpbn_loss_options, label_smoothing, -0.0385), MLPBN_EINVAL,
     "label_smoothing|-0.0385"},
    {REAL_FIELD(mlpbn_loss_options, label_smoothing, 1.0625), MLPBN_EINVAL,
     "label_smoothing|1.0625"},
    {REAL_FIELD(mlpbn_loss_options, label_smoothing, API_NAN), MLPBN_EINVAL,
     "label_smoothing|nan"},
    {REAL_FIELD(mlpbn_loss_options, huber_delta, 0), MLPBN_EINVAL, "huber_delta|0"},
    {REAL_FIELD(mlpbn_loss_options, huber_delta, API_NAN), MLPBN_EINVAL,
     "huber_delta|nan"},
    {REAL_FIELD(mlpbn_loss_options, huber_delta, HUGE_VAL), MLPBN_EINVAL,
     "huber_delta|inf"},
};

/* All calls that compute a loss refuse these options and rows. */
static void refused(struct world *w, const mlpbn_loss_options *loss, mlpbn_status status,
                    const char *words)
{
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;
    const mlpbn_rows *rows = &w->data.rows;
    FAILS(status, words, mlpbn_gradient(w->network, w->workspace, rows, loss, &metrics));
    FAILS(status, words,
          mlpbn_train_step(w->network, w->optimizer, w->workspace, rows, loss, &metrics));
    FAILS(status, words, mlpbn_evaluate(w->network, w->workspace, rows, loss, &metrics));
    api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
}

START_TEST(bad_weights_are_refused_and_change_nothing)
{
    static const double bad[] = {-0.0385, API_NAN, HUGE_VAL};
    double classes[WORLD_OUTPUTS] = {1.385, 0.61, 0.873}, weights[WORLD_ROWS] = {0};
    struct world w, untouched;
    world_make(&w, MLPBN_F32);
    world_make(&untouched, MLPBN_F32);
    mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0);
    loss.class_weights = classes;
    loss.n_class_weights = WORLD_OUTPUTS + 1;
    refused(&w, &loss, MLPBN_ESHAPE, "class_weights|3|4");
    loss.n_class_weights = WORLD_OUTPUTS;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        classes[2] = bad[i];
        refused(&w, &loss, MLPBN_EINVAL, "class_weights[2]");
    }
    classes[2] = 0;
    w.data.rows.weights = weights;
    refused(&w, &loss, MLPBN_EINVAL, "weights|above 0|0"); /* all 0 */
    for (size_t i = 0; i < LENGTH(bad); i++) {
        weights[4] = bad[i];
        refused(&w, &loss, MLPBN_EINVAL, "weights[4]");
    }
    w.data.rows.weights = NULL;
    loss.loss = MLPBN_HUBER;
    refused(&w, &loss, MLPBN_EINVAL, "class_weights|NULL");
    loss.class_weights = NULL;
    loss.label_smoothing = 0.0385;
    refused(&w, &loss, MLPBN_EINVAL, "label_smoothing|0.0385");
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

START_TEST(targets_beyond_probabilities_are_refused)
{
    static const mlpbn_loss losses[] = {MLPBN_SOFT_CROSS_ENTROPY,
                                        MLPBN_SIGMOID_CROSS_ENTROPY};
    static const double bad[] = {-0.0385, 1.0625};
    struct world w;
    world_make(&w, MLPBN_F32);
    data_make_probabilities(&w.data);
    for (size_t i = 0; i < 4; i++) {
        const mlpbn_loss_options loss = api_loss_options(losses[i / 2], 0);
        w.data.targets[2 * WORLD_OUTPUTS + 1] = bad[i % 2];
        refused(&w, &loss, MLPBN_EINVAL,
                i % 2 ? "targets[2][1]|1.0625" : "targets[2][1]");
    }
    world_free(&w);
}
END_TEST

/* Rows of weight 0 count as little as rows that are not there. */
START_TEST(rows_of_weight_zero_do_not_count)
{
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);
    const struct recipe recipe = {.dtype = api_dtypes[_i], .inputs = 5, .units = {4, 3}};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, 9, 1);
    const double weights[9] = {2.385, 2.385, 2.385, 2.385, 2.385, 2.385};
    mlpbn_metrics all = api_metrics(), some = api_metrics();
    struct data data;
    size_t n;
    data_make(&data, MLPBN_F64, 9, 5, 3, 43);
    data.rows.weights = weights;
    OK(mlpbn_gradient(network, workspace, &data.rows, &loss, &all));
    double *weighted = api_gradients(network, workspace, &n);
    data.rows.weights = NULL;
    data.rows.n = 6;
    OK(mlpbn_gradient(network, workspace, &data.rows, &loss, &some));
    double *fewer = api_gradients(network, workspace, &n);
    api_assert_close(weighted, fewer, n, 64 * api_epsilon(api_dtypes[_i]), "gradients");
    api_assert_near(all.loss, some.loss, 16 * api_epsilon(api_dtypes[_i]), "loss");
    ck_assert_uint_eq(all.n, 9);
    free(weighted);
    free(fewer);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(bad_options_are_refused_and_change_nothing)
{
    const struct bad_field *bad = &bad_losses[_i];
    mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0);
    struct world w, untouched;

    world_make(&w, MLPBN_F32);
    world_make(&untouched, MLPBN_F32);
    api_poke(&loss, &bad->poke);
    refused(&w, &loss, bad->status, bad->words);
    world_assert_twins(&w, &untouched);
    world_free(&w);
    world_free(&untouched);
}
END_TEST

Suite *loss_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("loss", &tests);
    tcase_add_loop_test(tests, losses_have_their_values, 0, LENGTH(shapes));
    tcase_add_loop_test(tests, softmax_at_the_output_is_not_applied_twice, 0, N_DTYPES);
    tcase_add_loop_test(tests, equal_outputs_guess_the_first_class, 0, N_DTYPES);
    tcase_add_loop_test(tests, large_logits_do_not_overflow, 0, N_DTYPES);
    tcase_add_loop_test(tests, bad_options_are_refused_and_change_nothing, 0,
                        LENGTH(bad_losses));
    tcase_add_test(tests, bad_weights_are_refused_and_change_nothing);
    tcase_add_test(tests, targets_beyond_probabilities_are_refused);
    tcase_add_loop_test(tests, rows_of_weight_zero_do_not_count, 0, N_DTYPES);
    return suite;
}
