/* Copies of networks: new ones, and into those that are there. */
#include "api_helpers.h"

#include <stdlib.h>

/* --- mlpbn_network_clone ------------------------------------------------------------ */

static mlpbn_network *cloned(const mlpbn_network *network, mlpbn_dtype dtype)
{
    mlpbn_network *copy;
    OK(mlpbn_network_clone(&copy, network, dtype));
    return copy;
}

static void set_standardization(mlpbn_network *network)
{
    const size_t n = mlpbn_network_inputs(network);
    double *mean = api_numbers(n, 41, 0.731, 0.1);
    double *std = api_numbers(n, 42, 0.385, 1.2385);
    OK(mlpbn_network_set_standardization(network, mean, std, n));
    free(mean);
    free(std);
}

START_TEST(a_clone_is_the_same_and_on_its_own)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    set_standardization(world.network);
    mlpbn_network *copy = cloned(world.network, api_dtypes[_i]);
    struct snapshot before = snapshot_take(copy);

    ck_assert_ptr_ne(copy, world.network);
    api_assert_twins(world.network, copy, "clone");
    ck_assert_uint_eq(mlpbn_network_layers(copy), 2);
    ck_assert_int_eq(mlpbn_network_dtype(copy), api_dtypes[_i]);
    ck_assert_int_eq(mlpbn_layer_activation(mlpbn_network_layer(copy, 1)),
                     MLPBN_IDENTITY);

    OK(mlpbn_train_step(world.network, world.optimizer, world.workspace, &world.data.rows,
                        NULL, NULL));
    OK(mlpbn_network_set_standardization(world.network, NULL, NULL, 0));
    snapshot_assert(&before, copy, "clone, after its original was trained");
    world_free(&world);
    snapshot_assert(&before, copy, "clone, after its original was destroyed");
    snapshot_free(&before);
    mlpbn_network_destroy(copy);
}
END_TEST

START_TEST(a_clone_changes_dtype)
{
    struct world world;
    world_make(&world, MLPBN_F64);
    set_standardization(world.network);
    mlpbn_network *f32 = cloned(world.network, MLPBN_F32);
    mlpbn_network *back = cloned(f32, MLPBN_F64);

    ck_assert_int_eq(mlpbn_network_dtype(f32), MLPBN_F32);
    ck_assert_int_eq(mlpbn_network_dtype(back), MLPBN_F64);
    api_assert_rounded(f32, world.network);
    api_assert_rounded(f32, back);
    const mlpbn_layer *layer = mlpbn_network_layer(f32, 0);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(mlpbn_layer_batchnorm(layer)), 1);
    ck_assert(mlpbn_batchnorm_eps(mlpbn_layer_batchnorm(layer)) == 1e-5);
    mlpbn_network_destroy(f32);
    mlpbn_network_destroy(back);
    world_free(&world);
}
END_TEST

/* Options of batchnorm go with the clone: both go on training alike. */
START_TEST(a_clone_trains_on_like_its_original)
{
    mlpbn_batchnorm_options options = api_batchnorm_options();
    options.decay = 0.6385;
    options.eps = 0.0173;
    options.unbiased_running_variance = 1;
    options.start_from_first_batch = 0;
    const struct recipe recipe = {.dtype = api_dtypes[_i],
                                  .inputs = 5,
                                  .units = {4, 3},
                                  .batchnorm = 1,
                                  .no_bias = 1,
                                  .batchnorm_options = &options};
    mlpbn_network *network = api_network(&recipe);
    set_standardization(network);
    mlpbn_network *const both[] = {network, cloned(network, api_dtypes[_i])};
    struct data data;

    data_make(&data, MLPBN_F64, 8, 5, 3, 13);
    for (size_t i = 0; i < LENGTH(both); i++) {
        mlpbn_workspace *workspace = api_workspace(both[i], 8, 1);
        mlpbn_optimizer *optimizer = api_optimizer(both[i], 0.0385, 0.873, 1);
        for (int step = 0; step < 3; step++)
            OK(mlpbn_train_step(both[i], optimizer, workspace, &data.rows, NULL, NULL));
        mlpbn_optimizer_destroy(optimizer);
        mlpbn_workspace_destroy(workspace);
    }
    api_assert_twins(both[0], both[1], "trained clone");
    data_free(&data);
    mlpbn_network_destroy(both[0]);
    mlpbn_network_destroy(both[1]);
}
END_TEST

