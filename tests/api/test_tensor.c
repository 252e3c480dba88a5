/* The table of tensors: what it describes, get and set, the array of all parameters. */
#include "api_helpers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ragged sizes; layer 1 has no bias, layers 0 and 1 have batchnorm. */
static mlpbn_network *ragged_network(mlpbn_dtype dtype)
{
    const struct recipe recipe = {
        .dtype = dtype, .inputs = 13, .units = {7, 5, 3}, .batchnorm = 3, .no_bias = 2};
    return api_network(&recipe);
}

static const struct {
    size_t layer;
    mlpbn_tensor_kind kind;
    const char *name;
    size_t rows, columns;
    int is_parameter;
} expected_tensors[] = {
    {0, MLPBN_WEIGHT, "layer0.weight", 7, 13, 1},
    {0, MLPBN_BIAS, "layer0.bias", 1, 7, 1},
    {0, MLPBN_GAMMA, "layer0.gamma", 1, 7, 1},
    {0, MLPBN_BETA, "layer0.beta", 1, 7, 1},
    {0, MLPBN_RUNNING_MEAN, "layer0.running_mean", 1, 7, 0},
    {0, MLPBN_RUNNING_VAR, "layer0.running_var", 1, 7, 0},
    {1, MLPBN_WEIGHT, "layer1.weight", 5, 7, 1},
    {1, MLPBN_GAMMA, "layer1.gamma", 1, 5, 1},
    {1, MLPBN_BETA, "layer1.beta", 1, 5, 1},
    {1, MLPBN_RUNNING_MEAN, "layer1.running_mean", 1, 5, 0},
    {1, MLPBN_RUNNING_VAR, "layer1.running_var", 1, 5, 0},
    {2, MLPBN_WEIGHT, "layer2.weight", 3, 5, 1},
    {2, MLPBN_BIAS, "layer2.bias", 1, 3, 1},
};

/* --- The table ---------------------------------------------------------------------- */

