/* Batch normalization: running statistics by their formula, exact zeros, extreme
 * variances. */
#include "api_reference.h"

#include <stdlib.h>
#include <string.h>

enum { INPUTS = 6, BATCH = 8, LAYERS = 2 };

static const mlpbn_batchnorm *batchnorm_of(const mlpbn_network *network, size_t l)
{
    return mlpbn_layer_batchnorm(mlpbn_network_layer(network, l));
}

/* --- Running statistics ------------------------------------------------------------- */

/* Number i of all combinations of the options. */
static mlpbn_batchnorm_options options_of(int i)
{
    static const double decays[] = {0.9, 0.7385, 0, 1};
    mlpbn_batchnorm_options options = api_batchnorm_options();
    options.decay = decays[i % 4];
    options.unbiased_running_variance = i / 4 % 2;
    options.start_from_first_batch = i / 8 % 2;
    options.cumulative = i / 16 % 2;
    options.after_activation = i / 32 % 2;
    options.affine = i / 32 % 2;
    return options;
}

enum { N_OPTIONS = 64 };

/* running = decay * running + (1 - decay) * batch; or the batch's, the first time; or the
 * average of all that were seen. */
static double follow(double running, double batch, const mlpbn_batchnorm_options *options,
                     double seen)
{
    if (options->cumulative)
        return (seen * running + batch) / (seen + 1);
    if (seen == 0 && options->start_from_first_batch)
        return batch;
    return options->decay * running + (1 - options->decay) * batch;
}

struct running {
    size_t n;
    double *mean, *var;
};

static struct running running_of(const mlpbn_network *network, size_t l)
{
    struct running running;
    running.mean = api_tensor(network, l, MLPBN_RUNNING_MEAN, &running.n);
    running.var = api_tensor(network, l, MLPBN_RUNNING_VAR, NULL);
    return running;
}

static void running_free(struct running *running)
{
    free(running->mean);
    free(running->var);
}

/* What the running statistics must become after a step with this batch. */
static struct running running_after(const mlpbn_network *network, size_t l,
                                    const struct reference *batch, size_t rows,
                                    const mlpbn_batchnorm_options *options)
{
    const double seen = (double)mlpbn_batchnorm_batches(batchnorm_of(network, l));
    const double n = (double)rows;
    const double factor = options->unbiased_running_variance ? n / (n - 1) : 1;
    struct running running = running_of(network, l);

    for (size_t u = 0; u < running.n; u++) {
        running.mean[u] = follow(running.mean[u], batch->mean[l][u], options, seen);
        running.var[u] = follow(running.var[u], factor * batch->var[l][u], options, seen);
    }
    return running;
}

enum way { BY_TRAIN_STEP, BY_STEP, BY_COMMIT, WAYS };

/* The three ways in which a batch's statistics are committed. */
static void take_step(enum way way, mlpbn_network *network, mlpbn_optimizer *optimizer,
                      mlpbn_workspace *workspace, const mlpbn_rows *rows)
{
    if (way == BY_TRAIN_STEP) {
        OK(mlpbn_train_step(network, optimizer, workspace, rows, NULL, NULL));
        return;
    }
    OK(mlpbn_gradient(network, workspace, rows, NULL, NULL));
    if (way == BY_STEP)
        OK(mlpbn_optimizer_step(optimizer, network, workspace));
    else
        OK(mlpbn_commit_statistics(network, workspace));
}

static void check_step(enum way way, mlpbn_network *network, mlpbn_optimizer *optimizer,
                       mlpbn_workspace *workspace, const mlpbn_rows *rows,
                       const mlpbn_batchnorm_options *options)
{
    struct reference batch = reference_run(network, rows, REFERENCE_TRAIN);
    struct running expected[LAYERS];
    const uint64_t batches = mlpbn_batchnorm_batches(batchnorm_of(network, 0));

    for (size_t l = 0; l < LAYERS; l++)
        expected[l] = running_after(network, l, &batch, rows->n, options);
    take_step(way, network, optimizer, workspace, rows);
    for (size_t l = 0; l < LAYERS; l++) {
        struct running got = running_of(network, l);
        /* Means and variances of z are of the size of z, squared. */
        const double size = fmax(1, api_largest(expected[l].var, got.n));
        const double tolerance = 4 * size * reference_tolerance(network);
        api_assert_close(got.mean, expected[l].mean, got.n, tolerance, "running mean");
        api_assert_close(got.var, expected[l].var, got.n, tolerance, "running variance");
        ck_assert_uint_eq(mlpbn_batchnorm_batches(batchnorm_of(network, l)), batches + 1);
        running_free(&got);
        running_free(&expected[l]);
    }
    reference_free(&batch);
}