START_TEST(clone_refuses_bad_arguments)
{
    struct world world;
    mlpbn_network *copy = api_untouched();

    world_make(&world, api_dtypes[_i]);
    FAILS(MLPBN_EINVAL, "NULL", mlpbn_network_clone(NULL, world.network, MLPBN_F32));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_clone(&copy, NULL, MLPBN_F32));
    FAILS(MLPBN_EINVAL, "dtype|0",
          mlpbn_network_clone(&copy, world.network, (mlpbn_dtype)0));
    FAILS(MLPBN_EINVAL, "dtype", mlpbn_network_clone(&copy, world.network, MLPBN_U8));
    FAILS(MLPBN_EINVAL, "dtype|99",
          mlpbn_network_clone(&copy, world.network, (mlpbn_dtype)99));
    ck_assert_ptr_eq(copy, api_untouched());
    world_free(&world);
}
END_TEST

/* Every kind of tensor, and the standardization, with a value that only a double
 * holds. */
START_TEST(clone_refuses_what_f32_cannot_hold)
{
    struct world world;
    mlpbn_network *copy = api_untouched();
    world_make(&world, MLPBN_F64);

    for (size_t i = 0; i < mlpbn_network_tensors(world.network); i++) {
        const mlpbn_tensor tensor = api_describe(world.network, i);
        mlpbn_network *network = cloned(world.network, MLPBN_F64);
        api_fill(network, tensor.layer, tensor.kind, 2.385e57);
        FAILS(MLPBN_ENONFINITE, tensor.name,
              mlpbn_network_clone(&copy, network, MLPBN_F32));
        mlpbn_network_destroy(cloned(network, MLPBN_F64));
        mlpbn_network_destroy(network);
    }
    double *mean = api_numbers(WORLD_INPUTS, 1, 1, 0);
    double *std = api_numbers(WORLD_INPUTS, 2, 0.1, 1);
    std[3] = 2.385e-57;
    OK(mlpbn_network_set_standardization(world.network, mean, std, WORLD_INPUTS));
    FAILS(MLPBN_ENONFINITE, "std|3",
          mlpbn_network_clone(&copy, world.network, MLPBN_F32));
    ck_assert_ptr_eq(copy, api_untouched());
    free(mean);
    free(std);
    world_free(&world);
}
END_TEST

/* --- mlpbn_network_copy ------------------------------------------------------------- */

START_TEST(a_copy_brings_a_network_back)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    set_standardization(world.network);
    mlpbn_network *good = cloned(world.network, api_dtypes[_i]);

    for (int step = 0; step < 2; step++)
        OK(mlpbn_train_step(world.network, world.optimizer, world.workspace,
                            &world.data.rows, NULL, NULL));
    OK(mlpbn_network_set_standardization(world.network, NULL, NULL, 0));
    OK(mlpbn_network_copy(world.network, good));
    api_assert_twins(world.network, good, "copy");
    /* Its workspace and its optimizer are still its own. */
    OK(mlpbn_train_step(world.network, world.optimizer, world.workspace, &world.data.rows,
                        NULL, NULL));
    OK(mlpbn_network_copy(good, good));
    mlpbn_network_destroy(good);
    world_free(&world);
}
END_TEST

START_TEST(a_copy_takes_standardization_away)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    mlpbn_network *other = cloned(world.network, api_dtypes[_i]);
    set_standardization(other);
    OK(mlpbn_network_copy(other, world.network));
    api_assert_twins(other, world.network, "copy");
    mlpbn_network_destroy(other);
    world_free(&world);
}
END_TEST

START_TEST(a_copy_changes_dtype)
{
    struct world world;
    world_make(&world, MLPBN_F64);
    set_standardization(world.network);
    const struct recipe recipe = {.dtype = MLPBN_F32,
                                  .inputs = WORLD_INPUTS,
                                  .units = {WORLD_HIDDEN, WORLD_OUTPUTS},
                                  .batchnorm = 1};
    mlpbn_network *f32 = api_network(&recipe);
    OK(mlpbn_network_copy(f32, world.network));
    api_assert_rounded(f32, world.network);
    mlpbn_network *back = cloned(world.network, MLPBN_F64);
    OK(mlpbn_network_copy(back, f32));
    api_assert_rounded(f32, back);
    const mlpbn_layer *layer = mlpbn_network_layer(f32, 0);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(mlpbn_layer_batchnorm(layer)), 1);
    mlpbn_network_destroy(f32);
    mlpbn_network_destroy(back);
    world_free(&world);
}
END_TEST

