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

static struct plan *plan_make(void)
{
    struct plan *plan = api_alloc(1, sizeof *plan);
    *plan = (struct plan){MLPBN_NETWORK_OPTIONS_INIT(5),
                          {MLPBN_BATCHNORM_OPTIONS_INIT, MLPBN_BATCHNORM_OPTIONS_INIT},
                          {MLPBN_LAYER_OPTIONS_INIT(4, MLPBN_RELU),
                           MLPBN_LAYER_OPTIONS_INIT(3, MLPBN_RELU)}};
    for (size_t l = 0; l < LENGTH(plan->layers); l++)
        plan->layers[l].batchnorm = &plan->batchnorm[l];
    return plan;
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
    struct plan *plan = plan_make();
    plan->options.dtype = dtype;
    plan->layers[1].activation = MLPBN_IDENTITY;
    plan->layers[1].batchnorm = NULL;
    plan->batchnorm[0].eps = 2.385e-7;
    plan->batchnorm[0].decay = 0.731;
    const mlpbn_network *network = plan_create(plan);
    memset(plan, 0xFF, sizeof *plan); /* nothing is kept of it */

    const mlpbn_layer *first = mlpbn_network_layer(network, 0);
    const mlpbn_layer *last = mlpbn_network_layer(network, 1);
    const mlpbn_batchnorm *batchnorm = mlpbn_layer_batchnorm(first);
    ck_assert_uint_eq(mlpbn_network_inputs(network), 5);
    ck_assert_uint_eq(mlpbn_network_outputs(network), 3);
    ck_assert_uint_eq(mlpbn_network_n_layers(network), 2);
    ck_assert_int_eq(mlpbn_network_dtype(network), dtype);
    ck_assert_uint_eq(mlpbn_layer_inputs(first), 5);
    ck_assert_uint_eq(mlpbn_layer_units(first), 4);
    ck_assert_int_eq(mlpbn_layer_activation(first), MLPBN_RELU);
    ck_assert_uint_eq(mlpbn_layer_inputs(last), 4);
    ck_assert_uint_eq(mlpbn_layer_units(last), 3);
    ck_assert_int_eq(mlpbn_layer_activation(last), MLPBN_IDENTITY);
    ck_assert_ptr_null(mlpbn_layer_batchnorm(last));
    ck_assert_ptr_nonnull(batchnorm);
    ck_assert(mlpbn_batchnorm_eps(batchnorm) == (double)2.385e-7);
    ck_assert(mlpbn_batchnorm_decay(batchnorm) == (double)0.731);
    ck_assert_uint_eq(mlpbn_batchnorm_batches(batchnorm), 0);
    ck_assert_ptr_null(mlpbn_network_layer(network, 2));
    ck_assert_ptr_null(mlpbn_network_layer(network, SIZE_MAX));
}

/* --- Options out of range ----------------------------------------------------------- */

static const struct bad_field bad_layers[] = {
    BAD_FIELD(layer_options, units, SIZE, "units", 0),
    BAD_FIELD(layer_options, activation, INT, "activation", 0, 99),
    BAD_FIELD(layer_options, alpha, REAL, "alpha", -0.385, API_NAN, 2.385e57),
    BAD_FIELD(layer_options, dropout, REAL, "dropout", -0.0385, 1, API_NAN),
    BAD_FIELD(layer_options, bias, INT, "bias", 2, -1),
    BAD_FIELD(layer_options, init, INT, "init", 0, 99),
    BAD_FIELD(layer_options, init_sigma, REAL, "sigma", -0.0385, API_NAN, HUGE_VAL),
};

