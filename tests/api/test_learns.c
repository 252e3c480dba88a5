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

/* Outputs that depend on nothing become the quantiles of their targets, which are 0.5, 1.5, ...
 * in another order. The last steps are small, so that the bias does not swing around. */
DTYPE_TEST(outputs_become_quantiles)
{
    enum { Q = 3, STEPS = 4000 };
    static const double quantiles[Q] = {0.1, 0.5, 0.831}, x[N] = {0};
    mlpbn_loss_options loss = api_loss_options(MLPBN_PINBALL, 0);
    double targets[N][Q];
    struct setup s = SETUP(MLPBN_F64, N, dtype, 1, {Q});
    loss.quantiles = quantiles;
    loss.n_quantiles = Q;
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < Q; k++)
            targets[i][k] = (double)(i * 7 % N) + 0.5;
    s.rows.data = x;
    data_set_targets(&s.rows, targets, MLPBN_F64, Q);
    for (int step = 0; step < STEPS; step++) {
        const double rate = 200. * (STEPS - step) / STEPS;
        OK(mlpbn_optimizer_set_learning_rate(s.optimizer, rate));
        OK(mlpbn_train_step(s.network, s.optimizer, s.workspace, &s.rows, &loss, NULL));
    }
    const double *bias = api_tensor(s.network, 0, MLPBN_BIAS);
    for (size_t k = 0; k < Q; k++)
        api_assert_near(bias[k], quantiles[k] * N, 1, "quantile");
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
