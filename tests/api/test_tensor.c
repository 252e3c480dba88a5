/* The table of tensors: what it describes, get and set, the array of all parameters. */
#include "api_helpers.h"

/* Odd sizes; layer 1 has no bias, layers 0 and 1 have batchnorm. */
static mlpbn_network *odd_network(mlpbn_dtype dtype)
{
    return NETWORK(dtype, 13, {7, 5, 3}, .batchnorm_mask = 3, .no_bias_mask = 2);
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

/* Parameters come first. */
DTYPE_TEST(the_table_names_every_tensor_once)
{
    mlpbn_network *network = odd_network(dtype);
    int was_parameter = 1;
    ck_assert_uint_eq(mlpbn_network_n_tensors(network), LENGTH(expected_tensors));
    for (size_t i = 0; i < LENGTH(expected_tensors); i++) {
        const size_t index =
            api_find(network, expected_tensors[i].layer, expected_tensors[i].kind);
        ck_assert_uint_lt(index, LENGTH(expected_tensors));
        const mlpbn_tensor tensor = api_describe(network, index);
        ck_assert_uint_eq(tensor.struct_size, sizeof tensor);
        ck_assert_uint_eq(tensor.index, index);
        ck_assert_str_eq(tensor.name, expected_tensors[i].name);
        ck_assert_int_eq(tensor.is_parameter, expected_tensors[i].is_parameter);
        ck_assert_int_eq(tensor.dtype, dtype);
        ck_assert_uint_eq(tensor.rows, expected_tensors[i].rows);
        ck_assert_uint_eq(tensor.columns, expected_tensors[i].columns);
        ck_assert_uint_ge(tensor.stride, tensor.columns);
        ck_assert_ptr_nonnull(tensor.data);
        const int is_parameter = api_describe(network, i).is_parameter;
        ck_assert_msg(was_parameter || !is_parameter, "tensor %zu", i);
        was_parameter = is_parameter;
    }
}

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

DTYPE_TEST(layers_and_batchnorms_describe_the_same)
{
    mlpbn_network *network = odd_network(dtype);
    mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++) {
        const mlpbn_tensor expected = api_describe(network, i);
        const mlpbn_layer *layer = mlpbn_network_layer(network, expected.layer);
        OK(mlpbn_layer_tensor(&tensor, layer, expected.kind));
        assert_same_description(&tensor, &expected);
        if (expected.kind != MLPBN_WEIGHT && expected.kind != MLPBN_BIAS) {
            OK(mlpbn_batchnorm_tensor(&tensor, mlpbn_layer_batchnorm(layer),
                                      expected.kind));
            assert_same_description(&tensor, &expected);
        }
    }
}

TEST(descriptions_refuse_bad_arguments)
{
    const mlpbn_network *network = odd_network(MLPBN_F32);
    const mlpbn_layer *layer = mlpbn_network_layer(network, 0);
    const mlpbn_layer *no_bias = mlpbn_network_layer(network, 1);
    const mlpbn_layer *plain = mlpbn_network_layer(network, 2);
    const mlpbn_batchnorm *norm = mlpbn_layer_batchnorm(layer);
    const mlpbn_tensor_kind none = (mlpbn_tensor_kind)0, unknown = (mlpbn_tensor_kind)99;
    mlpbn_tensor tensor;
    memset(&tensor, 0x5A, sizeof tensor);
    tensor.struct_size = sizeof tensor;
    const mlpbn_tensor before = tensor;
    INVALID("tensor|NULL", mlpbn_network_tensor(NULL, network, 0));
    INVALID("network|NULL", mlpbn_network_tensor(&tensor, NULL, 0));
    INVALID("13", mlpbn_network_tensor(&tensor, network, 13));
    INVALID("13", mlpbn_network_tensor(&tensor, network, SIZE_MAX));
    INVALID("tensor|NULL", mlpbn_layer_tensor(NULL, layer, MLPBN_BIAS));
    INVALID("layer|NULL", mlpbn_layer_tensor(&tensor, NULL, MLPBN_BIAS));
    INVALID("layer|1|MLPBN_BIAS", mlpbn_layer_tensor(&tensor, no_bias, MLPBN_BIAS));
    INVALID("layer|2|MLPBN_GAMMA", mlpbn_layer_tensor(&tensor, plain, MLPBN_GAMMA));
    INVALID("kind|0", mlpbn_layer_tensor(&tensor, layer, none));
    INVALID("kind|99", mlpbn_layer_tensor(&tensor, layer, unknown));
    INVALID("tensor|NULL", mlpbn_batchnorm_tensor(NULL, norm, MLPBN_BETA));
    INVALID("batchnorm|NULL", mlpbn_batchnorm_tensor(&tensor, NULL, MLPBN_BETA));
    INVALID("batchnorm|MLPBN_WEIGHT",
            mlpbn_batchnorm_tensor(&tensor, norm, MLPBN_WEIGHT));
    INVALID("batchnorm|MLPBN_BIAS", mlpbn_batchnorm_tensor(&tensor, norm, MLPBN_BIAS));
    INVALID("kind|99", mlpbn_batchnorm_tensor(&tensor, norm, unknown));
    api_assert_same(&tensor, &before, sizeof tensor, "*tensor");
}