START_TEST(the_table_names_every_tensor_once)
{
    mlpbn_network *network = ragged_network(api_dtypes[_i]);

    ck_assert_uint_eq(mlpbn_network_tensors(network), LENGTH(expected_tensors));
    for (size_t i = 0; i < LENGTH(expected_tensors); i++) {
        const size_t index =
            api_find(network, expected_tensors[i].layer, expected_tensors[i].kind);
        ck_assert_uint_lt(index, LENGTH(expected_tensors));
        const mlpbn_tensor tensor = api_describe(network, index);
        ck_assert_uint_eq(tensor.struct_size, sizeof tensor);
        ck_assert_uint_eq(tensor.index, index);
        ck_assert_str_eq(tensor.name, expected_tensors[i].name);
        ck_assert_int_eq(tensor.is_parameter, expected_tensors[i].is_parameter);
        ck_assert_int_eq(tensor.dtype, api_dtypes[_i]);
        ck_assert_uint_eq(tensor.rows, expected_tensors[i].rows);
        ck_assert_uint_eq(tensor.columns, expected_tensors[i].columns);
        ck_assert_uint_ge(tensor.stride, tensor.columns);
        ck_assert_ptr_nonnull(tensor.data);
    }
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(parameters_come_first)
{
    mlpbn_network *network = ragged_network(api_dtypes[_i]);
    int was_parameter = 1;

    for (size_t i = 0; i < mlpbn_network_tensors(network); i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        ck_assert_msg(was_parameter || !tensor.is_parameter, "tensor %zu, %s", i,
                      tensor.name);
        was_parameter = tensor.is_parameter;
    }
    mlpbn_network_destroy(network);
}
END_TEST

static void assert_same_description(const mlpbn_tensor *got, const mlpbn_tensor *expected)
{
    ck_assert_uint_eq(got->index, expected->index);
    ck_assert_str_eq(got->name, expected->name);
    ck_assert_int_eq(got->kind, expected->kind);
    ck_assert_uint_eq(got->layer, expected->layer);
    ck_assert_int_eq(got->is_parameter, expected->is_parameter);
    ck_assert_int_eq(got->dtype, expected->dtype);
    ck_assert_uint_eq(got->rows, expected->rows);
    ck_assert_uint_eq(got->columns, expected->columns);
    ck_assert_uint_eq(got->stride, expected->stride);
    ck_assert_uint_eq(got->offset, expected->offset);
    ck_assert_ptr_eq(got->data, expected->data);
}

START_TEST(layers_and_batchnorms_describe_the_same)
{
    mlpbn_network *network = ragged_network(api_dtypes[_i]);
    mlpbn_tensor tensor;
    OK(mlpbn_tensor_init(&tensor, sizeof tensor));

    for (size_t i = 0; i < mlpbn_network_tensors(network); i++) {
        const mlpbn_tensor expected = api_describe(network, i);
        const mlpbn_layer *layer = mlpbn_network_layer(network, expected.layer);
        const mlpbn_batchnorm *batchnorm = mlpbn_layer_batchnorm(layer);
        OK(mlpbn_layer_tensor(&tensor, layer, expected.kind));
        assert_same_description(&tensor, &expected);
        if (expected.kind != MLPBN_WEIGHT && expected.kind != MLPBN_BIAS) {
            OK(mlpbn_batchnorm_tensor(&tensor, batchnorm, expected.kind));
            assert_same_description(&tensor, &expected);
        }
    }
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(descriptions_that_cannot_be)
{
    mlpbn_network *network = ragged_network(MLPBN_F32);
    const mlpbn_layer *with = mlpbn_network_layer(network, 0);
    const mlpbn_layer *no_bias = mlpbn_network_layer(network, 1);
    const mlpbn_layer *without = mlpbn_network_layer(network, 2);
    const mlpbn_batchnorm *batchnorm = mlpbn_layer_batchnorm(with);
    mlpbn_tensor tensor;
    memset(&tensor, 0x5A, sizeof tensor);
    tensor.struct_size = sizeof tensor;
    const mlpbn_tensor before = tensor;

    FAILS(MLPBN_EINVAL, "tensor|NULL", mlpbn_network_tensor(NULL, network, 0));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_tensor(&tensor, NULL, 0));
    FAILS(MLPBN_EINVAL, "13", mlpbn_network_tensor(&tensor, network, 13));
    FAILS(MLPBN_EINVAL, "13", mlpbn_network_tensor(&tensor, network, SIZE_MAX));
    FAILS(MLPBN_EINVAL, "tensor|NULL", mlpbn_layer_tensor(NULL, with, MLPBN_BIAS));
    FAILS(MLPBN_EINVAL, "layer|NULL", mlpbn_layer_tensor(&tensor, NULL, MLPBN_BIAS));
    FAILS(MLPBN_EINVAL, "layer|1|MLPBN_BIAS",
          mlpbn_layer_tensor(&tensor, no_bias, MLPBN_BIAS));
    FAILS(MLPBN_EINVAL, "layer|2|MLPBN_GAMMA",
          mlpbn_layer_tensor(&tensor, without, MLPBN_GAMMA));
    FAILS(MLPBN_EINVAL, "kind|0",
          mlpbn_layer_tensor(&tensor, with, (mlpbn_tensor_kind)0));
    FAILS(MLPBN_EINVAL, "kind|99",
          mlpbn_layer_tensor(&tensor, with, (mlpbn_tensor_kind)99));
    FAILS(MLPBN_EINVAL, "tensor|NULL",
          mlpbn_batchnorm_tensor(NULL, batchnorm, MLPBN_BETA));
    FAILS(MLPBN_EINVAL, "batchnorm|NULL",
          mlpbn_batchnorm_tensor(&tensor, NULL, MLPBN_BETA));
    FAILS(MLPBN_EINVAL, "batchnorm|MLPBN_WEIGHT",
          mlpbn_batchnorm_tensor(&tensor, batchnorm, MLPBN_WEIGHT));
    FAILS(MLPBN_EINVAL, "batchnorm|MLPBN_BIAS",
          mlpbn_batchnorm_tensor(&tensor, batchnorm, MLPBN_BIAS));
    FAILS(MLPBN_EINVAL, "kind|99",
          mlpbn_batchnorm_tensor(&tensor, batchnorm, (mlpbn_tensor_kind)99));
    api_assert_same(&tensor, &before, sizeof tensor, "*tensor");
    mlpbn_network_destroy(network);
}
END_TEST

/* --- The array of all parameters ---------------------------------------------------- */

/* 1 for every element of the array that a tensor owns; fails where two own it. */
static unsigned char *owners(const mlpbn_network *network, size_t n)
{
    unsigned char *owned = api_alloc(n, 1);
    for (size_t i = 0; i < mlpbn_network_tensors(network); i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        const size_t size = tensor.rows * tensor.columns;
        for (size_t e = 0; tensor.is_parameter && e < size; e++) {
            const size_t at =
                tensor.offset + e / tensor.columns * tensor.stride + e % tensor.columns;
            ck_assert_msg(at < n && !owned[at], "element %zu of %s", e, tensor.name);
            owned[at] = 1;
        }
    }
    return owned;
}

static void assert_padding_is_zero(const double *array, const unsigned char *owned,
                                   size_t n, const char *what)
{
    size_t i = 0;
    while (i < n && (owned[i] || array[i] == 0))
        i++;
    ck_assert_msg(i == n, "%s: padding element %zu is %g", what, i, i < n ? array[i] : 0);
}

/* Where the array of parameters begins, whatever its type. */
static const unsigned char *parameters_begin(mlpbn_network *network)
{
    size_t n;
    if (mlpbn_network_dtype(network) == MLPBN_F64) {
        double *data;
        OK(mlpbn_network_parameters_f64(&data, &n, network));
        return (const unsigned char *)data;
    }
    float *data;
    OK(mlpbn_network_parameters_f32(&data, &n, network));
    return (const unsigned char *)data;
}

START_TEST(tensors_lie_in_the_array_as_described)
{
    const mlpbn_dtype dtype = api_dtypes[_i];
    mlpbn_network *network = ragged_network(dtype);
    const unsigned char *begin = parameters_begin(network);
    size_t n, size;
    double *array = api_parameters(network, &n);

    ck_assert_uint_eq((uintptr_t)begin % 64, 0);
    for (size_t i = 0; i < mlpbn_network_tensors(network); i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        double *values = api_tensor(network, tensor.layer, tensor.kind, &size);
        if (tensor.is_parameter)
            ck_assert(tensor.data == begin + tensor.offset * api_dtype_size(dtype));
        for (size_t e = 0; e < size; e++) {
            const size_t at = e / tensor.columns * tensor.stride + e % tensor.columns;
            ck_assert(api_load(tensor.data, dtype, at) == values[e]);
            ck_assert(!tensor.is_parameter || array[tensor.offset + at] == values[e]);
        }
        free(values);
    }
    free(array);
    mlpbn_network_destroy(network);
}
END_TEST

/* Training several steps with momentum and L2 leaves padding of parameters and gradients
 * alone. */
START_TEST(padding_is_zero_before_and_after_training)
{
    mlpbn_network *network = ragged_network(api_dtypes[_i]);
    mlpbn_workspace *workspace = api_workspace(network, 11, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, 0.0385, 0.873, 1);
    const mlpbn_loss_options loss = api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);
    struct data data;
    size_t n, n_gradients;
    double *array = api_parameters(network, &n);
    unsigned char *owned = owners(network, n);

    assert_padding_is_zero(array, owned, n, "a new network");
    free(array);
    data_make(&data, MLPBN_F32, 11, 13, 3, 17);
    for (int step = 0; step < 3; step++)
        OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, &loss, NULL));
    OK(mlpbn_gradient(network, workspace, &data.rows, &loss, NULL));
    double *gradients = api_gradients(network, workspace, &n_gradients);
    ck_assert_uint_eq(n_gradients, n);
    array = api_parameters(network, &n);
    assert_padding_is_zero(array, owned, n, "a trained network");
    assert_padding_is_zero(gradients, owned, n, "gradients");
    free(array);
    free(gradients);
    free(owned);
    data_free(&data);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(parameters_are_written_in_place)
{
    mlpbn_network *network = ragged_network(api_dtypes[_i]);
    const size_t index = api_find(network, 1, MLPBN_BETA);
    const mlpbn_tensor tensor = api_describe(network, index);
    unsigned char *begin;
    size_t n;

    if (api_dtypes[_i] == MLPBN_F32) {
        float *data;
        OK(mlpbn_network_parameters_f32(&data, &n, network));
        begin = (unsigned char *)data;
    } else {
        double *data;
        OK(mlpbn_network_parameters_f64(&data, &n, network));
        begin = (unsigned char *)data;
    }
    api_store(begin, api_dtypes[_i], tensor.offset + 3, 2.375);
    double *values = api_tensor(network, 1, MLPBN_BETA, NULL);
    ck_assert(values[3] == 2.375);
    free(values);
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(parameters_refuse_bad_arguments)
{
    mlpbn_network *f32 = ragged_network(MLPBN_F32);
    mlpbn_network *f64 = ragged_network(MLPBN_F64);
    float *floats = api_untouched();
    double *doubles = api_untouched();
    size_t n = 2385;

    FAILS(MLPBN_EINVAL, "data|NULL", mlpbn_network_parameters_f32(NULL, &n, f32));
    FAILS(MLPBN_EINVAL, "n|NULL", mlpbn_network_parameters_f32(&floats, NULL, f32));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_parameters_f32(&floats, &n, NULL));
    FAILS(MLPBN_EINVAL, "data|NULL", mlpbn_network_parameters_f64(NULL, &n, f64));
    FAILS(MLPBN_EINVAL, "n|NULL", mlpbn_network_parameters_f64(&doubles, NULL, f64));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_parameters_f64(&doubles, &n, NULL));
    FAILS(MLPBN_EDTYPE, "f32|f64", mlpbn_network_parameters_f32(&floats, &n, f64));
    FAILS(MLPBN_EDTYPE, "f32|f64", mlpbn_network_parameters_f64(&doubles, &n, f32));
    ck_assert(floats == api_untouched() && doubles == api_untouched() && n == 2385);
    mlpbn_network_destroy(f32);
    mlpbn_network_destroy(f64);
}
END_TEST

