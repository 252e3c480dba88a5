/* Networks: creation, what they refuse, initial weights. */
#include "api_helpers.h"

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
    *plan = (struct plan){MLPBN_NETWORK_OPTIONS_INIT(5),
                          {MLPBN_BATCHNORM_OPTIONS_INIT, MLPBN_BATCHNORM_OPTIONS_INIT},
                          {MLPBN_LAYER_OPTIONS_INIT(4, MLPBN_RELU),
                           MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_RELU)}};
    for (size_t l = 0; l < LENGTH(plan->layers); l++)
        plan->layers[l].batchnorm = &plan->batchnorm[l];
}

static mlpbn_network *plan_create(const struct plan *plan)
{
    mlpbn_network *network;
    OK(mlpbn_network_create(&network, &plan->options, plan->layers, 2));
    return own_network(network);
}

static void plan_fails(const struct plan *plan, mlpbn_status status, const char *words)
{
    mlpbn_network *network = api_untouched();
    FAILS(status, words, mlpbn_network_create(&network, &plan->options, plan->layers, 2));
    ck_assert_ptr_eq(network, api_untouched());
}

DTYPE_TEST(create_makes_what_was_asked)
{
    struct plan plan;
    plan_make(&plan);
    plan.options.dtype = dtype;
    plan.layers[1].activation = MLPBN_IDENTITY;
    plan.layers[1].batchnorm = NULL;
    plan.batchnorm[0].eps = 2.385e-7;
    plan.batchnorm[0].decay = 0.731;
    const mlpbn_network *network = plan_create(&plan);
    memset(&plan, 0xFF, sizeof plan); /* nothing is kept of it */

    const mlpbn_layer *first = mlpbn_network_layer(network, 0);
    const mlpbn_layer *last = mlpbn_network_layer(network, 1);
    const mlpbn_batchnorm *batchnorm = mlpbn_layer_batchnorm(first);
    ck_assert_uint_eq(mlpbn_network_inputs(network), 5);
    ck_assert_uint_eq(mlpbn_network_outputs(network), 3);
    ck_assert_uint_eq(mlpbn_network_layers(network), 2);
    ck_assert_int_eq(mlpbn_network_dtype(network), dtype);
    ck_assert_uint_eq(mlpbn_layer_inputs(first), 5);
    ck_assert_uint_eq(mlpbn_layer_units(first), 4);
    ck_assert_int_eq(mlpbn_layer_activation(first), MLPBN_RELU);
    ck_assert_uint_eq(mlpbn_layer_inputs(last), 4);
    ck_assert_uint_eq(mlpbn_layer_units(last), 3);
    ck_assert_int_eq(mlpbn_layer_activation(last), MLPBN_IDENTITY);
    ck_assert_ptr_null(mlpbn_layer_batchnorm(last));
    ck_assert_ptr_nonnull(batchnorm);
    ck_assert(mlpbn_batchnorm_eps(batchnorm) == 2.385e-7);
    ck_assert(mlpbn_batchnorm_decay(batchnorm) == 0.731);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(batchnorm), 0);
    ck_assert_ptr_null(mlpbn_network_layer(network, 2));
    ck_assert_ptr_null(mlpbn_network_layer(network, SIZE_MAX));
}

/* --- Options out of range ----------------------------------------------------------- */

/* One field and what a call must say of it. */
struct bad_field {
    struct poke poke;
    mlpbn_status status;
    const char *words; /* besides the value that was got */
};

#define LAYER_SIZE(field, value) SIZE_FIELD(mlpbn_layer_options, field, (value))
#define LAYER_INT(field, value) INT_FIELD(mlpbn_layer_options, field, (value))
#define LAYER_REAL(field, value) REAL_FIELD(mlpbn_layer_options, field, (value))
#define NORM_INT(field, value) INT_FIELD(mlpbn_batchnorm_options, field, (value))
#define NORM_REAL(field, value) REAL_FIELD(mlpbn_batchnorm_options, field, (value))

