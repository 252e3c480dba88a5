/* Copies of networks: new ones, and into those that are there. */
#include "api_helpers.h"

DTYPE_TEST(a_clone_is_the_same_and_independent)
{
    const struct setup s = setup_default(dtype);
    api_standardize(s.network);
    mlpbn_network *copy = api_clone(s.network, dtype);
    const struct snapshot before = snapshot_take(copy);
    ck_assert_ptr_ne(copy, s.network);
    api_assert_equal(s.network, copy, "clone");
    ck_assert_uint_eq(mlpbn_network_n_layers(copy), 2);
    ck_assert_int_eq(mlpbn_network_dtype(copy), dtype);
    ck_assert_int_eq(mlpbn_layer_activation(mlpbn_network_layer(copy, 1)),
                     MLPBN_IDENTITY);
    setup_step(&s, NULL);
    OK(mlpbn_network_set_standardization(s.network, NULL, NULL, 0));
    snapshot_assert(&before, copy, "clone, after its original was trained");
    api_destroy(s.network);
    snapshot_assert(&before, copy, "clone, after its original was destroyed");
}

/* Rounded to f32 and back again, by clones or by copies into networks that are there. */
LOOP_TEST(a_clone_and_a_copy_change_dtype, 2)
{
    mlpbn_network *network = setup_default(MLPBN_F64).network;
    mlpbn_network *f32 = _i ? setup_default(MLPBN_F32).network : NULL;
    mlpbn_network *back = _i ? api_clone(network, MLPBN_F64) : NULL;
    api_standardize(network);
    if (_i) {
        OK(mlpbn_network_copy(f32, network));
        OK(mlpbn_network_copy(back, f32));
    } else {
        f32 = api_clone(network, MLPBN_F32);
        back = api_clone(f32, MLPBN_F64);
    }
    ck_assert_int_eq(mlpbn_network_dtype(f32), MLPBN_F32);
    ck_assert_int_eq(mlpbn_network_dtype(back), MLPBN_F64);
    api_assert_rounded(f32, network);
    api_assert_rounded(f32, back);
    const mlpbn_batchnorm *batchnorm = api_batchnorm(f32, 0);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(batchnorm), 1);
    ck_assert(mlpbn_batchnorm_eps(batchnorm) == (double)1e-5);
}

/* Options of batchnorm go with the clone: both go on training alike. */
DTYPE_TEST(a_clone_trains_on_like_its_original)
{
    const mlpbn_batchnorm_options options = {
        sizeof options, 0.0173, 0.6385, 1, 0, 1, 0, 0};
    struct setup s = SETUP(MLPBN_F64, 8, dtype, 5, {4, 3}, .batchnorm_mask = 1,
                           .no_bias_mask = 1, .norm = &options);
    api_standardize(s.network);
    mlpbn_network *const both[] = {s.network, api_clone(s.network, dtype)};
    for (size_t i = 0; i < LENGTH(both); i++) {
        s.network = both[i];
        s.workspace = api_workspace(both[i], 8, 1);
        s.optimizer = api_optimizer(both[i], 0.0385, 0.873, 1);
        for (int step = 0; step < 3; step++)
            setup_step(&s, NULL);
    }
    api_assert_equal(both[0], both[1], "trained clone");
}

/* Every kind of tensor, and the standardization, with a value that only a double holds. */
TEST(clone_and_copy_refuse_what_f32_cannot_hold)
{
    static const double mean[SETUP_INPUTS] = {0}, std[] = {1, 1, 1, 2.385e-57, 1};
    mlpbn_network *wide = setup_default(MLPBN_F64).network, *clone = api_untouched();
    mlpbn_network *network_f32 = setup_default(MLPBN_F32).network;
    const struct snapshot before = snapshot_take(network_f32);
    const size_t n = mlpbn_network_n_tensors(wide);
    for (size_t i = 0; i <= n; i++) {
        mlpbn_network *network = api_clone(wide, MLPBN_F64);
        const mlpbn_tensor tensor = api_describe(network, i % n);
        const char *words = i < n ? tensor.name : "std|3";
        if (i < n)
            api_fill(network, tensor.layer, tensor.kind, 2.385e57);
        else
            OK(mlpbn_network_set_standardization(network, mean, std, SETUP_INPUTS));
        NONFINITE(words, mlpbn_network_clone(&clone, network, MLPBN_F32));
        NONFINITE(words, mlpbn_network_copy(network_f32, network));
        api_clone(network, MLPBN_F64);
    }
    ck_assert_ptr_eq(clone, api_untouched());
    snapshot_assert(&before, network_f32, "network after refused copies");
}

/* Standardization comes back, too, and goes where the other network has none. */
DTYPE_TEST(a_copy_brings_a_network_back)
{
    const struct setup s = setup_default(dtype);
    mlpbn_network *plain = setup_default(dtype).network, *other = api_clone(plain, dtype);
    api_standardize(s.network);
    mlpbn_network *good = api_clone(s.network, dtype);
    setup_step(&s, NULL);
    setup_step(&s, NULL);
    OK(mlpbn_network_set_standardization(s.network, NULL, NULL, 0));
    OK(mlpbn_network_copy(s.network, good));
    api_assert_equal(s.network, good, "copy");
    /* Its workspace and its optimizer are still its own. */
    setup_step(&s, NULL);
    OK(mlpbn_network_copy(good, good));
    api_standardize(other);
    OK(mlpbn_network_copy(other, plain));
    api_assert_equal(other, plain, "copy");
}

DTYPE_TEST(clone_and_copy_refuse_bad_arguments)
{
    static const struct {
        const char *words;
        struct spec spec;
    } others[] = {
        {"layer0.weight|[4][5]|[4][6]", {6, {4, 3}, .batchnorm_mask = 1}},
        {"layer1.weight|[3][4]|[2][4]", {5, {4, 2}, .batchnorm_mask = 1}},
        {"layer0.gamma|layer1.weight|batchnorm?", {.inputs = 5, .units = {4, 3}}},
        {"layer0.bias|layer0.gamma", {5, {4, 3}, .batchnorm_mask = 1, .no_bias_mask = 1}},
    };
    mlpbn_network *network = setup_default(dtype).network;
    mlpbn_network *shallow = NETWORK(dtype, 5, {4, 3});
    mlpbn_network *deep = NETWORK(dtype, 5, {4, 3, 2});
    mlpbn_network *copy = api_untouched();
    const struct snapshot before = snapshot_take(network);
    INVALID("NULL", mlpbn_network_clone(NULL, network, MLPBN_F32));
    INVALID("network|NULL", mlpbn_network_clone(&copy, NULL, MLPBN_F32));
    INVALID("dtype|0", mlpbn_network_clone(&copy, network, (mlpbn_dtype)0));
    INVALID("dtype", mlpbn_network_clone(&copy, network, MLPBN_U8));
    INVALID("dtype|99", mlpbn_network_clone(&copy, network, (mlpbn_dtype)99));
    ck_assert_ptr_eq(copy, api_untouched());
    BAD_SHAPE("tensors|4|6|layers", mlpbn_network_copy(shallow, deep));
    BAD_SHAPE("tensors|6|4", mlpbn_network_copy(deep, shallow));
    INVALID("network|NULL", mlpbn_network_copy(NULL, network));
    INVALID("from|NULL", mlpbn_network_copy(network, NULL));
    for (size_t i = 0; i < LENGTH(others); i++)
        BAD_SHAPE(
            others[i].words,
            mlpbn_network_copy(network, api_network(spec_of(&others[i].spec, dtype))));
    snapshot_assert(&before, network, "network after refused copies");
}