/* --- The array of all parameters ---------------------------------------------------- */

/* Where they may be written, too. */
DTYPE_TEST(tensors_lie_in_the_array_as_described)
{
    mlpbn_network *network = odd_network(dtype);
    const unsigned char *begin = api_parameters_in_place(network);
    const double *array = api_parameters(network);
    ck_assert_uint_eq((uintptr_t)begin % 64, 0);
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        const double *values = api_tensor(network, tensor.layer, tensor.kind);
        if (tensor.is_parameter)
            ck_assert(tensor.data == begin + tensor.offset * api_dtype_size(dtype));
        for (size_t e = 0; e < api_length(values); e++) {
            const size_t at = e / tensor.columns * tensor.stride + e % tensor.columns;
            ck_assert(api_load(tensor.data, dtype, at) == values[e]);
            ck_assert(!tensor.is_parameter || array[tensor.offset + at] == values[e]);
        }
    }
    const mlpbn_tensor beta = api_describe(network, api_find(network, 1, MLPBN_BETA));
    api_store(api_parameters_in_place(network), dtype, beta.offset + 3, 2.375);
    ck_assert(api_tensor(network, 1, MLPBN_BETA)[3] == 2.375);
}

/* What belongs to no tensor is 0; nothing belongs to two. */
static void assert_padding_is_zero(const mlpbn_network *network, const double *array,
                                   const char *what)
{
    const size_t n = api_length(array);
    unsigned char *owned = api_alloc(n, 1);
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++) {
        const mlpbn_tensor t = api_describe(network, i);
        for (size_t e = 0; t.is_parameter && e < t.rows * t.columns; e++) {
            const size_t at = t.offset + e / t.columns * t.stride + e % t.columns;
            ck_assert_msg(at < n && !owned[at], "element %zu of %s", e, t.name);
            owned[at] = 1;
        }
    }
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(owned[i] || array[i] == 0, "%s: element %zu of the padding is %g",
                      what, i, array[i]);
}

/* Training several steps with momentum and L2 leaves padding of parameters and gradients
 * alone. */
DTYPE_TEST(padding_is_zero_before_and_after_training)
{
    struct setup s = SETUP(MLPBN_F32, 11, dtype, 13, {7, 5, 3}, .batchnorm_mask = 3,
                           .no_bias_mask = 2);
    assert_padding_is_zero(s.network, api_parameters(s.network), "a new network");
    s.optimizer = api_optimizer(s.network, 0.0385, 0.873, 1);
    for (int step = 0; step < 3; step++)
        setup_step(&s, &api_penalized);
    const double *gradients = setup_gradient(&s, &api_penalized);
    const double *parameters = api_parameters(s.network);
    ck_assert_uint_eq(api_length(gradients), api_length(parameters));
    assert_padding_is_zero(s.network, parameters, "a trained network");
    assert_padding_is_zero(s.network, gradients, "gradients");
}

/* --- get and set -------------------------------------------------------------------- */

/* Sets irregular values in both types, gets them in both: the same, rounded to the
 * narrowest. */
DTYPE_TEST(every_tensor_goes_in_and_out)
{
    mlpbn_network *network = odd_network(dtype);
    for (size_t index = 0; index < mlpbn_network_n_tensors(network); index++) {
        const mlpbn_tensor tensor = api_describe(network, index);
        const size_t n = tensor.rows * tensor.columns;
        const double *values = api_random(n, 5 + index, 0.731, 0.8385);
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
    }
}

