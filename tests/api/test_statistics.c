/* Running statistics that are frozen in training, or computed anew over a data set. */
#include "api_reference.h"

enum { ROWS = 23, INPUTS = 6, OUTPUTS = 3, MAX_BATCH = 5 };

static const mlpbn_batchnorm_options unbiased = MLPBN_BATCHNORM_PYTORCH_INIT;
static const mlpbn_batchnorm_options after_activation = {
    sizeof after_activation, 2.385e-5, 0.9, 0, 1, 0, 1, 0};

static const struct spec shapes[] = {
    {6, .units = {8, 5, 3}, .batchnorm_mask = 7},
    {6, .units = {8, 5, 3}, .batchnorm_mask = 2, .no_bias_mask = 1},
    {6, .units = {8, 3}, .batchnorm_mask = 1, .dropout = 0.385},
    {6, .units = {8, 5, 3}, .batchnorm_mask = 1, .norm = &unbiased, .hidden = MLPBN_GELU},
    {6, .units = {8, 5, 3}, .batchnorm_mask = 3, .norm = &after_activation,
     .hidden = MLPBN_TANH},
};

static mlpbn_status recompute(const struct setup *s)
{
    return mlpbn_recompute_statistics(s->network, s->workspace, &s->rows);
}

/* The statistics are those by which training normalizes a single batch of all rows. An unbiased
 * variance is compared in networks whose only batchnorm is in the first layer, because the inputs
 * of later layers depend on it. */
static void check_statistics(const mlpbn_network *network, const struct reference *all,
                             int is_unbiased)
{
    const double factor = is_unbiased ? (double)ROWS / (ROWS - 1) : 1;
    for (size_t l = 0; l < mlpbn_network_n_layers(network); l++) {
        const double *mean = api_tensor(network, l, MLPBN_RUNNING_MEAN);
        const double *var = api_tensor(network, l, MLPBN_RUNNING_VAR);
        for (size_t u = 0; mean && u < api_length(mean); u++) {
            const double scale = 1 + fabs(all->mean[l][u]) + all->var[l][u];
            const double tolerance = scale * reference_tolerance(network);
            api_assert_near(mean[u], all->mean[l][u], tolerance, "mean");
            api_assert_near(var[u], factor * all->var[l][u], tolerance, "variance");
        }
    }
}

static void assert_only_statistics_changed(mlpbn_network *network, mlpbn_network *before)
{
    for (size_t t = 0; t < mlpbn_network_n_tensors(network); t++) {
        const mlpbn_tensor tensor = api_describe(network, t);
        const double *now = api_tensor(network, tensor.layer, tensor.kind);
        const double *then = api_tensor(before, tensor.layer, tensor.kind);
        const size_t size = tensor.rows * tensor.columns * sizeof *now;
        ck_assert_msg((memcmp(now, then, size) == 0) == (tensor.is_parameter != 0),
                      "%s is changed, or is not", tensor.name);
    }
    ck_assert_uint_eq(mlpbn_network_steps(network), mlpbn_network_steps(before));
}

/* The statistics are the same with a workspace for training and with one for prediction. */
LOOP_DTYPE_TEST(statistics_are_those_of_all_rows, LENGTH(shapes))
{
    struct setup s = setup_of(spec_of(&shapes[_i], dtype), MLPBN_U8, ROWS);
    s.workspace = api_workspace(s.network, MAX_BATCH, 1);
    const int is_unbiased = shapes[_i].norm == &unbiased;
    OK(mlpbn_network_fit_standardization(s.network, &s.rows));
    mlpbn_network *before = api_clone(s.network, mlpbn_network_dtype(s.network));
    const struct reference all = reference_run(s.network, &s.rows, REFERENCE_TRAIN);
    for (int mode = 0; mode < 2; mode++) {
        OK(mlpbn_network_copy(s.network, before));
        if (mode == 1)
            s.workspace = api_predict_workspace(s.network, MAX_BATCH);
        OK(recompute(&s));
        check_statistics(s.network, &all, is_unbiased);
        assert_only_statistics_changed(s.network, before);
    }
}

