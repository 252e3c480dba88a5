/* Networks: creation, what they refuse, initial weights. */
#include "api_helpers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Creation ----------------------------------------------------------------------- */

/* Everything that mlpbn_network_create reads: 5 inputs, 4 and 3 units, batchnorm in
 * both. */
struct plan {
    mlpbn_network_options options;
    mlpbn_batchnorm_options batchnorm[2];
    mlpbn_layer_options layers[2];
};

static void plan_make(struct plan *plan)
{
    OK(mlpbn_network_options_init(&plan->options, sizeof plan->options));
    plan->options.inputs = 5;
    for (size_t l = 0; l < LENGTH(plan->layers); l++) {
        plan->batchnorm[l] = api_batchnorm_options();
        OK(mlpbn_layer_options_init(&plan->layers[l], sizeof plan->layers[l]));
        plan->layers[l].units = 4 - l;
        plan->layers[l].batchnorm = &plan->batchnorm[l];
    }
}

static void plan_fails(const struct plan *plan, mlpbn_status status, const char *words)
{
    mlpbn_network *network = api_untouched();
    FAILS(status, words,
          mlpbn_network_create(&network, &plan->options, plan->layers,
                               LENGTH(plan->layers)));
    ck_assert_ptr_eq(network, api_untouched());
}

START_TEST(create_makes_what_was_asked)
{
    struct plan plan;
    mlpbn_network *network;

    plan_make(&plan);
    plan.options.dtype = api_dtypes[_i];
    plan.layers[1].activation = MLPBN_IDENTITY;
    plan.layers[1].batchnorm = NULL;
    plan.batchnorm[0].eps = 2.385e-7;
    plan.batchnorm[0].decay = 0.731;
    OK(mlpbn_network_create(&network, &plan.options, plan.layers, 2));
    memset(&plan, 0xFF, sizeof plan); /* nothing is kept of it */

    const mlpbn_layer *first = mlpbn_network_layer(network, 0);
    const mlpbn_layer *last = mlpbn_network_layer(network, 1);
    ck_assert_uint_eq(mlpbn_network_inputs(network), 5);
    ck_assert_uint_eq(mlpbn_network_outputs(network), 3);
    ck_assert_uint_eq(mlpbn_network_layers(network), 2);
    ck_assert_int_eq(mlpbn_network_dtype(network), api_dtypes[_i]);
    ck_assert_uint_eq(mlpbn_layer_inputs(first), 5);
    ck_assert_uint_eq(mlpbn_layer_units(first), 4);
    ck_assert_int_eq(mlpbn_layer_activation(first), MLPBN_RELU);
    ck_assert_uint_eq(mlpbn_layer_inputs(last), 4);
    ck_assert_uint_eq(mlpbn_layer_units(last), 3);
    ck_assert_int_eq(mlpbn_layer_activation(last), MLPBN_IDENTITY);
    ck_assert_ptr_null(mlpbn_layer_batchnorm(last));
    ck_assert_ptr_nonnull(mlpbn_layer_batchnorm(first));
    ck_assert(mlpbn_batchnorm_eps(mlpbn_layer_batchnorm(first)) == 2.385e-7);
    ck_assert(mlpbn_batchnorm_decay(mlpbn_layer_batchnorm(first)) == 0.731);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(mlpbn_layer_batchnorm(first)), 0);
    ck_assert_ptr_null(mlpbn_network_layer(network, 2));
    ck_assert_ptr_null(mlpbn_network_layer(network, SIZE_MAX));
    mlpbn_network_destroy(network);
}
END_TEST