/* A double beyond the range of float is infinite when it is read as one. */
TEST(what_no_float_holds_is_read_as_infinite)
{
    mlpbn_network *network = odd_network(MLPBN_F64);
    float values[7];
    api_fill(network, 0, MLPBN_BETA, -2.385e57);
    OK(mlpbn_network_get_f32(network, api_find(network, 0, MLPBN_BETA), values, 7));
    for (size_t i = 0; i < LENGTH(values); i++)
        ck_assert(isinf(values[i]) && values[i] < 0);
}

/* Setting one tensor leaves all others alone, and padding zero. */
DTYPE_TEST(setting_one_tensor_sets_no_other)
{
    mlpbn_network *network = odd_network(dtype);
    const struct snapshot before = snapshot_take(network);
    for (size_t index = 0; index < mlpbn_network_n_tensors(network); index++) {
        const mlpbn_tensor tensor = api_describe(network, index);
        const double *values = api_tensor(network, tensor.layer, tensor.kind);
        api_fill(network, tensor.layer, tensor.kind, 2.385);
        const struct snapshot between = snapshot_take(network);
        ck_assert(!snapshot_equal(&before, &between));
        api_set(network, tensor.layer, tensor.kind, values);
        snapshot_assert(&before, network, tensor.name);
    }
}

/* All or nothing: the bad value is the last one. */
static void check_bad_value(mlpbn_network *network, size_t index, double value,
                            mlpbn_status status)
{
    const mlpbn_tensor tensor = api_describe(network, index);
    const size_t n = tensor.rows * tensor.columns;
    for (size_t d = 0; d < N_DTYPES; d++) {
        void *values = api_alloc(n, sizeof(double));
        for (size_t i = 0; i < n; i++)
            api_store(values, api_dtypes[d], i, 1.385 + 0.1 * api_uniform(7, i));
        api_store(values, api_dtypes[d], n - 1, value);
        if (api_dtypes[d] == MLPBN_F64 || fabs(value) < 1e38 || !isfinite(value))
            FAILS(status, tensor.name,
                  PAIR(api_dtypes[d], mlpbn_network_set, network, index, values, n));
    }
}

/* NULL is in test_arguments.c. */
DTYPE_TEST(get_and_set_refuse_bad_arguments_and_values)
{
    mlpbn_network *network = setup_default(dtype).network;
    const struct snapshot before = snapshot_take(network);
    const size_t n = SETUP_HIDDEN * SETUP_INPUTS;
    double values[SETUP_HIDDEN * SETUP_INPUTS] = {2.375};
    void *array = values;
    ck_assert_uint_eq(mlpbn_network_n_tensors(network), 8);
    for (size_t d = 0; d < N_DTYPES; d++) {
        const mlpbn_dtype type = api_dtypes[d];
        INVALID("8", PAIR(type, mlpbn_network_get, network, 8, array, n));
        INVALID("8", PAIR(type, mlpbn_network_set, network, 8, array, n));
        INVALID("8", PAIR(type, mlpbn_network_set, network, SIZE_MAX, array, n));
        BAD_SHAPE("19|20", PAIR(type, mlpbn_network_get, network, 0, array, n - 1));
        BAD_SHAPE("21|20", PAIR(type, mlpbn_network_get, network, 0, array, n + 1));
        BAD_SHAPE("0|20", PAIR(type, mlpbn_network_set, network, 0, array, 0));
        BAD_SHAPE("4|20", PAIR(type, mlpbn_network_set, network, 0, array, 4));
    }
    ck_assert(values[0] == 2.375 && api_max_abs(values + 1, n - 1) == 0);
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++) {
        check_bad_value(network, i, API_NAN, MLPBN_ENONFINITE);
        check_bad_value(network, i, HUGE_VAL, MLPBN_ENONFINITE);
        if (dtype == MLPBN_F32)
            check_bad_value(network, i, 2.385e57, MLPBN_ENONFINITE);
        if (api_describe(network, i).kind == MLPBN_RUNNING_VAR)
            check_bad_value(network, i, -0.0385, MLPBN_EINVAL);
    }
    snapshot_assert(&before, network, "get and set");
}