START_TEST(copy_refuses_bad_arguments)
{
    static const struct {
        const char *words;
        struct recipe recipe;
    } others[] = {
        {"layer0.weight|[4][5]|[4][6]", {.inputs = 6, .units = {4, 3}, .batchnorm = 1}},
        {"layer1.weight|[3][4]|[2][4]", {.inputs = 5, .units = {4, 2}, .batchnorm = 1}},
        {"layer0.gamma|layer1.weight|batchnorm?", {.inputs = 5, .units = {4, 3}}},
        {"layer0.bias|layer0.gamma",
         {.inputs = 5, .units = {4, 3}, .batchnorm = 1, .no_bias = 1}},
    };
    struct world world;
    world_make(&world, api_dtypes[_i]);
    struct snapshot before = snapshot_take(world.network);

    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_copy(NULL, world.network));
    FAILS(MLPBN_EINVAL, "from|NULL", mlpbn_network_copy(world.network, NULL));
    for (size_t i = 0; i < LENGTH(others); i++) {
        struct recipe recipe = others[i].recipe;
        recipe.dtype = api_dtypes[_i];
        mlpbn_network *other = api_network(&recipe);
        api_case(others[i].words, "");
        FAILS(MLPBN_ESHAPE, others[i].words, mlpbn_network_copy(world.network, other));
        mlpbn_network_destroy(other);
    }
    snapshot_assert(&before, world.network, "network after refused copies");
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

START_TEST(copy_refuses_another_depth)
{
    const struct recipe two = {.dtype = MLPBN_F32, .inputs = 5, .units = {4, 3}};
    const struct recipe three = {.dtype = MLPBN_F32, .inputs = 5, .units = {4, 3, 2}};
    mlpbn_network *shallow = api_network(&two), *deep = api_network(&three);
    FAILS(MLPBN_ESHAPE, "tensors|4|6|layers", mlpbn_network_copy(shallow, deep));
    FAILS(MLPBN_ESHAPE, "tensors|6|4", mlpbn_network_copy(deep, shallow));
    mlpbn_network_destroy(shallow);
    mlpbn_network_destroy(deep);
}
END_TEST

START_TEST(copy_refuses_what_f32_cannot_hold)
{
    struct world world, small;
    world_make(&world, MLPBN_F64);
    world_make(&small, MLPBN_F32);
    struct snapshot before = snapshot_take(small.network);

    for (size_t i = 0; i < mlpbn_network_tensors(world.network); i++) {
        const mlpbn_tensor tensor = api_describe(world.network, i);
        mlpbn_network *network = cloned(world.network, MLPBN_F64);
        set_standardization(network);
        api_fill(network, tensor.layer, tensor.kind, 2.385e57);
        FAILS(MLPBN_ENONFINITE, tensor.name, mlpbn_network_copy(small.network, network));
        mlpbn_network_destroy(network);
    }
    const double mean[WORLD_INPUTS] = {0}, std[WORLD_INPUTS] = {1, 1, 1, 2.385e-57, 1};
    OK(mlpbn_network_set_standardization(world.network, mean, std, WORLD_INPUTS));
    FAILS(MLPBN_ENONFINITE, "std|3", mlpbn_network_copy(small.network, world.network));
    snapshot_assert(&before, small.network, "network after refused copies");
    snapshot_free(&before);
    world_free(&small);
    world_free(&world);
}
END_TEST

Suite *copies_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("copies", &tests);
    tcase_add_loop_test(tests, a_clone_is_the_same_and_on_its_own, 0, N_DTYPES);
    tcase_add_test(tests, a_clone_changes_dtype);
    tcase_add_loop_test(tests, a_clone_trains_on_like_its_original, 0, N_DTYPES);
    tcase_add_loop_test(tests, clone_refuses_bad_arguments, 0, N_DTYPES);
    tcase_add_test(tests, clone_refuses_what_f32_cannot_hold);
    tcase_add_loop_test(tests, a_copy_brings_a_network_back, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_copy_takes_standardization_away, 0, N_DTYPES);
    tcase_add_test(tests, a_copy_changes_dtype);
    tcase_add_loop_test(tests, copy_refuses_bad_arguments, 0, N_DTYPES);
    tcase_add_test(tests, copy_refuses_another_depth);
    tcase_add_test(tests, copy_refuses_what_f32_cannot_hold);
    return suite;
}
