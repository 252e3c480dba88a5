/* Dropout, seen through networks whose weights are the identity: the outputs of a training
 * pass show which ones were kept. */
#include "api_helpers.h"

#include <stdlib.h>

enum { WIDTH = 24, BATCH = 40, N = BATCH * WIDTH };
static const double CHANCE = 0.2385;

/* Columns go through every layer as they are, but for dropout behind all but the last. */
static mlpbn_network *see_through(mlpbn_dtype dtype, size_t layers)
{
    struct recipe recipe = {
        .dtype = dtype, .inputs = WIDTH, .linear = 1, .no_bias = ~0U, .dropout = CHANCE};
    double weight[WIDTH * WIDTH] = {0};
    for (size_t l = 0; l < layers; l++)
        recipe.units[l] = WIDTH;
    for (size_t u = 0; u < WIDTH; u++)
        weight[u * WIDTH + u] = 1;
    mlpbn_network *network = api_network(&recipe);
    for (size_t l = 0; l < layers; l++)
        OK(mlpbn_network_set_f64(network, api_find(network, l, MLPBN_WEIGHT), weight,
                                 WIDTH * WIDTH));
    return network;
}

static mlpbn_workspace *seeded(const mlpbn_network *network, uint64_t seed, int threads)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *workspace;
    options.max_batch = BATCH;
    options.dropout_seed = seed;
    options.threads = threads;
    OK(mlpbn_workspace_create(&workspace, network, &options));
    return workspace;
}

/* What a training pass of these rows gives, with a workspace made for it; to be freed. */
static double *outputs(const mlpbn_network *network, uint64_t seed, int threads,
                       const mlpbn_rows *rows)
{
    double *y = api_alloc(N, sizeof *y);
    mlpbn_workspace *workspace = seeded(network, seed, threads);
    OK(api_forward(network, workspace, rows, y));
    mlpbn_workspace_destroy(workspace);
    return y;
}

static void assert_masks(const double *a, const double *b, size_t n, int same)
{
    size_t differ = 0;
    for (size_t i = 0; i < n; i++)
        differ += (a[i] == 0) != (b[i] == 0);
    if (same)
        ck_assert_uint_eq(differ, 0);
    else /* 2 p (1 - p) of them, half of that at least */
        ck_assert(differ > (size_t)((double)n * CHANCE * (1 - CHANCE)));
}

/* As often as a coin would, within five deviations. */
static void assert_share(double dropped, double n)
{
    const double spread = sqrt(n * CHANCE * (1 - CHANCE));
    ck_assert_msg(fabs(dropped - n * CHANCE) < 5 * spread, "%g of %g are dropped",
                  dropped, n);
}

START_TEST(kept_outputs_are_scaled)
{
    struct data data;
    double dropped = 0, of_unit[WIDTH] = {0}, of_row[BATCH] = {0};
    mlpbn_network *network = see_through(api_dtypes[_i], 2);
    data_make(&data, MLPBN_F32, BATCH, WIDTH, WIDTH, 43);
    double *x = data_x(&data.rows), *y = outputs(network, 7, 1, &data.rows);
    for (size_t i = 0; i < N; i++) {
        dropped += y[i] == 0;
        of_unit[i % WIDTH] += y[i] == 0;
        of_row[i / WIDTH] += y[i] == 0;
        if (y[i] != 0)
            api_assert_near(y[i], x[i] / (1 - CHANCE),
                            2 * api_epsilon(api_dtypes[_i]) * fabs(x[i]), "kept");
    }
    assert_share(dropped, N);
    for (size_t u = 0; u < WIDTH; u++)
        assert_share(of_unit[u], BATCH);
    for (size_t i = 0; i < BATCH; i++)
        assert_share(of_row[i], WIDTH);
    ck_assert(mlpbn_layer_dropout(mlpbn_network_layer(network, 0)) == CHANCE);
    ck_assert(mlpbn_layer_dropout(mlpbn_network_layer(network, 1)) == 0);
    free(x);
    free(y);
    data_free(&data);
    mlpbn_network_destroy(network);
}
END_TEST