static const struct bad_field bad_networks[] = {
    {SIZE_FIELD(mlpbn_network_options, inputs, 0), MLPBN_EINVAL, "inputs"},
    {SIZE_FIELD(mlpbn_network_options, inputs, SIZE_MAX / 2), MLPBN_ESIZE, ""},
    {SIZE_FIELD(mlpbn_network_options, inputs, SIZE_MAX), MLPBN_ESIZE, ""},
    {SIZE_FIELD(mlpbn_network_options, inputs, SIZE_MAX / 4 + 1), MLPBN_ESIZE, ""},
    {INT_FIELD(mlpbn_network_options, dtype, 0), MLPBN_EINVAL, "dtype"},
    {INT_FIELD(mlpbn_network_options, dtype, MLPBN_U8), MLPBN_EINVAL, "dtype"},
    {INT_FIELD(mlpbn_network_options, dtype, 99), MLPBN_EINVAL, "dtype"},
};

START_TEST(create_refuses_network_options)
{
    const struct bad_field *bad = &bad_networks[_i];
    struct plan plan;

    api_case(bad->words, api_poked_value(&bad->poke));
    plan_make(&plan);
    api_poke(&plan.options, &bad->poke);
    plan_fails(&plan, bad->status, bad->words);
    ck_assert(bad->status == MLPBN_ESIZE ||
              api_mentions(mlpbn_last_error(), api_poked_value(&bad->poke)));
}
END_TEST

static const struct bad_field bad_layers[] = {
    {SIZE_FIELD(mlpbn_layer_options, units, 0), MLPBN_EINVAL, "units"},
    {SIZE_FIELD(mlpbn_layer_options, units, SIZE_MAX / 8), MLPBN_ESIZE, ""},
    {SIZE_FIELD(mlpbn_layer_options, units, SIZE_MAX), MLPBN_ESIZE, ""},
    {INT_FIELD(mlpbn_layer_options, activation, 0), MLPBN_EINVAL, "activation"},
    {INT_FIELD(mlpbn_layer_options, activation, 99), MLPBN_EINVAL, "activation"},
    {INT_FIELD(mlpbn_layer_options, activation, MLPBN_SOFTMAX + 1), MLPBN_EINVAL,
     "activation"},
    {REAL_FIELD(mlpbn_layer_options, alpha, -0.385), MLPBN_EINVAL, "alpha|-0.385"},
    {REAL_FIELD(mlpbn_layer_options, alpha, API_NAN), MLPBN_EINVAL, "alpha|nan"},
    {REAL_FIELD(mlpbn_layer_options, alpha, 2.385e57), MLPBN_EINVAL, "alpha|2.385e+57"},
    {REAL_FIELD(mlpbn_layer_options, dropout, -0.0385), MLPBN_EINVAL, "dropout|-0.0385"},
    {REAL_FIELD(mlpbn_layer_options, dropout, 1), MLPBN_EINVAL, "dropout|1"},
    {REAL_FIELD(mlpbn_layer_options, dropout, API_NAN), MLPBN_EINVAL, "dropout|nan"},
    {INT_FIELD(mlpbn_layer_options, bias, 2), MLPBN_EINVAL, "bias"},
    {INT_FIELD(mlpbn_layer_options, bias, -1), MLPBN_EINVAL, "bias"},
    {INT_FIELD(mlpbn_layer_options, init, 0), MLPBN_EINVAL, "init"},
    {INT_FIELD(mlpbn_layer_options, init, 99), MLPBN_EINVAL, "init"},
    {REAL_FIELD(mlpbn_layer_options, init_sigma, -0.0385), MLPBN_EINVAL, "sigma|-0.0385"},
    {REAL_FIELD(mlpbn_layer_options, init_sigma, API_NAN), MLPBN_EINVAL, "sigma|nan"},
    {REAL_FIELD(mlpbn_layer_options, init_sigma, HUGE_VAL), MLPBN_EINVAL, "sigma|inf"},
};