static const struct bad_field bad_layers[] = {
    {LAYER_SIZE(units, 0), MLPBN_EINVAL, "units"},
    {LAYER_SIZE(units, SIZE_MAX / 8), MLPBN_ESIZE, ""},
    {LAYER_SIZE(units, SIZE_MAX), MLPBN_ESIZE, ""},
    {LAYER_INT(activation, 0), MLPBN_EINVAL, "activation"},
    {LAYER_INT(activation, 99), MLPBN_EINVAL, "activation"},
    {LAYER_REAL(alpha, -0.385), MLPBN_EINVAL, "alpha|-0.385"},
    {LAYER_REAL(alpha, API_NAN), MLPBN_EINVAL, "alpha|nan"},
    {LAYER_REAL(alpha, 2.385e57), MLPBN_EINVAL, "alpha|2.385e+57"},
    {LAYER_REAL(dropout, -0.0385), MLPBN_EINVAL, "dropout|-0.0385"},
    {LAYER_REAL(dropout, 1), MLPBN_EINVAL, "dropout|1"},
    {LAYER_REAL(dropout, API_NAN), MLPBN_EINVAL, "dropout|nan"},
    {LAYER_INT(bias, 2), MLPBN_EINVAL, "bias"},
    {LAYER_INT(bias, -1), MLPBN_EINVAL, "bias"},
    {LAYER_INT(init, 0), MLPBN_EINVAL, "init"},
    {LAYER_INT(init, 99), MLPBN_EINVAL, "init"},
    {LAYER_REAL(init_sigma, -0.0385), MLPBN_EINVAL, "sigma|-0.0385"},
    {LAYER_REAL(init_sigma, API_NAN), MLPBN_EINVAL, "sigma|nan"},
    {LAYER_REAL(init_sigma, HUGE_VAL), MLPBN_EINVAL, "sigma|inf"},
};

static const struct bad_field bad_batchnorms[] = {
    {NORM_REAL(eps, 0), MLPBN_EINVAL, "eps|0"},
    {NORM_REAL(eps, -0.0385), MLPBN_EINVAL, "eps|-0.0385"},
    {NORM_REAL(eps, 2.385e-78), MLPBN_EINVAL, "eps|2.385e-78"},
    {NORM_REAL(eps, API_NAN), MLPBN_EINVAL, "eps|nan"},
    {NORM_REAL(eps, HUGE_VAL), MLPBN_EINVAL, "eps|inf"},
    {NORM_REAL(decay, -0.0385), MLPBN_EINVAL, "decay|-0.0385"},
    {NORM_REAL(decay, 1.0625), MLPBN_EINVAL, "decay|1.0625"},
    {NORM_REAL(decay, API_NAN), MLPBN_EINVAL, "decay|nan"},
    {NORM_INT(unbiased_running_variance, 2), MLPBN_EINVAL, "unbiased_running_variance"},
    {NORM_INT(start_from_first_batch, -1), MLPBN_EINVAL, "start_from_first_batch"},
    {NORM_INT(affine, 2), MLPBN_EINVAL, "affine"},
    {NORM_INT(after_activation, -1), MLPBN_EINVAL, "after_activation"},
    {NORM_INT(cumulative, 2), MLPBN_EINVAL, "cumulative"},
};

/* The field of these options, which are part of the plan, makes creation fail. */
static void check_bad_field(struct plan *plan, void *options, const struct bad_field *bad,
                            const char *layer)
{
    api_case(bad->words, api_poked_value(&bad->poke));
    api_poke(options, &bad->poke);
    plan_fails(plan, bad->status, bad->words);
    if (bad->status == MLPBN_ESIZE)
        return;
    ck_assert(api_mentions(mlpbn_last_error(), api_poked_value(&bad->poke)));
    ck_assert(api_mentions(mlpbn_last_error(), layer));
}

/* In either layer; the text tells which. */
LOOP_TEST(create_refuses_layer_options, 2 * LENGTH(bad_layers))
{
    struct plan plan;
    plan_make(&plan);
    plan.layers[_i % 2].init = MLPBN_INIT_NORMAL;
    plan.layers[_i % 2].activation = MLPBN_ELU;
    check_bad_field(&plan, &plan.layers[_i % 2], &bad_layers[_i / 2],
                    _i % 2 ? "layer|1" : "layer|0");
}