#define BAD_NORM(kind, field, ...)                                                       \
    BAD_FIELD(batchnorm_options, field, kind, #field, __VA_ARGS__)

static const struct bad_field bad_batchnorms[] = {
    BAD_NORM(REAL, eps, 0, -0.0385, 2.385e-78, API_NAN, HUGE_VAL),
    BAD_NORM(REAL, decay, -0.0385, 1.0625, API_NAN),
    BAD_NORM(INT, unbiased_running_variance, 2),
    BAD_NORM(INT, start_from_first_batch, -1),
    BAD_NORM(INT, affine, 2),
    BAD_NORM(INT, after_activation, -1),
    BAD_NORM(INT, cumulative, 2),
};

/* In layer 0 or 1, fields of its options or of its batchnorm's; the text tells which. */
LOOP_TEST(create_refuses_options_out_of_range,
          2 * (LENGTH(bad_layers) + LENGTH(bad_batchnorms)))
{
    const size_t l = (size_t)_i % 2, field = (size_t)_i / 2;
    const int is_layer = field < LENGTH(bad_layers);
    const struct bad_field *bad =
        is_layer ? bad_layers + field : bad_batchnorms + (field - LENGTH(bad_layers));
    for (size_t i = 0; i < bad->n; i++) {
        struct plan *plan = plan_make();
        if (is_layer) {
            plan->layers[l].init = MLPBN_INIT_NORMAL;
            plan->layers[l].activation = MLPBN_ELU;
        }
        plan_fails(plan, MLPBN_EINVAL,
                   is_layer ? api_spoil(&plan->layers[l], bad, i)
                            : api_spoil(&plan->batchnorm[l], bad, i));
        ck_assert(api_mentions(mlpbn_last_error(), l ? "layer|1" : "layer|0"));
    }
}

static void plan_is(int is_right, const struct plan *plan, const char *words)
{
    if (is_right)
        plan_create(plan);
    else
        plan_fails(plan, MLPBN_EINVAL, words);
}

/* A number of a plan: 0 is right; 0.385 is refused by these words where it has no effect; and
 * numbers out of range are, by others. */
static void check_number(const struct plan *plan, double *number, int has_effect,
                         const char *no_effect, const char *out_of_range)
{
    static const double bad[] = {-0.385, API_NAN, HUGE_VAL};
    *number = 0;
    plan_create(plan);
    *number = 0.385;
    plan_is(has_effect, plan, no_effect);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        *number = bad[i];
        plan_fails(plan, MLPBN_EINVAL, out_of_range);
    }
}

LOOP_DTYPE_TEST(alpha_must_have_an_effect, LAST_ACTIVATION)
{
    const mlpbn_activation activation = (mlpbn_activation)(_i + 1);
    struct plan *plan = plan_make();
    plan->options.dtype = dtype;
    plan->layers[1].activation = activation;
    check_number(plan, &plan->layers[1].alpha,
                 activation == MLPBN_LEAKY_RELU || activation == MLPBN_ELU,
                 "layer 1|alpha|no effect|0.385|MLPBN_LEAKY_RELU", "layer 1|alpha");
}

LOOP_DTYPE_TEST(init_sigma_must_have_an_effect, MLPBN_INIT_ORTHOGONAL)
{
    const mlpbn_init init = (mlpbn_init)(_i + 1);
    struct plan *plan = plan_make();
    mlpbn_network *network = plan_create(plan);
    plan->options.dtype = dtype;
    plan->layers[0].init = init;
    check_number(plan, &plan->layers[0].init_sigma,
                 init == MLPBN_INIT_NORMAL || init >= MLPBN_INIT_UNIFORM,
                 "layer 0|init_sigma|no effect|0.385|MLPBN_INIT_NORMAL", "layer 0|sigma");
    /* As an argument it has to be something. */
    OK(mlpbn_network_initialize(network, 0, init, 0.385, 5));
}

TEST(create_knows_the_last_layer_and_the_ends_of_ranges)
{
    struct plan *plan = plan_make();
    plan->layers[0].activation = MLPBN_SOFTMAX;
    plan_fails(plan, MLPBN_EINVAL, "layer 0|MLPBN_SOFTMAX|last");
    plan->layers[0].activation = MLPBN_ELU;
    plan->layers[0].alpha = 0;
    plan->layers[1].activation = MLPBN_SOFTMAX;
    plan->batchnorm[1].after_activation = 1;
    plan_fails(plan, MLPBN_EINVAL, "layer 1|after_activation|MLPBN_SOFTMAX");
    plan->batchnorm[1].after_activation = 0;
    const mlpbn_network *network = plan_create(plan);
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 0)) == 0);
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 1)) == 0);
    plan->layers[0].alpha = MLPBN_DEFAULT_ALPHA;
    network = plan_create(plan);
    ck_assert(mlpbn_layer_alpha(mlpbn_network_layer(network, 0)) == 1);
    plan->layers[1].dropout = 0.385;
    plan_fails(plan, MLPBN_EINVAL, "layer|1|dropout|0.385");
    /* The ends of the closed ranges are inside. */
    plan = plan_make();
    plan->batchnorm[0].decay = 0;
    plan->batchnorm[1].decay = 1;
    plan->batchnorm[1].eps = 1e-76;
    plan->layers[0].init = MLPBN_INIT_NORMAL;
    plan->layers[0].init_sigma = 0;
    plan->options.inputs = 1;
    plan->layers[1].units = 1;
    plan_create(plan);
}