/* In either layer; the text tells which. */
START_TEST(create_refuses_layer_options)
{
    const struct bad_field *bad = &bad_layers[_i];

    for (size_t l = 0; l < 2; l++) {
        struct plan plan;
        api_case(bad->words, api_poked_value(&bad->poke));
        plan_make(&plan);
        plan.layers[l].init = MLPBN_INIT_NORMAL;
        plan.layers[l].activation = MLPBN_ELU;
        api_poke(&plan.layers[l], &bad->poke);
        plan_fails(&plan, bad->status, bad->words);
        if (bad->status == MLPBN_EINVAL) {
            ck_assert(api_mentions(mlpbn_last_error(), l ? "layer|1" : "layer|0"));
            ck_assert(api_mentions(mlpbn_last_error(), api_poked_value(&bad->poke)));
        }
    }
}
END_TEST

START_TEST(softmax_is_for_the_last_layer)
{
    struct plan plan;
    mlpbn_network *network;
    plan_make(&plan);
    plan.layers[0].activation = MLPBN_SOFTMAX;
    plan_fails(&plan, MLPBN_EINVAL, "layer 0|MLPBN_SOFTMAX|last");
    plan.layers[0].activation = MLPBN_ELU;
    plan.layers[0].alpha = 0;
    plan.layers[1].activation = MLPBN_SOFTMAX;
    plan.batchnorm[1].after_activation = 1;
    plan_fails(&plan, MLPBN_EINVAL, "layer 1|after_activation|MLPBN_SOFTMAX");
    plan.batchnorm[1].after_activation = 0;
    plan.layers[1].activation = MLPBN_SOFTMAX;
    OK(mlpbn_network_create(&network, &plan.options, plan.layers, 2));
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 0)) == 0);
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 1)) == 0);
    mlpbn_network_destroy(network);
    plan.layers[0].alpha = MLPBN_DEFAULT_ALPHA;
    OK(mlpbn_network_create(&network, &plan.options, plan.layers, 2));
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 0)) == 1);
    mlpbn_network_destroy(network);
}
END_TEST

static const struct bad_field bad_batchnorms[] = {
    {REAL_FIELD(mlpbn_batchnorm_options, eps, 0), MLPBN_EINVAL, "eps|0"},
    {REAL_FIELD(mlpbn_batchnorm_options, eps, -0.0385), MLPBN_EINVAL, "eps|-0.0385"},
    {REAL_FIELD(mlpbn_batchnorm_options, eps, 2.385e-78), MLPBN_EINVAL, "eps|2.385e-78"},
    {REAL_FIELD(mlpbn_batchnorm_options, eps, API_NAN), MLPBN_EINVAL, "eps|nan"},
    {REAL_FIELD(mlpbn_batchnorm_options, eps, HUGE_VAL), MLPBN_EINVAL, "eps|inf"},
    {REAL_FIELD(mlpbn_batchnorm_options, decay, -0.0385), MLPBN_EINVAL, "decay|-0.0385"},
    {REAL_FIELD(mlpbn_batchnorm_options, decay, 1.0625), MLPBN_EINVAL, "decay|1.0625"},
    {REAL_FIELD(mlpbn_batchnorm_options, decay, API_NAN), MLPBN_EINVAL, "decay|nan"},
    {INT_FIELD(mlpbn_batchnorm_options, unbiased_running_variance, 2), MLPBN_EINVAL,
     "unbiased_running_variance"},
    {INT_FIELD(mlpbn_batchnorm_options, start_from_first_batch, -1), MLPBN_EINVAL,
     "start_from_first_batch"},
    {INT_FIELD(mlpbn_batchnorm_options, affine, 2), MLPBN_EINVAL, "affine"},
    {INT_FIELD(mlpbn_batchnorm_options, after_activation, -1), MLPBN_EINVAL,
     "after_activation"},
    {INT_FIELD(mlpbn_batchnorm_options, cumulative, 2), MLPBN_EINVAL, "cumulative"},
};