/* And none in prediction. */
START_TEST(prediction_drops_nothing)
{
    struct data data;
    double y[N];
    mlpbn_network *network = see_through(api_dtypes[_i], 3);
    mlpbn_workspace *workspace = api_workspace(network, BATCH, 1);
    data_make(&data, MLPBN_F32, BATCH, WIDTH, WIDTH, 43);
    double *x = data_x(&data.rows);
    OK(api_predict(network, workspace, &data.rows, y));
    api_assert_close(y, x, N, 0, "prediction");
    free(x);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* The derivative goes where the value went, and is scaled alike. */
START_TEST(derivatives_take_the_same_mask)
{
    struct data data;
    double y[N], dx[N];
    mlpbn_network *network = see_through(api_dtypes[_i], 3);
    mlpbn_workspace *workspace = seeded(network, 7, 1);
    data_make(&data, MLPBN_F32, BATCH, WIDTH, WIDTH, 43);
    double *x = data_x(&data.rows), *dy = api_numbers(N, 47, 1.385, 0);
    OK(api_forward(network, workspace, &data.rows, y));
    OK(api_backward(network, workspace, BATCH, dy, dx));
    for (size_t i = 0; i < N; i++)
        api_assert_near(dx[i], dy[i] * y[i] / x[i],
                        8 * api_epsilon(api_dtypes[_i]) * fabs(dy[i]), "dx");
    free(x);
    free(dy);
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(masks_are_chosen_as_documented)
{
    struct data data;
    mlpbn_network *network = see_through(api_dtypes[_i], 2), *copy;
    data_make(&data, MLPBN_F32, BATCH, WIDTH, WIDTH, 43);
    mlpbn_rows some = data.rows;
    mlpbn_workspace *workspace = seeded(network, 7, 1);
    some.n = 13;

    double *first = outputs(network, 7, 1, &data.rows);
    double *again = outputs(network, 7, 3, &data.rows);
    double *seed = outputs(network, 8, 1, &data.rows);
    double *fewer = outputs(network, 7, 1, &some);
    assert_masks(first, again, N, 1);
    assert_masks(first, seed, N, 0);
    assert_masks(first, fewer, some.n * WIDTH, 1);

    ck_assert_uint_eq(mlpbn_network_steps(network), 0);
    OK(mlpbn_gradient(network, workspace, &data.rows, NULL, NULL));
    OK(mlpbn_network_clone(&copy, network, api_dtypes[!_i]));
    ck_assert_uint_eq(mlpbn_network_steps(network), 0);
    OK(mlpbn_commit_statistics(network, workspace));
    ck_assert_uint_eq(mlpbn_network_steps(network), 1);
    double *next = outputs(network, 7, 1, &data.rows);
    double *copied = outputs(copy, 7, 1, &data.rows);
    assert_masks(first, next, N, 0);
    assert_masks(first, copied, N, 1);
    OK(mlpbn_network_copy(copy, network));
    ck_assert_uint_eq(mlpbn_network_steps(copy), 1);

    double *const made[] = {first, again, seed, fewer, next, copied};
    for (size_t i = 0; i < LENGTH(made); i++)
        free(made[i]);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
    mlpbn_network_destroy(copy);
    data_free(&data);
}
END_TEST

/* With two layers that drop, what both keep is (1 - p)^2: their masks are not the same. */
START_TEST(layers_have_masks_of_their_own)
{
    struct data data;
    double kept = 0;
    const double share = (1 - CHANCE) * (1 - CHANCE);
    mlpbn_network *network = see_through(api_dtypes[_i], 3);
    data_make(&data, MLPBN_F32, BATCH, WIDTH, WIDTH, 43);
    double *y = outputs(network, 7, 1, &data.rows);
    for (size_t i = 0; i < N; i++)
        kept += y[i] != 0;
    ck_assert(fabs(kept - N * share) < 5 * sqrt(N * share * (1 - share)));
    free(y);
    data_free(&data);
    mlpbn_network_destroy(network);
}
END_TEST

/* Over many steps the outputs of training are those of prediction. */
START_TEST(the_mean_is_kept)
{
    enum { STEPS = 400 };
    struct data data;
    double sum[N] = {0}, y[N];
    mlpbn_network *network = see_through(api_dtypes[_i], 2);
    mlpbn_workspace *workspace = seeded(network, 7, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, 0, 0, 0);
    data_make(&data, MLPBN_F32, BATCH, WIDTH, WIDTH, 43);
    double *x = data_x(&data.rows);
    for (int step = 0; step < STEPS; step++) {
        OK(api_forward(network, workspace, &data.rows, y));
        for (size_t i = 0; i < N; i++)
            sum[i] += y[i] / STEPS;
        OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, NULL, NULL));
    }
    ck_assert_uint_eq(mlpbn_network_steps(network), STEPS);
    const double spread = sqrt(CHANCE / (1 - CHANCE) / STEPS);
    for (size_t i = 0; i < N; i++)
        api_assert_near(sum[i], x[i], 5 * spread * fabs(x[i]), "mean");
    free(x);
    data_free(&data);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(the_last_layer_has_none)
{
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(5);
    mlpbn_layer_options layers[2] = {MLPBN_LAYER_OPTIONS_INIT(4, MLPBN_RELU),
                                     MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_IDENTITY)};
    mlpbn_network *network = api_untouched();
    layers[1].dropout = 0.385;
    FAILS(MLPBN_EINVAL, "layer|1|dropout|0.385",
          mlpbn_network_create(&network, &options, layers, 2));
    ck_assert_ptr_eq(network, api_untouched());
}
END_TEST

Suite *dropout_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("dropout", &tests);
    tcase_add_loop_test(tests, kept_outputs_are_scaled, 0, N_DTYPES);
    tcase_add_loop_test(tests, prediction_drops_nothing, 0, N_DTYPES);
    tcase_add_loop_test(tests, derivatives_take_the_same_mask, 0, N_DTYPES);
    tcase_add_loop_test(tests, masks_are_chosen_as_documented, 0, N_DTYPES);
    tcase_add_loop_test(tests, layers_have_masks_of_their_own, 0, N_DTYPES);
    tcase_add_loop_test(tests, the_mean_is_kept, 0, N_DTYPES);
    tcase_add_test(tests, the_last_layer_has_none);
    return suite;
}
