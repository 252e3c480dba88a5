/* Dropout in networks whose weights are the identity: the outputs of a training pass show
 * which ones were kept. */
#include "api_helpers.h"

enum { WIDTH = 24, BATCH = 40, N = BATCH * WIDTH };
static const double P = 0.2385; /* the probability of being dropped */

static mlpbn_workspace *seeded(const mlpbn_network *network, uint64_t seed, int threads)
{
    return api_create_workspace(network, &OPTIONS(workspace, .max_batch = BATCH,
                                                  .mode = MLPBN_TRAIN, .threads = threads,
                                                  .dropout_seed = seed));
}

/* Columns go through every layer as they are, but for dropout behind all but the last. The
 * workspace has seed 7, the learning rate is 0. */
static struct setup identity_setup(mlpbn_dtype dtype, size_t layers)
{
    struct spec spec = {
        .dtype = dtype, .inputs = WIDTH, .linear = 1, .no_bias_mask = ~0U, .dropout = P};
    double weight[WIDTH * WIDTH] = {0};
    for (size_t l = 0; l < layers; l++)
        spec.units[l] = WIDTH;
    for (size_t u = 0; u < WIDTH; u++)
        weight[u * WIDTH + u] = 1;
    struct setup s = setup_of(&spec, MLPBN_F32, BATCH);
    for (size_t l = 0; l < layers; l++)
        api_set(s.network, l, MLPBN_WEIGHT, weight);
    s.workspace = seeded(s.network, 7, 1);
    OK(mlpbn_optimizer_set_learning_rate(s.optimizer, 0));
    return s;
}

/* What a training pass of these rows gives, with a workspace made for it. */
static double *outputs(const mlpbn_network *network, uint64_t seed, int threads,
                       const mlpbn_rows *rows)
{
    double *y = api_alloc(N, sizeof *y);
    OK(api_forward(network, seeded(network, seed, threads), rows, y));
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
        ck_assert(differ > (size_t)((double)n * P * (1 - P)));
}

/* As often as a coin would, within five deviations. */
static void assert_share(double got, double n, double share)
{
    ck_assert_msg(fabs(got - n * share) < 5 * sqrt(n * share * (1 - share)),
                  "%g of %g, where %g is the share", got, n, share);
}

/* Over many steps the outputs of training are those of prediction. */
DTYPE_TEST(kept_outputs_are_scaled_and_keep_the_mean)
{
    enum { STEPS = 400 };
    const struct setup s = identity_setup(dtype, 2);
    double dropped = 0, of_unit[WIDTH] = {0}, of_row[BATCH] = {0}, sum[N] = {0};
    const double *x = data_x(&s.rows), spread = sqrt(P / (1 - P) / STEPS);
    const double *first = setup_forward(&s);
    for (size_t i = 0; i < N; i++) {
        dropped += first[i] == 0;
        of_unit[i % WIDTH] += first[i] == 0;
        of_row[i / WIDTH] += first[i] == 0;
        if (first[i] != 0)
            api_assert_near(first[i], x[i] / (1 - P), 2 * api_epsilon(dtype) * fabs(x[i]),
                            "kept");
    }
    assert_share(dropped, N, P);
    for (size_t u = 0; u < WIDTH; u++)
        assert_share(of_unit[u], BATCH, P);
    for (size_t i = 0; i < BATCH; i++)
        assert_share(of_row[i], WIDTH, P);
    ck_assert(mlpbn_layer_dropout(mlpbn_network_layer(s.network, 0)) == P);
    ck_assert(mlpbn_layer_dropout(mlpbn_network_layer(s.network, 1)) == 0);

    for (int step = 0; step < STEPS; step++) {
        const double *y = setup_forward(&s);
        for (size_t i = 0; i < N; i++)
            sum[i] += y[i] / STEPS;
        setup_step(&s, NULL);
    }
    ck_assert_uint_eq(mlpbn_network_steps(s.network), STEPS);
    for (size_t i = 0; i < N; i++)
        api_assert_near(sum[i], x[i], 5 * spread * fabs(x[i]), "mean");
}

/* The derivative goes where the value went, and is scaled alike; prediction drops nothing.
 * With two layers that drop, what both keep is (1 - p)^2: their masks are not the same. */
DTYPE_TEST(each_layer_has_a_mask_for_both_directions)
{
    const struct setup s = identity_setup(dtype, 3);
    const double *x = data_x(&s.rows), *dy = api_random(N, 47, 1.385, 0);
    double kept = 0;
    api_assert_close_arrays(setup_predict(&s), x, 0, "prediction");
    const double *y = setup_forward(&s), *dx = setup_backward(&s, dy);
    for (size_t i = 0; i < N; i++) {
        kept += y[i] != 0;
        api_assert_near(dx[i], dy[i] * y[i] / x[i], 8 * api_epsilon(dtype) * fabs(dy[i]),
                        "dx");
    }
    assert_share(kept, N, (1 - P) * (1 - P));
}

DTYPE_TEST(masks_are_chosen_as_documented)
{
    const struct setup s = identity_setup(dtype, 2);
    mlpbn_network *network = s.network;
    mlpbn_rows some = s.rows;
    const double *first = outputs(network, 7, 1, &s.rows);
    some.n = 13;
    assert_masks(first, outputs(network, 7, 3, &s.rows), N, 1);
    assert_masks(first, outputs(network, 8, 1, &s.rows), N, 0);
    assert_masks(first, outputs(network, 7, 1, &some), some.n * WIDTH, 1);

    ck_assert_uint_eq(mlpbn_network_steps(network), 0);
    OK(mlpbn_gradient(network, s.workspace, &s.rows, NULL, NULL));
    mlpbn_network *copy = api_clone(network, OTHER(dtype));
    ck_assert_uint_eq(mlpbn_network_steps(network), 0);
    OK(mlpbn_commit_statistics(network, s.workspace));
    ck_assert_uint_eq(mlpbn_network_steps(network), 1);
    assert_masks(first, outputs(network, 7, 1, &s.rows), N, 0);
    assert_masks(first, outputs(copy, 7, 1, &s.rows), N, 1);
    OK(mlpbn_network_copy(copy, network));
    ck_assert_uint_eq(mlpbn_network_steps(copy), 1);
}