START_TEST(create_refuses_batchnorm_options)
{
    const struct bad_field *bad = &bad_batchnorms[_i];

    for (size_t l = 0; l < 2; l++) {
        struct plan plan;
        api_case(bad->words, api_poked_value(&bad->poke));
        plan_make(&plan);
        api_poke(&plan.batchnorm[l], &bad->poke);
        plan_fails(&plan, bad->status, bad->words);
        ck_assert(api_mentions(mlpbn_last_error(), l ? "layer|1" : "layer|0"));
        ck_assert(api_mentions(mlpbn_last_error(), api_poked_value(&bad->poke)));
    }
}
END_TEST

/* The ends of the closed ranges are inside. */
START_TEST(create_takes_the_ends_of_ranges)
{
    struct plan plan;
    mlpbn_network *network;

    plan_make(&plan);
    plan.batchnorm[0].decay = 0;
    plan.batchnorm[1].decay = 1;
    plan.batchnorm[1].eps = 1e-76;
    plan.layers[0].init = MLPBN_INIT_NORMAL;
    plan.layers[0].init_sigma = 0;
    plan.options.inputs = 1;
    plan.layers[1].units = 1;
    OK(mlpbn_network_create(&network, &plan.options, plan.layers, 2));
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(create_refuses_what_is_not_there)
{
    struct plan plan;
    mlpbn_network *network = api_untouched();

    plan_make(&plan);
    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_network_create(NULL, &plan.options, plan.layers, 2));
    FAILS(MLPBN_EINVAL, "options|NULL",
          mlpbn_network_create(&network, NULL, plan.layers, 2));
    FAILS(MLPBN_EINVAL, "layers|NULL",
          mlpbn_network_create(&network, &plan.options, NULL, 2));
    FAILS(MLPBN_EINVAL, "n_layers|0",
          mlpbn_network_create(&network, &plan.options, plan.layers, 0));
    /* More layers than there can be are found out before one of them is read. */
    FAILS(MLPBN_ESIZE, "n_layers",
          mlpbn_network_create(&network, &plan.options, plan.layers, SIZE_MAX / 2));
    ck_assert_ptr_eq(network, api_untouched());
}
END_TEST

/* 2^47 bytes and more are never there, however little of the rest is taken. */
START_TEST(create_reports_that_memory_is_short)
{
#if SIZE_MAX > UINT32_MAX
    struct plan plan;
    plan_make(&plan);
    plan.options.inputs = ((size_t)1 << 43) + 3;
    plan_fails(&plan, MLPBN_ENOMEM, "");
#endif
}
END_TEST

START_TEST(destroy_takes_null)
{
    mlpbn_network_destroy(NULL);
    mlpbn_workspace_destroy(NULL);
    mlpbn_optimizer_destroy(NULL);
    mlpbn_sampler_destroy(NULL);
}
END_TEST

/* --- Initial weights ---------------------------------------------------------------- */

enum { WIDE_INPUTS = 211, WIDE_UNITS = 151, WIDE_LAYERS = 2 };

/* 211 inputs, 151 units, 151 units, all weights by the same rule; biases, batchnorm. */
static mlpbn_network *wide_network(mlpbn_dtype dtype, mlpbn_init init, double sigma,
                                   uint64_t seed)
{
    const mlpbn_batchnorm_options batchnorm = api_batchnorm_options();
    mlpbn_network_options options;
    mlpbn_layer_options layers[WIDE_LAYERS];
    mlpbn_network *network;

    OK(mlpbn_network_options_init(&options, sizeof options));
    options.inputs = WIDE_INPUTS;
    options.dtype = dtype;
    options.seed = seed;
    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        OK(mlpbn_layer_options_init(&layers[l], sizeof layers[l]));
        layers[l].units = WIDE_UNITS;
        layers[l].init = init;
        layers[l].init_sigma = sigma;
        layers[l].batchnorm = &batchnorm;
    }
    OK(mlpbn_network_create(&network, &options, layers, WIDE_LAYERS));
    return network;
}

/* Mean, variance and kurtosis of a sample lie within five of their standard errors, those
 * of a normal distribution or smaller (one sample in half a million does not). */
