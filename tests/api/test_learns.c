/* Networks learn: small problems, whole loops as a program writes them. */
#include "api_helpers.h"

#include <stdlib.h>

enum { N = 240 };

/* Three interleaved spiral arms in the plane, one class each: no straight line parts
 * them. */
struct spirals {
    double x[N][2];
    int32_t labels[N];
    mlpbn_rows rows;
};

static void make_spirals(struct spirals *data)
{
    for (size_t i = 0; i < N; i++) {
        const double arm = (double)(i % 3), radius = 0.2 + (double)i / N;
        const double angle = 2.385 * radius + arm * 2.0944; /* arms a third apart */
        data->x[i][0] = radius * cos(angle) + 0.01 * api_number(7, 2 * i);
        data->x[i][1] = radius * sin(angle) + 0.01 * api_number(7, 2 * i + 1);
        data->labels[i] = (int32_t)(i % 3);
    }
    OK(mlpbn_rows_init(&data->rows, sizeof data->rows));
    data->rows.n = N;
    data->rows.data = data->x;
    data->rows.dtype = MLPBN_F64;
    data->rows.columns = 2;
    data->rows.labels = data->labels;
}

/* Epochs over shuffled batches; the metrics of the whole set at the end. */
static mlpbn_metrics train(mlpbn_network *network, const mlpbn_rows *rows,
                           mlpbn_loss which, double rate, int epochs)
{
    const mlpbn_loss_options loss = api_loss_options(which, 0);
    mlpbn_workspace *workspace = api_workspace(network, 60, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, rate, 0.9, 1);
    mlpbn_metrics metrics = api_metrics();
    mlpbn_sampler_options options;
    mlpbn_sampler *sampler;
    mlpbn_rows batch;

    OK(mlpbn_sampler_options_init(&options, sizeof options));
    options.batch = 48;
    OK(mlpbn_sampler_create(&sampler, rows, &options));
    OK(mlpbn_rows_init(&batch, sizeof batch));
    for (int epoch = 0; epoch < epochs; epoch++) {
        OK(mlpbn_sampler_next(&batch, sampler));
        while (batch.n > 0) {
            OK(mlpbn_train_step(network, optimizer, workspace, &batch, &loss, NULL));
            OK(mlpbn_sampler_next(&batch, sampler));
        }
    }
    OK(mlpbn_evaluate(network, workspace, rows, &loss, &metrics));
    mlpbn_sampler_destroy(sampler);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    return metrics;
}

/* 400 steps, with batchnorm and without. */
START_TEST(a_network_parts_spirals)
{
    const struct recipe recipe = {.dtype = api_dtypes[_i % 2],
                                  .inputs = 2,
                                  .units = {24, 16, 3},
                                  .batchnorm = _i / 2 ? 3 : 0};
    mlpbn_network *network = api_network(&recipe);
    struct spirals *data = api_alloc(1, sizeof *data);

    make_spirals(data);
    OK(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, MLPBN_INIT_HE, 0, 11));
    const mlpbn_metrics metrics =
        train(network, &data->rows, MLPBN_SOFTMAX_CROSS_ENTROPY, 0.1, 80);
    ck_assert_msg(metrics.accuracy == 1 && metrics.loss < 0.05, "accuracy %g, loss %g",
                  metrics.accuracy, metrics.loss);
    free(data);
    mlpbn_network_destroy(network);
}
END_TEST

/* A smooth function of two numbers, to a hundredth of its variance. */
START_TEST(a_network_fits_a_function)
{
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = 2, .units = {24, 16, 1}};
    mlpbn_network *network = api_network(&recipe);
    double x[N][2], targets[N];
    mlpbn_rows rows;

    for (size_t i = 0; i < N; i++) {
        x[i][0] = api_number(17, 2 * i);
        x[i][1] = api_number(17, 2 * i + 1);
        targets[i] = sin(2.385 * x[i][0]) * x[i][1] + 0.731 * x[i][0];
    }
    OK(mlpbn_rows_init(&rows, sizeof rows));
    rows.n = N;
    rows.data = x;
    rows.dtype = MLPBN_F64;
    rows.columns = 2;
    rows.targets = targets;
    rows.target_dtype = MLPBN_F64;
    rows.target_columns = 1;
    OK(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, MLPBN_INIT_HE, 0, 11));
    const mlpbn_metrics metrics =
        train(network, &rows, MLPBN_MEAN_SQUARED_ERROR, 0.03, 120);
    ck_assert_msg(metrics.loss < 0.003, "loss %g", metrics.loss);
    mlpbn_network_destroy(network);
}
END_TEST

Suite *learns_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("learns", &tests);
    tcase_add_loop_test(tests, a_network_parts_spirals, 0, 4);
    tcase_add_loop_test(tests, a_network_fits_a_function, 0, N_DTYPES);
    return suite;
}