static void check_running(mlpbn_dtype dtype, enum way way,
                          const mlpbn_batchnorm_options *options)
{
    static const size_t batches[] = {7, 3, 8, 5};
    const struct recipe recipe = {.dtype = dtype,
                                  .inputs = INPUTS,
                                  .units = {5, 3},
                                  .batchnorm = 3,
                                  .batchnorm_options = options,
                                  .statistics_as_born = 1};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, BATCH, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, 0.0385, 0, 0);

    for (size_t step = 0; step < LENGTH(batches); step++) {
        struct data data;
        data_make(&data, MLPBN_F32, batches[step], INPUTS, 3, 50 + step);
        check_step(way, network, optimizer, workspace, &data.rows, options);
        data_free(&data);
    }
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}

START_TEST(running_statistics_follow_their_formula)
{
    const mlpbn_batchnorm_options options = options_of(_i);
    for (size_t d = 0; d < N_DTYPES; d++)
        for (int way = 0; way < WAYS; way++)
            check_running(api_dtypes[d], (enum way)way, &options);
}
END_TEST

/* --- What is exactly zero ----------------------------------------------------------- */

/* A bias before batchnorm shifts what is shifted back. */
START_TEST(the_bias_before_batchnorm_has_no_gradient)
{
    struct world world;
    size_t n, size;

    world_make(&world, api_dtypes[_i]);
    double *before = api_tensor(world.network, 0, MLPBN_BIAS, &size);
    const mlpbn_tensor bias =
        api_describe(world.network, api_find(world.network, 0, MLPBN_BIAS));
    for (int step = 0; step < 5; step++) {
        OK(mlpbn_gradient(world.network, world.workspace, &world.data.rows, NULL, NULL));
        double *gradients = api_gradients(world.network, world.workspace, &n);
        ck_assert(api_largest(gradients + bias.offset, size) == 0);
        free(gradients);
        OK(mlpbn_optimizer_step(world.optimizer, world.network, world.workspace));
    }
    double *after = api_tensor(world.network, 0, MLPBN_BIAS, NULL);
    api_assert_same(after, before, size * sizeof *after, "bias before batchnorm");
    free(before);
    free(after);
    world_free(&world);
}
END_TEST

/* --- Variances large and small ------------------------------------------------------ */

static void check_forward(const struct recipe *recipe, double weight_scale)
{
    mlpbn_network *network = api_network(recipe);
    mlpbn_workspace *workspace = api_workspace(network, BATCH, 1);
    struct data data;
    size_t n;

    double *weight = api_tensor(network, 0, MLPBN_WEIGHT, &n);
    for (size_t i = 0; i < n; i++)
        weight[i] *= weight_scale;
    OK(mlpbn_network_set_f64(network, 0, weight, n));
    data_make(&data, MLPBN_F32, BATCH, recipe->inputs, mlpbn_network_outputs(network),
              61);
    struct reference expected = reference_run(network, &data.rows, REFERENCE_TRAIN);
    n = BATCH * mlpbn_network_outputs(network);
    double *y = api_alloc(n, sizeof *y);
    OK(api_forward(network, workspace, &data.rows, y));
    /* xhat is of size 1 whatever the weights; mean and variance lose a few epsilons. */
    api_assert_close(y, expected.y, n, 4 * reference_tolerance(network), "y");
    ck_assert(api_largest(y, n) > 0.1);
    free(weight);
    free(y);
    reference_free(&expected);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}

/* With eps far below the variance, which is far below the default eps. */
START_TEST(small_weights_are_normalized_to_the_same)
{
    static const double scales[] = {1e-4, 1e-10, 2.385e5, 1};
    mlpbn_batchnorm_options options = api_batchnorm_options();
    const struct recipe recipe = {.dtype = api_dtypes[_i],
                                  .inputs = 7,
                                  .units = {5, 4, 3},
                                  .batchnorm = 3,
                                  .no_bias = 3,
                                  .batchnorm_options = &options};
    options.eps = 1e-30;
    for (size_t i = 0; i < LENGTH(scales); i++)
        check_forward(&recipe, scales[i]);
}
END_TEST

/* A mean of 2^14 and a deviation of 0.02, all exact in float: the mean cannot be
 * subtracted in float without loss, but nothing need be lost. */
START_TEST(an_offset_costs_no_digits)
{
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = 1, .units = {1}, .batchnorm = 1, .no_bias = 1};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, BATCH, 1);
    struct data data;
    double y[BATCH] = {0};

    api_fill(network, 0, MLPBN_WEIGHT, 1);
    data_make(&data, MLPBN_F32, BATCH, 1, 1, 3);
    for (size_t i = 0; i < BATCH;
         i++) /* whole multiples of the 2^-9 between floats here */
        api_store(data.x, MLPBN_F32, i, 16384 + (double)(i * i % 13) / 512);
    struct reference expected = reference_run(network, &data.rows, REFERENCE_TRAIN);
    OK(api_forward(network, workspace, &data.rows, y));
    api_assert_close(y, expected.y, BATCH,
                     reference_tolerance(network) + 64 * api_epsilon(MLPBN_F64) * 16384,
                     "y");
    reference_free(&expected);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* Rows that are all the same have variance 0: the layer gives its beta, and gradients are
 * finite. */