static void assert_drawn(const double *values, size_t n, double variance, double kurtosis,
                         const char *what)
{
    double sum = 0, squares = 0, fourths = 0;
    for (size_t i = 0; i < n; i++) {
        const double square = values[i] * values[i] / variance;
        sum += values[i] / sqrt(variance);
        squares += square;
        fourths += square * square;
    }
    const double count = (double)n;
    api_assert_near(sum / count, 0, 5 * sqrt(1 / count), what);
    api_assert_near(squares / count, 1, 5 * sqrt(2 / count), what);
    api_assert_near(fourths / count, kurtosis, 5 * sqrt(96 / count), what);
}

static const struct {
    const char *name;
    mlpbn_init init;
    double sigma;
    double variance[WIDE_LAYERS];
    double kurtosis; /* 3: normal; 1.8: uniform */
} rules[] = {
    {"He", MLPBN_INIT_HE, 0, {2. / WIDE_INPUTS, 2. / WIDE_UNITS}, 3},
    {"Xavier",
     MLPBN_INIT_XAVIER,
     0,
     {2. / (WIDE_INPUTS + WIDE_UNITS), 2. / (WIDE_UNITS + WIDE_UNITS)},
     3},
    {"normal", MLPBN_INIT_NORMAL, 0.0385, {0.0385 * 0.0385, 0.0385 * 0.0385}, 3},
    {"LeCun", MLPBN_INIT_LECUN, 0, {1. / WIDE_INPUTS, 1. / WIDE_UNITS}, 3},
    {"He, uniform", MLPBN_INIT_HE_UNIFORM, 0, {2. / WIDE_INPUTS, 2. / WIDE_UNITS}, 1.8},
    {"Xavier, uniform",
     MLPBN_INIT_XAVIER_UNIFORM,
     0,
     {2. / (WIDE_INPUTS + WIDE_UNITS), 2. / (WIDE_UNITS + WIDE_UNITS)},
     1.8},
    {"LeCun, uniform",
     MLPBN_INIT_LECUN_UNIFORM,
     0,
     {1. / WIDE_INPUTS, 1. / WIDE_UNITS},
     1.8},
    {"uniform",
     MLPBN_INIT_UNIFORM,
     0.0385,
     {0.0385 * 0.0385 / 3, 0.0385 * 0.0385 / 3},
     1.8},
};

START_TEST(weights_have_the_variance_of_their_rule)
{
    mlpbn_network *network =
        wide_network(MLPBN_F64, rules[_i].init, rules[_i].sigma, 2385);

    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        size_t n;
        double *weight = api_tensor(network, l, MLPBN_WEIGHT, &n);
        ck_assert_uint_eq(n, (l ? WIDE_UNITS : WIDE_INPUTS) * WIDE_UNITS);
        assert_drawn(weight, n, rules[_i].variance[l], rules[_i].kurtosis,
                     rules[_i].name);
        free(weight);
    }
    mlpbn_network_destroy(network);
}
END_TEST

static double product(const double *a, size_t step_a, const double *b, size_t step_b,
                      size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i * step_a] * b[i * step_b];
    return sum;
}