/* --- get and set -------------------------------------------------------------------- */

/* Sets irregular values, gets them in both types: the same, rounded to the narrowest. */
static void check_round_trip(mlpbn_network *network, size_t index)
{
    const mlpbn_tensor tensor = api_describe(network, index);
    const size_t n = tensor.rows * tensor.columns;
    double *values = api_numbers(n, 5 + index, 0.731, 0.8385);
    double *doubles = api_alloc(n, sizeof *doubles);
    float *floats = api_alloc(n, sizeof *floats);

    OK(mlpbn_network_set_f64(network, index, values, n));
    OK(mlpbn_network_get_f64(network, index, doubles, n));
    OK(mlpbn_network_get_f32(network, index, floats, n));
    for (size_t i = 0; i < n; i++) {
        const double kept =
            tensor.dtype == MLPBN_F64 ? values[i] : (double)(float)values[i];
        ck_assert(doubles[i] == kept && floats[i] == (float)values[i]);
        floats[i] = (float)values[n - 1 - i];
    }
    OK(mlpbn_network_set_f32(network, index, floats, n));
    OK(mlpbn_network_get_f64(network, index, doubles, n));
    for (size_t i = 0; i < n; i++)
        ck_assert(doubles[i] == (double)floats[i]);
    free(values);
    free(doubles);
    free(floats);
}

