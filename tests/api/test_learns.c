/* Networks learn: small problems, whole loops as a program writes them. */
#include "api_helpers.h"

enum { N = 240 };

/* Epochs over shuffled batches; the metrics of the whole set at the end. */
static mlpbn_metrics train(const struct spec *spec, const mlpbn_rows *rows,
                           mlpbn_loss which, double rate, int epochs)
{
    const mlpbn_loss_options loss = api_loss_options(which, 0);
    mlpbn_network *network = api_network(spec);
    mlpbn_workspace *workspace = api_workspace(network, 60, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, rate, 0.9, 1);
    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    mlpbn_rows batch = *rows;
    options.batch = 48;
    mlpbn_sampler *sampler = api_create_sampler(rows, &options);
    OK(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, MLPBN_INIT_HE, 0, 11));
    for (int epoch = 0; epoch < epochs; epoch++) {
        OK(mlpbn_sampler_next(&batch, sampler));
        while (batch.n > 0) {
            OK(mlpbn_train_step(network, optimizer, workspace, &batch, &loss, NULL));
            OK(mlpbn_sampler_next(&batch, sampler));
        }
    }
    return api_evaluate(network, workspace, rows, &loss);
}

/* Three interleaved spiral arms in the plane, one class each: no straight line separates
 * them. 400 steps, with batchnorm and without. */
LOOP_TEST(a_network_separates_spirals, 4)
{
    const struct spec *spec =
        SPEC(api_dtypes[_i % 2], 2, {24, 16, 3}, .batchnorm_mask = _i / 2 ? 3 : 0);
    double x[N][2];
    int32_t labels[N];
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, N, 2);
    for (size_t i = 0; i < N; i++) {
        const double arm = (double)(i % 3), radius = 0.2 + (double)i / N;
        const double angle = 2.385 * radius + arm * 2.0944; /* arms a third apart */
        x[i][0] = radius * cos(angle) + 0.01 * api_uniform(7, 2 * i);
        x[i][1] = radius * sin(angle) + 0.01 * api_uniform(7, 2 * i + 1);
        labels[i] = (int32_t)(i % 3);
    }
    rows.labels = labels;
    const mlpbn_metrics metrics =
        train(spec, &rows, MLPBN_SOFTMAX_CROSS_ENTROPY, 0.1, 80);
    ck_assert_msg(metrics.accuracy == 1 && metrics.loss < 0.05, "accuracy %g, loss %g",
                  metrics.accuracy, metrics.loss);
}

/* A smooth function of two numbers, to a hundredth of its variance. */
DTYPE_TEST(a_network_fits_a_function)
{
    double x[N][2], targets[N];
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, N, 2);
    for (size_t i = 0; i < N; i++) {
        x[i][0] = api_uniform(17, 2 * i);
        x[i][1] = api_uniform(17, 2 * i + 1);
        targets[i] = sin(2.385 * x[i][0]) * x[i][1] + 0.731 * x[i][0];
    }
    data_set_targets(&rows, targets, MLPBN_F64, 1);
    const mlpbn_metrics metrics =
        train(SPEC(dtype, 2, {24, 16, 1}), &rows, MLPBN_MEAN_SQUARED_ERROR, 0.03, 120);
    ck_assert_msg(metrics.loss < 0.003, "loss %g", metrics.loss);
}
