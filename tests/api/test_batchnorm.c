/* Batch normalization: running statistics by their formula, exact zeros, extreme
 * variances. */
#include "api_reference.h"

enum { INPUTS = 6, BATCH = 8, LAYERS = 2 };

/* Number i of all combinations of the options. */
static mlpbn_batchnorm_options options_of(int i)
{
    static const double decays[] = {0.9, 0.7385, 0, 1};
    return OPTIONS(batchnorm, .eps = 1e-5, .decay = decays[i % 4],
                   .unbiased_running_variance = i / 4 % 2,
                   .start_from_first_batch = i / 8 % 2, .affine = i / 32 % 2,
                   .after_activation = i / 32 % 2, .cumulative = i / 16 % 2);
}

enum { N_OPTIONS = 64 };

/* Moves n running statistics by those of a batch, times factor: running = decay * running +
 * (1 - decay) * batch; or the batch's, the first time; or the average of all batches. */
static double *expected_running(const mlpbn_network *network, size_t l,
                                mlpbn_tensor_kind kind, const double *batch,
                                double factor, const mlpbn_batchnorm_options *options)
{
    const double batches = (double)mlpbn_batchnorm_batches(api_batchnorm(network, l));
    double decay = options->decay;
    double *running = api_tensor(network, l, kind);
    if (options->cumulative)
        decay = batches / (batches + 1);
    else if (batches == 0 && options->start_from_first_batch)
        decay = 0;
    for (size_t u = 0; u < api_length(running); u++)
        running[u] = decay * running[u] + (1 - decay) * factor * batch[u];
    return running;
}

/* The three ways in which a batch's statistics are committed. */
enum way { BY_TRAIN_STEP, BY_STEP, BY_COMMIT, WAYS };

static void take_step(enum way way, const struct setup *s)
{
    if (way == BY_TRAIN_STEP) {
        setup_step(s, NULL);
        return;
    }
    OK(mlpbn_gradient(s->network, s->workspace, &s->rows, NULL, NULL));
    if (way == BY_STEP)
        OK(setup_update(s));
    else
        OK(mlpbn_commit_statistics(s->network, s->workspace));
}

static void check_step(enum way way, const struct setup *s,
                       const mlpbn_batchnorm_options *options)
{
    const struct reference batch = reference_run(s->network, &s->rows, REFERENCE_TRAIN);
    const uint64_t batches = mlpbn_batchnorm_batches(api_batchnorm(s->network, 0));
    const double n = (double)s->rows.n;
    const double factor = options->unbiased_running_variance ? n / (n - 1) : 1;
    const double *mean[LAYERS], *var[LAYERS];
    for (size_t l = 0; l < LAYERS; l++) {
        mean[l] = expected_running(s->network, l, MLPBN_RUNNING_MEAN, batch.mean[l], 1,
                                   options);
        var[l] = expected_running(s->network, l, MLPBN_RUNNING_VAR, batch.var[l], factor,
                                  options);
    }
    take_step(way, s);
    for (size_t l = 0; l < LAYERS; l++) {
        /* Means and variances of z are of the size of z, squared. */
        const double tolerance =
            4 * fmax(1, api_largest(var[l])) * reference_tolerance(s->network);
        api_assert_close_arrays(api_tensor(s->network, l, MLPBN_RUNNING_MEAN), mean[l],
                                tolerance, "running mean");
        api_assert_close_arrays(api_tensor(s->network, l, MLPBN_RUNNING_VAR), var[l],
                                tolerance, "running variance");
        ck_assert_uint_eq(mlpbn_batchnorm_batches(api_batchnorm(s->network, l)),
                          batches + 1);
    }
}

/* In both dtypes, by each way. */
LOOP_TEST(running_statistics_follow_their_formula, N_OPTIONS)
{
    static const size_t batches[] = {7, 3, 8, 5};
    const mlpbn_batchnorm_options options = options_of(_i);
    for (int i = 0; i < WAYS * N_DTYPES; i++) {
        struct setup s =
            SETUP(MLPBN_F32, BATCH, api_dtypes[i % N_DTYPES], INPUTS, {5, 3},
                  .batchnorm_mask = 3, .norm = &options, .default_statistics = 1);
        for (size_t step = 0; step < LENGTH(batches); step++) {
            s.rows = data_make(MLPBN_F32, batches[step], INPUTS, 3, 50 + step).rows;
            check_step((enum way)(i / N_DTYPES), &s, &options);
        }
    }
}

/* A bias before batchnorm shifts what is shifted back. */
DTYPE_TEST(the_bias_before_batchnorm_has_no_gradient)
{
    const struct setup s = setup_default(dtype);
    const mlpbn_tensor bias = api_describe(s.network, api_find(s.network, 0, MLPBN_BIAS));
    const double *before = api_tensor(s.network, 0, MLPBN_BIAS);
    for (int step = 0; step < 5; step++) {
        const double *gradients = setup_gradient(&s, NULL);
        ck_assert(api_max_abs(gradients + bias.offset, bias.columns) == 0);
        OK(setup_update(&s));
    }
    api_assert_same_arrays(api_tensor(s.network, 0, MLPBN_BIAS), before,
                           "bias before batchnorm");
}