LOOP_TEST(create_refuses_batchnorm_options, 2 * LENGTH(bad_batchnorms))
{
    struct plan plan;
    plan_make(&plan);
    check_bad_field(&plan, &plan.batchnorm[_i % 2], &bad_batchnorms[_i / 2],
                    _i % 2 ? "layer|1" : "layer|0");
}

TEST(softmax_is_for_the_last_layer)
{
    struct plan plan;
    plan_make(&plan);
    plan.layers[0].activation = MLPBN_SOFTMAX;
    plan_fails(&plan, MLPBN_EINVAL, "layer 0|MLPBN_SOFTMAX|last");
    plan.layers[0].activation = MLPBN_ELU;
    plan.layers[0].alpha = 0;
    plan.layers[1].activation = MLPBN_SOFTMAX;
    plan.batchnorm[1].after_activation = 1;
    plan_fails(&plan, MLPBN_EINVAL, "layer 1|after_activation|MLPBN_SOFTMAX");
    plan.batchnorm[1].after_activation = 0;
    const mlpbn_network *network = plan_create(&plan);
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 0)) == 0);
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 1)) == 0);
    plan.layers[0].alpha = MLPBN_DEFAULT_ALPHA;
    network = plan_create(&plan);
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 0)) == 1);
}

/* The ends of the closed ranges are inside. */
TEST(create_takes_the_ends_of_ranges)
{
    struct plan plan;
    plan_make(&plan);
    plan.batchnorm[0].decay = 0;
    plan.batchnorm[1].decay = 1;
    plan.batchnorm[1].eps = 1e-76;
    plan.layers[0].init = MLPBN_INIT_NORMAL;
    plan.layers[0].init_sigma = 0;
    plan.options.inputs = 1;
    plan.layers[1].units = 1;
    plan_create(&plan);
}

TEST(create_refuses_null)
{
    struct plan plan;
    mlpbn_network *network = api_untouched();
    plan_make(&plan);
    const mlpbn_network_options *options = &plan.options;
    INVALID("network|NULL", mlpbn_network_create(NULL, options, plan.layers, 2));
    INVALID("options|NULL", mlpbn_network_create(&network, NULL, plan.layers, 2));
    INVALID("layers|NULL", mlpbn_network_create(&network, options, NULL, 2));
    INVALID("n_layers|0", mlpbn_network_create(&network, options, plan.layers, 0));
    /* More layers than there can be are found out before one of them is read. */
    FAILS(MLPBN_ESIZE, "n_layers",
          mlpbn_network_create(&network, options, plan.layers, SIZE_MAX / 2));
    ck_assert_ptr_eq(network, api_untouched());
}

/* 2^47 bytes and more are never there, however little of the rest is taken. */
TEST(create_reports_that_memory_is_short)
{
#if SIZE_MAX > UINT32_MAX
    struct plan plan;
    plan_make(&plan);
    plan.options.inputs = ((size_t)1 << 43) + 3;
    plan_fails(&plan, MLPBN_ENOMEM, "");
#endif
}

/* Every value up to the last that the tests know is taken, the next one is unknown: an
 * enumerator that is added must be added to LAST_... of api_helpers.h, which sizes the
 * tables and loops of all tests. */