TEST(create_refuses_null_and_sizes_that_do_not_fit)
{
    static const size_t sizes[] = {SIZE_MAX / 8, SIZE_MAX};
    struct plan *plan = plan_make();
    mlpbn_network *network = api_untouched();
    const mlpbn_network_options *options = &plan->options;
    INVALID("network|NULL", mlpbn_network_create(NULL, options, plan->layers, 2));
    INVALID("options|NULL", mlpbn_network_create(&network, NULL, plan->layers, 2));
    INVALID("layers|NULL", mlpbn_network_create(&network, options, NULL, 2));
    INVALID("n_layers|0", mlpbn_network_create(&network, options, plan->layers, 0));
    /* More layers than there can be are found out before one of them is read. */
    FAILS(MLPBN_ESIZE, "n_layers",
          mlpbn_network_create(&network, options, plan->layers, SIZE_MAX / 2));
    ck_assert_ptr_eq(network, api_untouched());
    for (size_t i = 0; i < 2 * LENGTH(sizes); i++) {
        plan = plan_make();
        plan->layers[i % 2].units = sizes[i / 2];
        plan_fails(plan, MLPBN_ESIZE, "");
    }
#if SIZE_MAX > UINT32_MAX
    /* 2^47 bytes and more are never there, however little of the rest is taken. */
    plan = plan_make();
    plan->options.inputs = ((size_t)1 << 43) + 3;
    plan_fails(plan, MLPBN_ENOMEM, "");
#endif
}

/* Every value up to the last that the tests know is taken, the next one is unknown: an
 * enumerator that is added must be added to LAST_... of api_helpers.h, which sizes the
 * tables and loops of all tests. */
TEST(the_tests_know_every_enumerator)
{
    const struct setup s = setup_default(MLPBN_F64);
    api_make_probabilities(s.targets, SETUP_Y_SIZE);
    for (int i = 1; i <= LAST_ACTIVATION + 1 || i <= LAST_INIT + 1; i++) {
        struct plan *by_activation = plan_make(), *by_init = plan_make();
        by_activation->layers[1].activation = (mlpbn_activation)i;
        by_init->layers[1].init = (mlpbn_init)i;
        plan_is(i <= LAST_ACTIVATION, by_activation, "activation");
        plan_is(i <= LAST_INIT, by_init, "init");
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
enum { WIDE_MEAN = (WIDE_INPUTS + WIDE_UNITS) / 2 };

/* 211 inputs, 151 units, 151 units, all weights by the same rule; biases, batchnorm. */
static mlpbn_network *wide_network(mlpbn_dtype dtype, mlpbn_init init, double sigma,
                                   uint64_t seed)
{
    struct plan *plan = plan_make();
    plan->options.inputs = WIDE_INPUTS;
    plan->options.dtype = dtype;
    plan->options.seed = seed;
    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        plan->layers[l].units = WIDE_UNITS;
        plan->layers[l].init = init;
        plan->layers[l].init_sigma = sigma;
    }
    return plan_create(plan);
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
/* Kurtosis. */
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
    {"Xavier", MLPBN_INIT_XAVIER, 0, 1. / WIDE_MEAN, 1. / WIDE_UNITS, NORMAL},
    {"normal", MLPBN_INIT_NORMAL, SIGMA, SIGMA *SIGMA, SIGMA *SIGMA, NORMAL},
    {"LeCun", MLPBN_INIT_LECUN, 0, 1. / WIDE_INPUTS, 1. / WIDE_UNITS, NORMAL},
    {"He, uniform", MLPBN_INIT_HE_UNIFORM, 0, 2. / WIDE_INPUTS, 2. / WIDE_UNITS, UNIFORM},
    {"Xavier, uniform", MLPBN_INIT_XAVIER_UNIFORM, 0, 1. / WIDE_MEAN, 1. / WIDE_UNITS,
     UNIFORM},
    {"LeCun, uniform", MLPBN_INIT_LECUN_UNIFORM, 0, 1. / WIDE_INPUTS, 1. / WIDE_UNITS,
     UNIFORM},
    {"uniform", MLPBN_INIT_UNIFORM, SIGMA, SIGMA *SIGMA / 3, SIGMA *SIGMA / 3, UNIFORM},
};

/* Weights drawn in f32 are the rounded weights drawn in f64. */
LOOP_TEST(weights_have_the_variance_of_their_rule, LENGTH(rules))
{
    const mlpbn_init init = rules[_i].init;
    const double sigma = rules[_i].sigma;
    mlpbn_network *network = wide_network(MLPBN_F64, init, sigma, 2385);
    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        const double *weight = api_tensor(network, l, MLPBN_WEIGHT);
        const size_t n = api_length(weight);
        ck_assert_uint_eq(n, (l ? WIDE_UNITS : WIDE_INPUTS) * WIDE_UNITS);
        assert_drawn(weight, n, l ? rules[_i].second_variance : rules[_i].first_variance,
                     rules[_i].kurtosis, rules[_i].name);
    }
    api_assert_rounded(wide_network(MLPBN_F32, init, sigma, 2385), network);
}