/* Rows of layers that have fewer units than inputs, columns of the others. */
START_TEST(orthogonal_weights_are_orthogonal)
{
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = 23, .units = {17, 31, 31}};
    static const size_t sizes[][2] = {{17, 23}, {31, 17}, {31, 31}};
    mlpbn_network *network = api_network(&recipe);
    OK(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, MLPBN_INIT_ORTHOGONAL, 2.385,
                                7));
    for (size_t l = 0; l < 3; l++) {
        const size_t rows = sizes[l][0], columns = sizes[l][1];
        const size_t n = rows < columns ? rows : columns, length = rows + columns - n;
        const size_t to_next = rows <= columns ? columns : 1;
        const size_t step = rows <= columns ? 1 : columns;
        double *weight = api_tensor(network, l, MLPBN_WEIGHT, NULL);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                api_assert_near(product(weight + i * to_next, step, weight + j * to_next,
                                        step, length),
                                i == j ? 2.385 * 2.385 : 0,
                                16 * 2.385 * 2.385 * api_epsilon(api_dtypes[_i]),
                                "product of two rows");
        free(weight);
    }
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(constant_weights_are_constant)
{
    const struct recipe recipe = {.dtype = api_dtypes[_i], .inputs = 3, .units = {2}};
    mlpbn_network *network = api_network(&recipe);
    OK(mlpbn_network_initialize(network, 0, MLPBN_INIT_CONSTANT, 0.375, 7));
    double *weight = api_tensor(network, 0, MLPBN_WEIGHT, NULL);
    for (size_t i = 0; i < 6; i++)
        ck_assert(weight[i] == 0.375);
    free(weight);
    mlpbn_network_destroy(network);
}
END_TEST

/* Two layers of one shape must not begin alike. */
START_TEST(layers_are_drawn_apart)
{
    mlpbn_network *network = wide_network(MLPBN_F64, MLPBN_INIT_NORMAL, 0.271, 0);
    size_t n, n_second;
    double *first = api_tensor(network, 0, MLPBN_WEIGHT, &n);
    double *second = api_tensor(network, 1, MLPBN_WEIGHT, &n_second);
    double product = 0;

    for (size_t i = 0; i < n_second; i++)
        product += first[i] * second[i] / (0.271 * 0.271);
    ck_assert(n_second < n);
    api_assert_near(product / sqrt((double)n_second), 0, 5, "correlation of two layers");
    free(first);
    free(second);
    mlpbn_network_destroy(network);
}
END_TEST

static void assert_all(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind,
                       double expected, const char *what)
{
    size_t n;
    double *values = api_tensor(network, layer, kind, &n);
    for (size_t i = 0; i < n; i++)
        values[i] -= expected;
    ck_assert_msg(n > 0 && api_largest(values, n) == 0, "%s is not %g", what, expected);
    free(values);
}

/* All of a layer but its weights. */
static void assert_newborn(const mlpbn_network *network, size_t layer)
{
    const mlpbn_layer *l = mlpbn_network_layer(network, layer);
    assert_all(network, layer, MLPBN_BIAS, 0, "bias");
    assert_all(network, layer, MLPBN_GAMMA, 1, "gamma");
    assert_all(network, layer, MLPBN_BETA, 0, "beta");
    assert_all(network, layer, MLPBN_RUNNING_MEAN, 0, "running mean");
    assert_all(network, layer, MLPBN_RUNNING_VAR, 1, "running variance");
    ck_assert_uint_eq(mlpbn_batchnorm_batches(mlpbn_layer_batchnorm(l)), 0);
}

START_TEST(the_rest_is_born_as_documented)
{
    mlpbn_network *network = wide_network(api_dtypes[_i], MLPBN_INIT_ZEROS, 0, 17);

    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        assert_newborn(network, l);
        assert_all(network, l, MLPBN_WEIGHT, 0, "weight");
    }
    mlpbn_network_destroy(network);
}
END_TEST

START_TEST(a_seed_decides_the_weights)
{
    const mlpbn_dtype dtype = api_dtypes[_i];
    mlpbn_network *network = wide_network(dtype, MLPBN_INIT_HE, 0, 2385);
    mlpbn_network *same = wide_network(dtype, MLPBN_INIT_HE, 0, 2385);
    mlpbn_network *other = wide_network(dtype, MLPBN_INIT_HE, 0, 2386);
    struct snapshot snapshot = snapshot_take(network);
    struct snapshot differs = snapshot_take(other);

    snapshot_assert(&snapshot, same, "same seed");
    ck_assert(!snapshot_equal(&snapshot, &differs));
    snapshot_free(&snapshot);
    snapshot_free(&differs);
    mlpbn_network_destroy(network);
    mlpbn_network_destroy(same);
    mlpbn_network_destroy(other);
}
END_TEST