TEST(the_tests_know_every_enumerator)
{
    const struct setup s = setup_make(MLPBN_F64);
    api_make_probabilities(s.targets, SETUP_Y);
    for (int i = 1; i <= LAST_ACTIVATION + 1; i++) {
        struct plan plan;
        plan_make(&plan);
        plan.layers[1].activation = (mlpbn_activation)i;
        if (i <= LAST_ACTIVATION)
            plan_create(&plan);
        else
            plan_fails(&plan, MLPBN_EINVAL, "activation");
    }
    for (int i = 1; i <= LAST_INIT + 1; i++) {
        struct plan plan;
        plan_make(&plan);
        plan.layers[1].init = (mlpbn_init)i;
        if (i <= LAST_INIT)
            plan_create(&plan);
        else
            plan_fails(&plan, MLPBN_EINVAL, "init");
    }
    for (int i = 1; i <= LAST_LOSS + 1; i++) {
        const mlpbn_loss_options loss = api_loss_options((mlpbn_loss)i, 0);
        const mlpbn_status status =
            mlpbn_gradient(s.network, s.workspace, &s.rows, &loss, NULL);
        ck_assert_int_eq(status, i <= LAST_LOSS ? MLPBN_OK : MLPBN_EINVAL);
    }
    for (int i = 1; i <= LAST_OPTIMIZER + 1; i++) {
        mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
        mlpbn_optimizer *optimizer = NULL;
        options.kind = (mlpbn_optimizer_kind)i;
        const mlpbn_status status =
            mlpbn_optimizer_create(&optimizer, s.network, &options);
        mlpbn_optimizer_destroy(optimizer);
        ck_assert_int_eq(status, i <= LAST_OPTIMIZER ? MLPBN_OK : MLPBN_EINVAL);
    }
}

/* --- Initial weights ---------------------------------------------------------------- */

enum { WIDE_INPUTS = 211, WIDE_UNITS = 151, WIDE_LAYERS = 2 };

/* 211 inputs, 151 units, 151 units, all weights by the same rule; biases, batchnorm. */
static mlpbn_network *wide_network(mlpbn_dtype dtype, mlpbn_init init, double sigma,
                                   uint64_t seed)
{
    struct plan plan;
    plan_make(&plan);
    plan.options.inputs = WIDE_INPUTS;
    plan.options.dtype = dtype;
    plan.options.seed = seed;
    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        plan.layers[l].units = WIDE_UNITS;
        plan.layers[l].init = init;
        plan.layers[l].init_sigma = sigma;
    }
    return plan_create(&plan);
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

#define SIGMA 0.0385
#define NORMAL 3
#define UNIFORM 1.8

static const struct {
    const char *name;
    mlpbn_init init;
    double sigma;
    double first_variance, second_variance; /* of the weights of layers 0 and 1 */
    double kurtosis;
} rules[] = {
    {"He", MLPBN_INIT_HE, 0, 2. / WIDE_INPUTS, 2. / WIDE_UNITS, NORMAL},
    {"Xavier", MLPBN_INIT_XAVIER, 0, 2. / (WIDE_INPUTS + WIDE_UNITS), 1. / WIDE_UNITS,
     NORMAL},
    {"normal", MLPBN_INIT_NORMAL, SIGMA, SIGMA *SIGMA, SIGMA *SIGMA, NORMAL},
    {"LeCun", MLPBN_INIT_LECUN, 0, 1. / WIDE_INPUTS, 1. / WIDE_UNITS, NORMAL},
    {"He, uniform", MLPBN_INIT_HE_UNIFORM, 0, 2. / WIDE_INPUTS, 2. / WIDE_UNITS, UNIFORM},
    {"Xavier, uniform", MLPBN_INIT_XAVIER_UNIFORM, 0, 2. / (WIDE_INPUTS + WIDE_UNITS),
     1. / WIDE_UNITS, UNIFORM},
    {"LeCun, uniform", MLPBN_INIT_LECUN_UNIFORM, 0, 1. / WIDE_INPUTS, 1. / WIDE_UNITS,
     UNIFORM},
    {"uniform", MLPBN_INIT_UNIFORM, SIGMA, SIGMA *SIGMA / 3, SIGMA *SIGMA / 3, UNIFORM},
};

/* In f32 they are those in f64, rounded. */
LOOP_TEST(weights_have_the_variance_of_their_rule, LENGTH(rules))
{
    const mlpbn_init init = rules[_i].init;
    const double sigma = rules[_i].sigma;
    mlpbn_network *network = wide_network(MLPBN_F64, init, sigma, 2385);
    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        size_t n;
        const double *weight = api_tensor(network, l, MLPBN_WEIGHT, &n);
        ck_assert_uint_eq(n, (l ? WIDE_UNITS : WIDE_INPUTS) * WIDE_UNITS);
        assert_drawn(weight, n, l ? rules[_i].second_variance : rules[_i].first_variance,
                     rules[_i].kurtosis, rules[_i].name);
    }
    api_assert_rounded(wide_network(MLPBN_F32, init, sigma, 2385), network);
}