/* With eps far below the variance, which is far below the default eps. */
DTYPE_TEST(small_weights_are_normalized_to_the_same)
{
    static const double scales[] = {1e-4, 1e-10, 2.385e5, 1};
    mlpbn_batchnorm_options options = MLPBN_BATCHNORM_OPTIONS_INIT;
    options.eps = 1e-30;
    for (size_t i = 0; i < LENGTH(scales); i++) {
        const struct setup s =
            SETUP(MLPBN_F32, BATCH, dtype, 7, {5, 4, 3}, .batchnorm_mask = 3,
                  .no_bias_mask = 3, .norm = &options);
        double *weight = api_tensor(s.network, 0, MLPBN_WEIGHT);
        for (size_t j = 0; j < api_length(weight); j++)
            weight[j] *= scales[i];
        api_set(s.network, 0, MLPBN_WEIGHT, weight);
        const double *y = setup_forward(&s);
        /* xhat is of size 1 whatever the weights; mean and variance lose a few epsilons. */
        api_assert_close_arrays(y, reference_run(s.network, &s.rows, REFERENCE_TRAIN).y,
                                4 * reference_tolerance(s.network), "y");
        ck_assert(api_largest(y) > 0.1);
    }
}

/* A mean of 2^14 and a deviation of 0.02, all exact in float: the mean cannot be
 * subtracted in float without loss, but nothing need be lost. */
DTYPE_TEST(an_offset_costs_no_digits)
{
    const struct setup s =
        SETUP(MLPBN_F32, BATCH, dtype, 1, {1}, .batchnorm_mask = 1, .no_bias_mask = 1);
    api_fill(s.network, 0, MLPBN_WEIGHT, 1);
    /* whole multiples of the 2^-9 between floats here */
    for (size_t i = 0; i < BATCH; i++)
        api_store(s.x, MLPBN_F32, i, 16384 + (double)(i * i % 13) / 512);
    api_assert_close_arrays(
        setup_forward(&s), reference_run(s.network, &s.rows, REFERENCE_TRAIN).y,
        reference_tolerance(s.network) + 64 * DBL_EPSILON * 16384, "y");
}

/* Rows that are all the same have variance 0: the layer gives its beta, and gradients are
 * finite. */
DTYPE_TEST(a_constant_batch_gives_beta)
{
    static const size_t index[BATCH] = {0};
    struct setup s = SETUP(MLPBN_F64, BATCH, dtype, 7, {5}, .batchnorm_mask = 1);
    s.rows.n_data = BATCH;
    s.rows.index = index;
    const struct reference batch = reference_run(s.network, &s.rows, REFERENCE_TRAIN);
    const double *beta = api_tensor(s.network, 0, MLPBN_BETA);
    /* The mean may be an epsilon off; eps is 1e-5. */
    const double tolerance =
        2 * api_epsilon(dtype) * fmax(1, api_largest(batch.mean[0])) / sqrt(1e-5);
    const double *y = setup_forward(&s);
    for (size_t i = 0; i < BATCH; i++)
        api_assert_close(y + 5 * i, beta, 5, tolerance, "y");
    OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
}

/* After one step that starts from the first batch, prediction on that batch normalizes as
 * training did. */
DTYPE_TEST(prediction_uses_the_running_statistics)
{
    const struct setup s = SETUP(MLPBN_F32, BATCH, dtype, 7, {5, 3}, .batchnorm_mask = 3,
                                 .default_statistics = 1);
    OK(mlpbn_optimizer_set_learning_rate(s.optimizer, 0));
    const double *trained = setup_forward(&s);
    setup_step(&s, NULL);
    api_assert_close_arrays(setup_predict(&s), trained,
                            4 * reference_tolerance(s.network), "y");
}

/* A trained network that is brought in keeps its statistics: the first step averages. */
DTYPE_TEST(statistics_that_were_set_are_averaged)
{
    const struct setup s = SETUP(MLPBN_F32, BATCH, dtype, 7, {5, 3}, .batchnorm_mask = 3);
    mlpbn_network *const both[] = {s.network, api_clone(s.network, dtype)};
    const double *batch = reference_run(s.network, &s.rows, REFERENCE_TRAIN).mean[0];
    for (size_t i = 0; i < LENGTH(both); i++) {
        mlpbn_workspace *workspace = api_workspace(both[i], BATCH, 1);
        double *expected = api_tensor(both[i], 0, MLPBN_RUNNING_MEAN);
        OK(mlpbn_gradient(both[i], workspace, &s.rows, NULL, NULL));
        OK(mlpbn_commit_statistics(both[i], workspace));
        for (size_t u = 0; u < api_length(expected); u++)
            expected[u] = 0.9 * expected[u] + 0.1 * batch[u];
        api_assert_close_arrays(api_tensor(both[i], 0, MLPBN_RUNNING_MEAN), expected,
                                4 * reference_tolerance(both[i]), "running mean");
    }
}

/* A unit that is 5e307 in every row: the sum overflows, the mean does not. */
TEST(a_batch_mean_whose_sum_does_not_fit)
{
    enum { ROWS = 10 };
    struct setup s = SETUP(MLPBN_F64, ROWS, MLPBN_F64, 1, {1, 3}, .batchnorm_mask = 1,
                           .no_bias_mask = 1);
    s.rows.data = api_random(ROWS, 1, 0, 5e307);
    api_fill(s.network, 0, MLPBN_WEIGHT, 1);
    api_fill(s.network, 0, MLPBN_RUNNING_MEAN, 0);
    OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
    OK(mlpbn_commit_statistics(s.network, s.workspace));
    api_assert_near(*api_tensor(s.network, 0, MLPBN_RUNNING_MEAN), 0.1 * 5e307,
                    1e-14 * 5e307, "mean");
    OK(mlpbn_recompute_statistics(s.network, s.workspace, &s.rows));
    api_assert_near(*api_tensor(s.network, 0, MLPBN_RUNNING_MEAN), 5e307, 1e-14 * 5e307,
                    "mean");
}