static double product(const double *a, const double *b, size_t stride, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i * stride] * b[i * stride];
    return sum;
}

/* Two layers of one shape must not begin alike. */
TEST(layers_get_uncorrelated_weights)
{
    mlpbn_network *network = wide_network(MLPBN_F64, MLPBN_INIT_NORMAL, 0.271, 0);
    const double *first = api_tensor(network, 0, MLPBN_WEIGHT);
    const double *second = api_tensor(network, 1, MLPBN_WEIGHT);
    const size_t n = api_length(second);
    ck_assert(n < api_length(first));
    api_assert_near(product(first, second, 1, n) / (0.271 * 0.271 * sqrt((double)n)), 0,
                    5, "correlation of two layers");
}

/* The rows of W are orthogonal if there are fewer units than inputs, else the columns. */
DTYPE_TEST(orthogonal_weights_are_orthogonal)
{
    mlpbn_network *network = NETWORK(dtype, 23, {17, 31, 31});
    OK(mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, MLPBN_INIT_ORTHOGONAL, 2.385,
                                7));
    for (size_t l = 0; l < 3; l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(network, l);
        const size_t rows = mlpbn_layer_units(layer), columns = mlpbn_layer_inputs(layer);
        const size_t n = rows < columns ? rows : columns, length = rows + columns - n;
        const size_t vector_stride = rows <= columns ? columns : 1;
        const size_t element_stride = rows <= columns ? 1 : columns;
        const double *weight = api_tensor(network, l, MLPBN_WEIGHT);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                api_assert_near(
                    product(weight + i * vector_stride, weight + j * vector_stride,
                            element_stride, length),
                    i == j ? 2.385 * 2.385 : 0, 16 * 2.385 * 2.385 * api_epsilon(dtype),
                    "product of two rows");
    }
}

static void assert_all(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind,
                       double expected, const char *what)
{
    double *values = api_tensor(network, layer, kind);
    ck_assert_uint_gt(api_length(values), 0);
    for (size_t i = 0; i < api_length(values); i++)
        values[i] -= expected;
    ck_assert_msg(api_largest(values) == 0, "%s is not %g", what, expected);
}

/* Everything but the weights of a layer has its initial value. */
static void assert_initial(const mlpbn_network *network, size_t layer)
{
    assert_all(network, layer, MLPBN_BIAS, 0, "bias");
    assert_all(network, layer, MLPBN_GAMMA, 1, "gamma");
    assert_all(network, layer, MLPBN_BETA, 0, "beta");
    assert_all(network, layer, MLPBN_RUNNING_MEAN, 0, "running mean");
    assert_all(network, layer, MLPBN_RUNNING_VAR, 1, "running variance");
    ck_assert_uint_eq(mlpbn_batchnorm_batches(api_batchnorm(network, layer)), 0);
}