START_TEST(a_constant_batch_gives_beta)
{
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = 7, .units = {5}, .batchnorm = 1};
    const size_t index[BATCH] = {0};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, BATCH, 1);
    struct data data;
    double y[BATCH * 5] = {0};

    data_make(&data, MLPBN_F64, 1, 7, 5, 67);
    data.rows.n = BATCH;
    data.rows.n_data = 1;
    data.rows.index = index;
    struct reference batch = reference_run(network, &data.rows, REFERENCE_TRAIN);
    double *beta = api_tensor(network, 0, MLPBN_BETA, NULL);
    /* The mean may be an epsilon off; eps is 1e-5. */
    const double tolerance = 2 * api_epsilon(api_dtypes[_i]) *
                             fmax(1, api_largest(batch.mean[0], 5)) / sqrt(1e-5);
    OK(api_forward(network, workspace, &data.rows, y));
    for (size_t i = 0; i < BATCH; i++)
        api_assert_close(y + 5 * i, beta, 5, tolerance, "y");
    OK(mlpbn_gradient(network, workspace, &data.rows, NULL, NULL));
    free(beta);
    reference_free(&batch);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* After one step that starts from the first batch, prediction on that batch normalizes as
 * training did. */
START_TEST(prediction_uses_the_running_statistics)
{
    const struct recipe recipe = {.dtype = api_dtypes[_i],
                                  .inputs = 7,
                                  .units = {5, 3},
                                  .batchnorm = 3,
                                  .statistics_as_born = 1};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, BATCH, 1);
    mlpbn_optimizer *still = api_optimizer(network, 0, 0, 0);
    struct data data;
    double trained[BATCH * 3] = {0}, predicted[BATCH * 3] = {0};

    data_make(&data, MLPBN_F32, BATCH, 7, 3, 67);
    OK(api_forward(network, workspace, &data.rows, trained));
    OK(mlpbn_train_step(network, still, workspace, &data.rows, NULL, NULL));
    OK(api_predict(network, workspace, &data.rows, predicted));
    api_assert_close(predicted, trained, LENGTH(trained),
                     4 * reference_tolerance(network), "y");
    data_free(&data);
    mlpbn_optimizer_destroy(still);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* A trained network that is brought in keeps its statistics: the first step averages. */
START_TEST(statistics_that_were_set_are_not_thrown_away)
{
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = 7, .units = {5, 3}, .batchnorm = 3};
    mlpbn_network *network = api_network(&recipe), *copy = NULL;
    struct data data;
    data_make(&data, MLPBN_F32, BATCH, 7, 3, 67);
    OK(mlpbn_network_clone(&copy, network, api_dtypes[_i]));
    mlpbn_network *const both[] = {network, copy};
    for (size_t i = 0; i < LENGTH(both); i++) {
        mlpbn_workspace *workspace = api_workspace(both[i], BATCH, 1);
        struct reference batch = reference_run(both[i], &data.rows, REFERENCE_TRAIN);
        const size_t index = api_find(both[i], 0, MLPBN_RUNNING_MEAN);
        size_t n;
        double *before = api_tensor(both[i], 0, MLPBN_RUNNING_MEAN, &n);
        OK(mlpbn_gradient(both[i], workspace, &data.rows, NULL, NULL));
        OK(mlpbn_commit_statistics(both[i], workspace));
        double *after = api_tensor(both[i], 0, MLPBN_RUNNING_MEAN, &n);
        for (size_t u = 0; u < n; u++)
            before[u] = 0.9 * before[u] + 0.1 * batch.mean[0][u];
        api_assert_close(after, before, n, 4 * reference_tolerance(both[i]),
                         api_describe(both[i], index).name);
        free(before);
        free(after);
        reference_free(&batch);
        mlpbn_workspace_destroy(workspace);
        mlpbn_network_destroy(both[i]);
    }
    data_free(&data);
}
END_TEST

Suite *batchnorm_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("batchnorm", &tests);
    tcase_add_loop_test(tests, running_statistics_follow_their_formula, 0, N_OPTIONS);
    tcase_add_loop_test(tests, the_bias_before_batchnorm_has_no_gradient, 0, N_DTYPES);
    tcase_add_loop_test(tests, small_weights_are_normalized_to_the_same, 0, N_DTYPES);
    tcase_add_loop_test(tests, an_offset_costs_no_digits, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_constant_batch_gives_beta, 0, N_DTYPES);
    tcase_add_loop_test(tests, prediction_uses_the_running_statistics, 0, N_DTYPES);
    tcase_add_loop_test(tests, statistics_that_were_set_are_not_thrown_away, 0, N_DTYPES);
    return suite;
}