START_TEST(weights_in_f32_are_those_in_f64_rounded)
{
    mlpbn_network *f32 = wide_network(MLPBN_F32, rules[_i].init, rules[_i].sigma, 2385);
    mlpbn_network *f64 = wide_network(MLPBN_F64, rules[_i].init, rules[_i].sigma, 2385);

    api_assert_rounded(f32, f64);
    mlpbn_network_destroy(f32);
    mlpbn_network_destroy(f64);
}
END_TEST

/* --- mlpbn_network_initialize ------------------------------------------------------- */

START_TEST(initialize_draws_as_create_does)
{
    const mlpbn_dtype dtype = api_dtypes[_i];

    for (size_t rule = 0; rule < LENGTH(rules); rule++) {
        mlpbn_network *network =
            wide_network(dtype, rules[rule].init, rules[rule].sigma, 2385);
        mlpbn_network *again = wide_network(dtype, MLPBN_INIT_ZEROS, 0, 1);
        api_fill(again, 1, MLPBN_RUNNING_VAR, 2.385);
        OK(mlpbn_network_initialize(again, MLPBN_ALL_LAYERS, rules[rule].init,
                                    rules[rule].sigma, 2385));
        api_assert_twins(network, again, rules[rule].name);
        mlpbn_network_destroy(network);
        mlpbn_network_destroy(again);
    }
}
END_TEST

/* Layer by layer, backwards, gives what all at once gives. */
START_TEST(a_layer_alone_gets_the_same_weights)
{
    const mlpbn_dtype dtype = api_dtypes[_i];
    mlpbn_network *all = wide_network(dtype, MLPBN_INIT_XAVIER, 0, 2385);
    mlpbn_network *single = wide_network(dtype, MLPBN_INIT_ZEROS, 0, 1);

    for (size_t l = WIDE_LAYERS; l-- > 0;)
        OK(mlpbn_network_initialize(single, l, MLPBN_INIT_XAVIER, API_NAN, 2385));
    api_assert_twins(all, single, "layer by layer");
    mlpbn_network_destroy(all);
    mlpbn_network_destroy(single);
}
END_TEST

/* A trained layer is as new, its neighbour as it was. */
START_TEST(initialize_makes_one_layer_as_new)
{
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = 5, .units = {7, 6, 3}, .batchnorm = 7};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, 9, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, 0.0385, 0, 0);
    struct data data;
    size_t n;

    data_make(&data, MLPBN_F32, 9, 5, 3, 13);
    OK(mlpbn_train_step(network, optimizer, workspace, &data.rows, NULL, NULL));
    double *before = api_tensor(network, 0, MLPBN_RUNNING_MEAN, &n);
    OK(mlpbn_network_initialize(network, 1, MLPBN_INIT_HE, 0, 4));
    double *after = api_tensor(network, 0, MLPBN_RUNNING_MEAN, &n);

    assert_newborn(network, 1);
    api_assert_same(after, before, n * sizeof *after, "the layer before");
    const mlpbn_layer *first = mlpbn_network_layer(network, 0);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(mlpbn_layer_batchnorm(first)), 1);
    free(before);
    free(after);
    data_free(&data);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

static const struct {
    size_t layer;
    int init;
    double sigma;
    const char *words;
} bad_initializations[] = {
    {2, MLPBN_INIT_HE, 0, "layer|2"},
    {SIZE_MAX - 1, MLPBN_INIT_HE, 0, "layer"},
    {0, 0, 0, "init|0"},
    {MLPBN_ALL_LAYERS, 99, 0, "init|99"},
    {1, MLPBN_INIT_NORMAL, -0.0385, "sigma|-0.0385"},
    {1, MLPBN_INIT_NORMAL, API_NAN, "sigma|nan"},
    {MLPBN_ALL_LAYERS, MLPBN_INIT_NORMAL, HUGE_VAL, "sigma|inf"},
};