START_TEST(every_tensor_goes_in_and_out)
{
    mlpbn_network *network = ragged_network(api_dtypes[_i]);
    for (size_t i = 0; i < mlpbn_network_tensors(network); i++)
        check_round_trip(network, i);
    mlpbn_network_destroy(network);
}
END_TEST

/* A double beyond the range of float is infinite when it is read as one. */
START_TEST(what_no_float_holds_is_read_as_infinite)
{
    mlpbn_network *network = ragged_network(MLPBN_F64);
    float values[7];

    api_fill(network, 0, MLPBN_BETA, -2.385e57);
    OK(mlpbn_network_get_f32(network, api_find(network, 0, MLPBN_BETA), values, 7));
    for (size_t i = 0; i < LENGTH(values); i++)
        ck_assert(isinf(values[i]) && values[i] < 0);
    mlpbn_network_destroy(network);
}
END_TEST

/* Setting one tensor leaves all others alone, and padding zero. */
START_TEST(setting_one_tensor_sets_no_other)
{
    mlpbn_network *network = ragged_network(api_dtypes[_i]);

    for (size_t index = 0; index < mlpbn_network_tensors(network); index++) {
        const mlpbn_tensor tensor = api_describe(network, index);
        struct snapshot before = snapshot_take(network);
        double *values = api_tensor(network, tensor.layer, tensor.kind, NULL);
        const size_t n = tensor.rows * tensor.columns;
        api_fill(network, tensor.layer, tensor.kind, 2.385);
        struct snapshot between = snapshot_take(network);
        ck_assert(!snapshot_equal(&before, &between));
        OK(mlpbn_network_set_f64(network, index, values, n));
        snapshot_assert(&before, network, tensor.name);
        snapshot_free(&before);
        snapshot_free(&between);
        free(values);
    }
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(get_and_set_refuse_bad_arguments)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    mlpbn_network *network = world.network;
    struct snapshot before = snapshot_take(network);
    const size_t n = WORLD_HIDDEN * WORLD_INPUTS;
    const size_t index = api_find(network, 0, MLPBN_WEIGHT);
    const size_t tensors = mlpbn_network_tensors(network);
    float floats[WORLD_HIDDEN * WORLD_INPUTS] = {2.385F};
    double doubles[WORLD_HIDDEN * WORLD_INPUTS] = {2.385};

    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_get_f32(NULL, index, floats, n));
    FAILS(MLPBN_EINVAL, "values|NULL", mlpbn_network_get_f32(network, index, NULL, n));
    FAILS(MLPBN_EINVAL, "8", mlpbn_network_get_f32(network, tensors, floats, n));
    FAILS(MLPBN_ESHAPE, "19|20", mlpbn_network_get_f32(network, index, floats, n - 1));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_get_f64(NULL, index, doubles, n));
    FAILS(MLPBN_EINVAL, "values|NULL", mlpbn_network_get_f64(network, index, NULL, n));
    FAILS(MLPBN_EINVAL, "8", mlpbn_network_get_f64(network, tensors, doubles, n));
    FAILS(MLPBN_ESHAPE, "21|20", mlpbn_network_get_f64(network, index, doubles, n + 1));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_set_f32(NULL, index, floats, n));
    FAILS(MLPBN_EINVAL, "values|NULL", mlpbn_network_set_f32(network, index, NULL, n));
    FAILS(MLPBN_EINVAL, "8", mlpbn_network_set_f32(network, SIZE_MAX, floats, n));
    FAILS(MLPBN_ESHAPE, "0|20", mlpbn_network_set_f32(network, index, floats, 0));
    FAILS(MLPBN_EINVAL, "network|NULL", mlpbn_network_set_f64(NULL, index, doubles, n));
    FAILS(MLPBN_EINVAL, "values|NULL", mlpbn_network_set_f64(network, index, NULL, n));
    FAILS(MLPBN_EINVAL, "8", mlpbn_network_set_f64(network, tensors, doubles, n));
    FAILS(MLPBN_ESHAPE, "4|20", mlpbn_network_set_f64(network, index, doubles, 4));
    ck_assert_uint_eq(tensors, 8);
    ck_assert(floats[0] == 2.385F && floats[1] == 0 && doubles[0] == 2.385 &&
              doubles[1] == 0);
    snapshot_assert(&before, network, "get and set");
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