/* Biases, batchnorm and constant weights are as documented; the seed determines the others. */
DTYPE_TEST(a_new_network_is_initialized)
{
    mlpbn_network *zeros = wide_network(dtype, MLPBN_INIT_ZEROS, 0, 17);
    mlpbn_network *constant = wide_network(dtype, MLPBN_INIT_CONSTANT, 0.375, 17);
    for (size_t l = 0; l < WIDE_LAYERS; l++) {
        assert_initial(zeros, l);
        assert_all(zeros, l, MLPBN_WEIGHT, 0, "weight");
        assert_all(constant, l, MLPBN_WEIGHT, 0.375, "weight");
    }
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
    const double sigma = init == MLPBN_INIT_XAVIER ? API_NAN : rules[_i].sigma;
    mlpbn_network *created = wide_network(dtype, init, rules[_i].sigma, 2385);
    mlpbn_network *again = wide_network(dtype, MLPBN_INIT_ZEROS, 0, 1);
    api_fill(again, 1, MLPBN_RUNNING_VAR, 2.385);
    OK(mlpbn_network_initialize(again, MLPBN_ALL_LAYERS, init, sigma, 2385));
    api_assert_equal(created, again, "initialized");
    /* Layer by layer, backwards, gives what all at once gives. */
    OK(mlpbn_network_initialize(again, MLPBN_ALL_LAYERS, MLPBN_INIT_ZEROS, 0, 1));
    for (size_t l = WIDE_LAYERS; l-- > 0;)
        OK(mlpbn_network_initialize(again, l, init, sigma, 2385));
    api_assert_equal(created, again, "layer by layer");
}

/* A trained layer is as new, its neighbour as it was. */
DTYPE_TEST(initialize_makes_one_layer_as_new)
{
    const struct setup s = SETUP(MLPBN_F32, 9, dtype, 5, {7, 6, 3}, .batchnorm_mask = 7);
    setup_step(&s, NULL);
    const double *before = api_tensor(s.network, 0, MLPBN_RUNNING_MEAN);
    OK(mlpbn_network_initialize(s.network, 1, MLPBN_INIT_HE, 0, 4));
    assert_initial(s.network, 1);
    api_assert_same_arrays(api_tensor(s.network, 0, MLPBN_RUNNING_MEAN), before,
                           "the layer before");
    ck_assert_uint_eq(mlpbn_batchnorm_batches(api_batchnorm(s.network, 0)), 1);
}

DTYPE_TEST(initialize_refuses_bad_arguments)
{
    mlpbn_network *network = setup_default(dtype).network;
    const struct snapshot before = snapshot_take(network);
    const mlpbn_init he = MLPBN_INIT_HE, normal = MLPBN_INIT_NORMAL;
    const size_t all = MLPBN_ALL_LAYERS;
    INVALID("network|NULL", mlpbn_network_initialize(NULL, 0, he, 0, 0));
    INVALID("layer|2", mlpbn_network_initialize(network, 2, he, 0, 5));
    INVALID("layer", mlpbn_network_initialize(network, SIZE_MAX - 1, he, 0, 5));
    INVALID("init|0", mlpbn_network_initialize(network, 0, (mlpbn_init)0, 0, 5));
    INVALID("init|99", mlpbn_network_initialize(network, all, (mlpbn_init)99, 0, 5));
    INVALID("sigma|-0.0385", mlpbn_network_initialize(network, 1, normal, -0.0385, 5));
    INVALID("sigma|nan", mlpbn_network_initialize(network, 1, normal, API_NAN, 5));
    INVALID("sigma|inf", mlpbn_network_initialize(network, all, normal, HUGE_VAL, 5));
    snapshot_assert(&before, network, "initialize");
}

static void assert_finite(mlpbn_network *network)
{
    ck_assert_msg(isfinite(api_largest(api_parameters(network))), "infinite weights");
}

/* Where sigma is so large that a weight may be infinite, a call that fails changes nothing,
 * and one that succeeds has drawn finite weights. */
TEST(drawn_weights_are_finite_or_refused)
{
    mlpbn_network *network = setup_default(MLPBN_F32).network, *created;
    const struct snapshot before = snapshot_take(network);
    struct plan *plan = plan_make();
    if (mlpbn_network_initialize(network, MLPBN_ALL_LAYERS, MLPBN_INIT_NORMAL, 1e300, 5))
        snapshot_assert(&before, network, "initialize");
    assert_finite(network);
    plan->layers[1].init = MLPBN_INIT_NORMAL;
    plan->layers[1].init_sigma = 2.385e38;
    if (!mlpbn_network_create(&created, &plan->options, plan->layers, 2))
        assert_finite(own_network(created));
}