START_TEST(initialize_refuses_bad_arguments)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    struct snapshot before = snapshot_take(world.network);

    FAILS(MLPBN_EINVAL, "network|NULL",
          mlpbn_network_initialize(NULL, 0, MLPBN_INIT_HE, 0, 0));
    for (size_t i = 0; i < LENGTH(bad_initializations); i++)
        FAILS(MLPBN_EINVAL, bad_initializations[i].words,
              mlpbn_network_initialize(world.network, bad_initializations[i].layer,
                                       (mlpbn_init)bad_initializations[i].init,
                                       bad_initializations[i].sigma, 5));
    snapshot_assert(&before, world.network, "initialize");
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

static void assert_finite(mlpbn_network *network)
{
    size_t n;
    double *parameters = api_parameters(network, &n);
    ck_assert_msg(isfinite(api_largest(parameters, n)), "infinite weights");
    free(parameters);
}

/* A sigma so large that a weight does not fit: there is no such network, and no
 * change. */
START_TEST(drawn_weights_are_finite_or_refused)
{
    struct plan plan;
    struct world world;
    mlpbn_network *network;

    world_make(&world, MLPBN_F32);
    struct snapshot before = snapshot_take(world.network);
    if (mlpbn_network_initialize(world.network, MLPBN_ALL_LAYERS, MLPBN_INIT_NORMAL,
                                 1e300, 5))
        snapshot_assert(&before, world.network, "initialize");
    assert_finite(world.network);

    plan_make(&plan);
    plan.layers[1].init = MLPBN_INIT_NORMAL;
    plan.layers[1].init_sigma = 2.385e38;
    if (!mlpbn_network_create(&network, &plan.options, plan.layers, 2)) {
        assert_finite(network);
        mlpbn_network_destroy(network);
    }
    snapshot_free(&before);
    world_free(&world);
}
END_TEST

Suite *network_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("network", &tests);
    tcase_add_loop_test(tests, create_makes_what_was_asked, 0, N_DTYPES);
    tcase_add_loop_test(tests, create_refuses_network_options, 0, LENGTH(bad_networks));
    tcase_add_loop_test(tests, create_refuses_layer_options, 0, LENGTH(bad_layers));
    tcase_add_test(tests, softmax_is_for_the_last_layer);
    tcase_add_loop_test(tests, create_refuses_batchnorm_options, 0,
                        LENGTH(bad_batchnorms));
    tcase_add_test(tests, create_takes_the_ends_of_ranges);
    tcase_add_test(tests, create_refuses_what_is_not_there);
    tcase_add_test(tests, create_reports_that_memory_is_short);
    tcase_add_test(tests, destroy_takes_null);
    tcase_add_loop_test(tests, weights_have_the_variance_of_their_rule, 0, LENGTH(rules));
    tcase_add_loop_test(tests, orthogonal_weights_are_orthogonal, 0, N_DTYPES);
    tcase_add_loop_test(tests, constant_weights_are_constant, 0, N_DTYPES);
    tcase_add_test(tests, layers_are_drawn_apart);
    tcase_add_loop_test(tests, the_rest_is_born_as_documented, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_seed_decides_the_weights, 0, N_DTYPES);
    tcase_add_loop_test(tests, weights_in_f32_are_those_in_f64_rounded, 0, LENGTH(rules));
    tcase_add_loop_test(tests, initialize_draws_as_create_does, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_layer_alone_gets_the_same_weights, 0, N_DTYPES);
    tcase_add_loop_test(tests, initialize_makes_one_layer_as_new, 0, N_DTYPES);
    tcase_add_loop_test(tests, initialize_refuses_bad_arguments, 0, N_DTYPES);
    tcase_add_test(tests, drawn_weights_are_finite_or_refused);
    return suite;
}