/* All or nothing: the bad value is the last one. */
static void check_bad_value(mlpbn_network *network, size_t index, double value,
                            mlpbn_status status)
{
    const mlpbn_tensor tensor = api_describe(network, index);
    const size_t n = tensor.rows * tensor.columns;
    double *doubles = api_numbers(n, 7, 0.1, 1.385);
    float *floats = api_alloc(n, sizeof *floats);

    for (size_t i = 0; i < n; i++)
        floats[i] = (float)doubles[i];
    doubles[n - 1] = value;
    FAILS(status, tensor.name, mlpbn_network_set_f64(network, index, doubles, n));
    floats[n - 1] = (float)value;
    if (fabs(value) < 1e38 || !isfinite(value))
        FAILS(status, tensor.name, mlpbn_network_set_f32(network, index, floats, n));
    free(doubles);
    free(floats);
}

START_TEST(set_refuses_values_that_cannot_be)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    struct snapshot before = snapshot_take(world.network);

    for (size_t i = 0; i < mlpbn_network_tensors(world.network); i++) {
        const mlpbn_tensor tensor = api_describe(world.network, i);
        check_bad_value(world.network, i, API_NAN, MLPBN_ENONFINITE);
        check_bad_value(world.network, i, HUGE_VAL, MLPBN_ENONFINITE);
        if (api_dtypes[_i] == MLPBN_F32)
            check_bad_value(world.network, i, 2.385e57, MLPBN_ENONFINITE);
        if (tensor.kind == MLPBN_RUNNING_VAR)
            check_bad_value(world.network, i, -0.0385, MLPBN_EINVAL);
    }
    snapshot_assert(&before, world.network, "set");
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

Suite *tensor_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("tensor", &tests);
    tcase_add_loop_test(tests, the_table_names_every_tensor_once, 0, N_DTYPES);
    tcase_add_loop_test(tests, parameters_come_first, 0, N_DTYPES);
    tcase_add_loop_test(tests, layers_and_batchnorms_describe_the_same, 0, N_DTYPES);
    tcase_add_test(tests, descriptions_that_cannot_be);
    tcase_add_loop_test(tests, tensors_lie_in_the_array_as_described, 0, N_DTYPES);
    tcase_add_loop_test(tests, padding_is_zero_before_and_after_training, 0, N_DTYPES);
    tcase_add_loop_test(tests, parameters_are_written_in_place, 0, N_DTYPES);
    tcase_add_test(tests, parameters_refuse_bad_arguments);
    tcase_add_loop_test(tests, every_tensor_goes_in_and_out, 0, N_DTYPES);
    tcase_add_test(tests, what_no_float_holds_is_read_as_infinite);
    tcase_add_loop_test(tests, setting_one_tensor_sets_no_other, 0, N_DTYPES);
    tcase_add_loop_test(tests, get_and_set_refuse_bad_arguments, 0, N_DTYPES);
    tcase_add_loop_test(tests, set_refuses_values_that_cannot_be, 0, N_DTYPES);
    return suite;
}