static double product(const double *a, size_t step_a, const double *b, size_t step_b,
                      size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i * step_a] * b[i * step_b];
    return sum;
}

/* Rows of layers that have fewer units than inputs, columns of the others. */
DTYPE_TEST(orthogonal_weights_are_orthogonal)
{
    static const size_t sizes[][2] = {{17, 23}, {31, 17}, {31, 31}};
    mlpbn_network *network = NETWORK(.dtype = dtype, .inputs = 23, .units = {17, 31, 31});
    OK(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, MLPBN_INIT_ORTHOGONAL, 2.385,
                                7));
    for (size_t l = 0; l < 3; l++) {
        const size_t rows = sizes[l][0], columns = sizes[l][1];
        const size_t n = rows < columns ? rows : columns, length = rows + columns - n;
        const size_t to_next = rows <= columns ? columns : 1;
        const size_t step = rows <= columns ? 1 : columns;
        const double *weight = api_tensor(network, l, MLPBN_WEIGHT, NULL);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                api_assert_near(product(weight + i * to_next, step, weight + j * to_next,
                                        step, length),
                                i == j ? 2.385 * 2.385 : 0,
                                16 * 2.385 * 2.385 * api_epsilon(dtype),
                                "product of two rows");
    }
}

/* Two layers of one shape must not begin alike. */
TEST(layers_are_drawn_apart)
{
    mlpbn_network *network = wide_network(MLPBN_F64, MLPBN_INIT_NORMAL, 0.271, 0);
    size_t n, n_second;
    const double *first = api_tensor(network, 0, MLPBN_WEIGHT, &n);
    const double *second = api_tensor(network, 1, MLPBN_WEIGHT, &n_second);
    ck_assert(n_second < n);
    api_assert_near(product(first, 1, second, 1, n_second) /
                        (0.271 * 0.271 * sqrt((double)n_second)),
                    0, 5, "correlation of two layers");
}

static void assert_all(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind,
                       double expected, const char *what)
{
    size_t n;
    double *values = api_tensor(network, layer, kind, &n);
    for (size_t i = 0; i < n; i++)
        values[i] -= expected;
    ck_assert_msg(n > 0 && api_largest(values, n) == 0, "%s is not %g", what, expected);
}

/* All of a layer but its weights. */
static void assert_initial(const mlpbn_network *network, size_t layer)
{
    const mlpbn_layer *l = mlpbn_network_layer(network, layer);
    assert_all(network, layer, MLPBN_BIAS, 0, "bias");
    assert_all(network, layer, MLPBN_GAMMA, 1, "gamma");
    assert_all(network, layer, MLPBN_BETA, 0, "beta");
    assert_all(network, layer, MLPBN_RUNNING_MEAN, 0, "running mean");
    assert_all(network, layer, MLPBN_RUNNING_VAR, 1, "running variance");
    ck_assert_uint_eq(mlpbn_batchnorm_batches(mlpbn_layer_batchnorm(l)), 0);
}

DTYPE_TEST(all_but_random_weights_are_as_documented)
{
    mlpbn_network *zeros = wide_network(dtype, MLPBN_INIT_ZEROS, 0, 17);
    mlpbn_network *constant = wide_network(dtype, MLPBN_INIT_CONSTANT, 0.375, 17);
    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        assert_initial(zeros, l);
        assert_all(zeros, l, MLPBN_WEIGHT, 0, "weight");
        assert_all(constant, l, MLPBN_WEIGHT, 0.375, "weight");
    }
}

DTYPE_TEST(a_seed_decides_the_weights)
{
    mlpbn_network *network = wide_network(dtype, MLPBN_INIT_HE, 0, 2385);
    const struct snapshot snapshot = snapshot_take(network);
    const struct snapshot other =
        snapshot_take(wide_network(dtype, MLPBN_INIT_HE, 0, 2386));
    snapshot_assert(&snapshot, wide_network(dtype, MLPBN_INIT_HE, 0, 2385), "same seed");
    ck_assert(!snapshot_equal(&snapshot, &other));
}