/* For inputs near 1e6, in batches of 7, mean and variance keep their precision. */
TEST(statistics_far_from_zero)
{
    enum { N = 300 };
    struct setup s =
        SETUP(MLPBN_F64, N, MLPBN_F64, 1, {1}, .batchnorm_mask = 1, .no_bias_mask = 1);
    long double mean = 0, var = 0;
    double *x = s.x;
    for (size_t i = 0; i < N; i++) {
        x[i] = 1e6 + api_uniform(17, i);
        mean += ((long double)x[i] - 1e6L) / N;
    }
    for (size_t i = 0; i < N; i++)
        var += powl((long double)x[i] - 1e6L - mean, 2) / N;
    api_fill(s.network, 0, MLPBN_WEIGHT, 1);
    s.workspace = api_workspace(s.network, 7, 1);
    OK(recompute(&s));
    api_assert_near(*api_tensor(s.network, 0, MLPBN_RUNNING_MEAN), (double)(1e6L + mean),
                    2.385e-10, "mean");
    api_assert_near(*api_tensor(s.network, 0, MLPBN_RUNNING_VAR), (double)var, 1e-9,
                    "variance");
}

/* A refused call changes nothing, even if only the second layer's input overflows. Without
 * batchnorm the call succeeds and changes nothing. NULL and workspaces of other networks are in test_arguments.c. */
DTYPE_TEST(recompute_is_all_or_nothing)
{
    struct setup s = setup_default(dtype);
    struct setup deep = setup_of(spec_of(&shapes[0], dtype), MLPBN_F64, ROWS);
    const struct setup plain = SETUP(MLPBN_F64, ROWS, dtype, INPUTS, {3});
    deep.workspace = api_workspace(deep.network, MAX_BATCH, 1);
    api_fill(deep.network, 1, MLPBN_WEIGHT, dtype == MLPBN_F64 ? 1.385e308 : 2.385e38);
    const struct snapshot deep_before = snapshot_take(deep.network);
    const struct snapshot plain_before = snapshot_take(plain.network);
    const struct snapshot before = snapshot_take(s.network);
    s.rows.n = 1;
    FAILS(MLPBN_EBATCH, "2|1", recompute(&s));
    s.rows.n = SETUP_ROWS;
    s.rows.columns--;
    BAD_SHAPE("columns", recompute(&s));
    s.rows.columns++;
    api_store(s.x, s.rows.dtype, 7, API_NAN);
    NONFINITE("row 1", recompute(&s));
    snapshot_assert(&before, s.network, "after refusals");
    NONFINITE("layer 1", recompute(&deep));
    snapshot_assert(&deep_before, deep.network, "after an overflow");
    OK(recompute(&plain));
    snapshot_assert(&plain_before, plain.network, "without batchnorm");
}

/* Training passes give what prediction does, but for dropout; and the gradient is right. */
LOOP_DTYPE_TEST(frozen_statistics_are_constants, LENGTH(shapes))
{
    struct setup s = setup_of(spec_of(&shapes[_i], dtype), MLPBN_F32, ROWS);
    OK(mlpbn_network_freeze_statistics(s.network, MLPBN_ALL_LAYERS, 1));
    if (shapes[_i].dropout == 0)
        api_assert_close_arrays(setup_forward(&s), setup_predict(&s),
                                8 * reference_tolerance(s.network), "frozen forward");
    ck_assert(mlpbn_gradcheck_passed(api_gradcheck(&s, NULL, NULL)));
}

static int same_variances(const mlpbn_network *a, const mlpbn_network *b, size_t l)
{
    const double *p = api_tensor(a, l, MLPBN_RUNNING_VAR);
    const size_t size = api_length(p) * sizeof *p;
    return memcmp(p, api_tensor(b, l, MLPBN_RUNNING_VAR), size) == 0;
}

DTYPE_TEST(a_step_leaves_frozen_statistics_alone)
{
    struct setup s = setup_of(spec_of(&shapes[0], dtype), MLPBN_F32, ROWS);
    OK(mlpbn_network_freeze_statistics(s.network, 1, 1));
    const mlpbn_network *before = api_clone(s.network, dtype);
    ck_assert_int_eq(mlpbn_batchnorm_frozen(api_batchnorm(before, 0)), 0);
    ck_assert_int_eq(mlpbn_batchnorm_frozen(api_batchnorm(before, 1)), 1);
    setup_step(&s, NULL);
    ck_assert(!same_variances(s.network, before, 0));
    ck_assert(same_variances(s.network, before, 1));
    ck_assert_uint_eq(mlpbn_batchnorm_batches(api_batchnorm(s.network, 0)), 1);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(api_batchnorm(s.network, 1)), 0);

    OK(mlpbn_network_freeze_statistics(s.network, 1, 0));
    setup_step(&s, NULL);
    ck_assert(!same_variances(s.network, before, 1));
}