/* --- mlpbn_network_initialize ------------------------------------------------------- */

LOOP_DTYPE_TEST(initialize_draws_as_create_does, LENGTH(rules))
{
    const mlpbn_init init = rules[_i].init;
    const double sigma = rules[_i].sigma;
    mlpbn_network *again = wide_network(dtype, MLPBN_INIT_ZEROS, 0, 1);
    api_fill(again, 1, MLPBN_RUNNING_VAR, 2.385);
    OK(mlpbn_network_initialize(again, MLPBN_ALL_LAYERS, init, sigma, 2385));
    api_assert_equal(wide_network(dtype, init, sigma, 2385), again, "initialized");
}

/* Layer by layer, backwards, gives what all at once gives. */
DTYPE_TEST(a_layer_alone_gets_the_same_weights)
{
    mlpbn_network *single = wide_network(dtype, MLPBN_INIT_ZEROS, 0, 1);
    for (size_t l = WIDE_LAYERS; l-- > 0;)
        OK(mlpbn_network_initialize(single, l, MLPBN_INIT_XAVIER, API_NAN, 2385));
    api_assert_equal(wide_network(dtype, MLPBN_INIT_XAVIER, 0, 2385), single,
                     "layer by layer");
}

/* A trained layer is as new, its neighbour as it was. */
DTYPE_TEST(initialize_makes_one_layer_as_new)
{
    const struct setup s = SETUP(MLPBN_F32, 9, .dtype = dtype, .inputs = 5,
                                 .units = {7, 6, 3}, .batchnorm = 7);
    const mlpbn_layer *first = mlpbn_network_layer(s.network, 0);
    size_t n;
    setup_step(&s);
    const double *before = api_tensor(s.network, 0, MLPBN_RUNNING_MEAN, &n);
    OK(mlpbn_network_initialize(s.network, 1, MLPBN_INIT_HE, 0, 4));
    assert_initial(s.network, 1);
    api_assert_same(api_tensor(s.network, 0, MLPBN_RUNNING_MEAN, &n), before,
                    n * sizeof *before, "the layer before");
    ck_assert_uint_eq(mlpbn_batchnorm_batches(mlpbn_layer_batchnorm(first)), 1);
}

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

DTYPE_TEST(initialize_refuses_bad_arguments)
{
    mlpbn_network *network = setup_make(dtype).network;
    const struct snapshot before = snapshot_take(network);
    INVALID("network|NULL", mlpbn_network_initialize(NULL, 0, MLPBN_INIT_HE, 0, 0));
    for (size_t i = 0; i < LENGTH(bad_initializations); i++)
        INVALID(bad_initializations[i].words,
                mlpbn_network_initialize(network, bad_initializations[i].layer,
                                         (mlpbn_init)bad_initializations[i].init,
                                         bad_initializations[i].sigma, 5));
    snapshot_assert(&before, network, "initialize");
}

static void assert_finite(mlpbn_network *network)
{
    size_t n;
    const double *parameters = api_parameters(network, &n);
    ck_assert_msg(isfinite(api_largest(parameters, n)), "infinite weights");
}

/* A sigma so large that a weight does not fit: there is no such network, and no
 * change. */
TEST(drawn_weights_are_finite_or_refused)
{
    mlpbn_network *network = setup_make(MLPBN_F32).network, *created;
    const struct snapshot before = snapshot_take(network);
    struct plan plan;
    if (mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, MLPBN_INIT_NORMAL, 1e300, 5))
        snapshot_assert(&before, network, "initialize");
    assert_finite(network);
    plan_make(&plan);
    plan.layers[1].init = MLPBN_INIT_NORMAL;
    plan.layers[1].init_sigma = 2.385e38;
    if (!mlpbn_network_create(&created, &plan.options, plan.layers, 2))
        assert_finite(own_network(created));
}