/* A copy into a network neither freezes nor unfreezes it: parameters of a pretrained network
 * go into one that is being fine-tuned. */
DTYPE_TEST(a_copy_leaves_statistics_frozen_or_not)
{
    struct setup s = setup_of(spec_of(&shapes[0], dtype), MLPBN_F32, ROWS);
    mlpbn_network *from = api_clone(s.network, dtype);
    setup_step(&s, NULL);
    for (int frozen = 0; frozen < 2; frozen++) {
        OK(mlpbn_network_freeze_statistics(s.network, MLPBN_ALL_LAYERS, frozen));
        OK(mlpbn_network_freeze_statistics(from, MLPBN_ALL_LAYERS, !frozen));
        OK(mlpbn_network_copy(s.network, from));
        for (size_t l = 0; l < 2; l++) {
            ck_assert_int_eq(mlpbn_batchnorm_frozen(api_batchnorm(s.network, l)), frozen);
            ck_assert(same_variances(s.network, from, l));
            ck_assert_int_eq(
                mlpbn_batchnorm_frozen(api_batchnorm(api_clone(from, dtype), l)),
                !frozen);
        }
    }
}

/* Backward and commit follow the statistics that forward has normalized by, also where they
 * were frozen or unfrozen in between. */
DTYPE_TEST(freezing_holds_from_the_next_forward_on)
{
    const double *dy = api_random(ROWS * OUTPUTS, 3, 0.731, 0);
    double *gradients[2][2];
    for (int frozen = 0; frozen < 2; frozen++)
        for (int changed = 0; changed < 2; changed++) {
            struct setup s = setup_of(spec_of(&shapes[0], dtype), MLPBN_F32, ROWS);
            OK(mlpbn_network_freeze_statistics(s.network, MLPBN_ALL_LAYERS, frozen));
            setup_forward(&s);
            OK(mlpbn_network_freeze_statistics(s.network, MLPBN_ALL_LAYERS,
                                               frozen ^ changed));
            OK(api_backward(s.network, s.workspace, ROWS, dy, NULL));
            gradients[frozen][changed] = api_gradients(s.network, s.workspace);
            OK(mlpbn_commit_statistics(s.network, s.workspace));
            ck_assert_uint_eq(mlpbn_batchnorm_batches(api_batchnorm(s.network, 1)),
                              frozen ? 0 : 1);
            if (changed)
                api_assert_same_arrays(gradients[frozen][0], gradients[frozen][1],
                                       "the gradient");
        }
    ck_assert(gradients[0][0][0] != gradients[1][0][0]);
}

/* Frozen, a network can train on a single row; with one layer let go it cannot. */
DTYPE_TEST(a_single_row_is_enough_for_frozen_ones)
{
    struct setup s = setup_default(dtype);
    s.rows.n = 1;
    INVALID("network|NULL", mlpbn_network_freeze_statistics(NULL, 0, 1));
    INVALID("layer|2|MLPBN_ALL_LAYERS", mlpbn_network_freeze_statistics(s.network, 2, 1));
    INVALID("batchnorm|layer 1", mlpbn_network_freeze_statistics(s.network, 1, 1));
    INVALID("frozen|2", mlpbn_network_freeze_statistics(s.network, 0, 2));
    ck_assert_int_eq(mlpbn_batchnorm_frozen(api_batchnorm(s.network, 0)), 0);
    OK(mlpbn_network_freeze_statistics(s.network, MLPBN_ALL_LAYERS, 1));
    setup_step(&s, NULL);
    OK(mlpbn_network_freeze_statistics(s.network, MLPBN_ALL_LAYERS, 0));
    FAILS(MLPBN_EBATCH, "2 rows",
          mlpbn_train_step(s.network, s.optimizer, s.workspace, &s.rows, NULL, NULL));
}
