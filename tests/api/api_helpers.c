#include "api_helpers.h"

#include <ctype.h>

const mlpbn_dtype api_dtypes[N_DTYPES] = {MLPBN_F32, MLPBN_F64};

/* --- Statuses ----------------------------------------------------------------------- */

static char case_name[200];

void api_case(const char *name, const char *detail)
{
    snprintf(case_name, sizeof case_name, "[%s %s] ", name, detail);
}

const char *api_case_name(void)
{
    return case_name;
}

/* Whether the number that `found` begins, `size` characters long, goes on to either side.
 * A fraction may: how many digits are printed is not promised. */
static int is_part_of_number(const char *text, const char *found, size_t size)
{
    const int first = isdigit((unsigned char)found[0]);
    const int last = isdigit((unsigned char)found[size - 1]);
    if (first && found > text && (isdigit((unsigned char)found[-1]) || found[-1] == '.'))
        return 1;
    if (last && isdigit((unsigned char)found[size]) && !memchr(found, '.', size))
        return 1;
    return last && found[size] == '.' && isdigit((unsigned char)found[size + 1]);
}

static int mentions_word(const char *text, const char *word, size_t size)
{
    for (const char *at = text; *at; at++)
        if (strncmp(at, word, size) == 0 && !is_part_of_number(text, at, size))
            return 1;
    return 0;
}

int api_mentions(const char *text, const char *words)
{
    while (*words) {
        const size_t size = strcspn(words, "|");
        if (size > 0 && !mentions_word(text, words, size))
            return 0;
        words += size + (words[size] == '|');
    }
    /* Whatever it says, it is one line and says something. */
    return text[0] && !strchr(text, '\n');
}

void *api_untouched(void)
{
    static double somewhere;
    return &somewhere;
}

const char *api_spoil(void *object, const struct bad_field *bad, size_t i)
{
    static char words[60];
    const double real = bad->values[i];
    const size_t size = bad->type == BAD_SIZE ? (size_t)real : 0;
    const int integer = bad->type == BAD_REAL || size ? 0 : (int)real;
    unsigned char *field = (unsigned char *)object + bad->offset;
    if (bad->type == BAD_REAL)
        memcpy(field, &real, sizeof real);
    else if (bad->type == BAD_SIZE)
        memcpy(field, &size, sizeof size);
    else /* enumerations of the library have the size of an int */
        memcpy(field, &integer, sizeof integer);
    if (bad->type == BAD_BITS)
        snprintf(words, sizeof words, "%s|0x%x", bad->words, (unsigned)integer);
    else if (bad->type == BAD_UNTOLD)
        snprintf(words, sizeof words, "%s", bad->words);
    else
        snprintf(words, sizeof words, "%s|%g", bad->words, real);
    return words;
}

/* --- Memory and handles ------------------------------------------------------------- */

static struct owned {
    void *object;
    void (*destroy)(void *object);
    size_t n; /* elements of an array */
} * owned;
static size_t n_owned;

/* Of the memory of this file's own. */
static void *checked(void *memory)
{
    ck_assert_msg(memory != NULL, "out of memory");
    return memory;
}

void *api_own(void *object, void (*destroy)(void *object))
{
    owned = checked(realloc(owned, (n_owned + 1) * sizeof *owned));
    owned[n_owned++] = (struct owned){object, destroy, 0};
    return object;
}

/* destroy_NAME takes any pointer. */
#define DESTROY(name)                                                                    \
    static void destroy_##name(void *object)                                             \
    {                                                                                    \
        mlpbn_##name##_destroy(object);                                                  \
    }
DESTROY(network)
DESTROY(workspace)
DESTROY(optimizer)
DESTROY(sampler)
DESTROY(gradcheck)
DESTROY(history)

mlpbn_network *own_network(mlpbn_network *network)
{
    return api_own(network, destroy_network);
}

mlpbn_history *own_history(mlpbn_history *history)
{
    return api_own(history, destroy_history);
}

mlpbn_workspace *own_workspace(mlpbn_workspace *workspace)
{
    return api_own(workspace, destroy_workspace);
}

/* The last entry of this object; fails the test if there is none. */
static struct owned *find_owned(const void *object)
{
    size_t i = n_owned;
    while (i > 0 && owned[i - 1].object != object)
        i--;
    ck_assert_msg(i > 0, "an object that was not made by these helpers");
    return owned + i - 1;
}

void api_destroy(void *object)
{
    struct owned *entry = find_owned(object);
    const struct owned destroyed = *entry;
    memmove(entry, entry + 1, (size_t)(owned + n_owned - entry - 1) * sizeof *entry);
    n_owned--;
    destroyed.destroy(destroyed.object);
}

void api_destroy_all(void)
{
    while (n_owned > 0)
        api_destroy(owned[n_owned - 1].object);
    free(owned);
    owned = NULL;
}

void *api_alloc(size_t n, size_t size)
{
    void *array = api_own(checked(calloc(n ? n : 1, size)), free);
    find_owned(array)->n = n;
    return array;
}

size_t api_length(const void *array)
{
    return find_owned(array)->n;
}

void *api_resize(void *memory, size_t size)
{
    if (!memory)
        return api_alloc(size, 1);
    struct owned *entry = find_owned(memory);
    return entry->object = checked(realloc(memory, size));
}

/* --- Numbers ------------------------------------------------------------------------ */

double api_uniform(uint64_t seed, size_t i)
{
    /* Steele, Lea and Flood's SplitMix64. */
    uint64_t z = seed * 0xD1342543DE82EF95u + ((uint64_t)i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) / 4503599627370496. - 1; /* 2^52 */
}

double *api_random(size_t n, uint64_t seed, double scale, double shift)
{
    double *values = api_alloc(n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = scale * api_uniform(seed, i) + shift;
    return values;
}

double api_load(const void *array, mlpbn_dtype dtype, size_t i)
{
    const unsigned char *at = (const unsigned char *)array + i * api_dtype_size(dtype);
    float narrow;
    double wide;
    if (dtype == MLPBN_U8)
        return *at;
    if (dtype == MLPBN_F64) {
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
    memcpy(&narrow, at, sizeof narrow);
    return (double)narrow;
}

void api_store(void *array, mlpbn_dtype dtype, size_t i, double value)
{
    unsigned char *at = (unsigned char *)array + i * api_dtype_size(dtype);
    const float narrow = (float)value;
    if (dtype == MLPBN_U8)
        *at = (unsigned char)value;
    else if (dtype == MLPBN_F64)
        memcpy(at, &value, sizeof value);
    else
        memcpy(at, &narrow, sizeof narrow);
}

size_t api_dtype_size(mlpbn_dtype dtype)
{
    if (dtype == MLPBN_U8)
        return 1;
    return dtype == MLPBN_F32 ? sizeof(float) : sizeof(double);
}

double api_epsilon(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
}

double api_max_abs(const double *values, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n && !isnan(largest); i++)
        largest = fabs(values[i]) <= largest ? largest : fabs(values[i]);
    return largest;
}

double api_largest(const double *array)
{
    return api_max_abs(array, api_length(array));
}

void api_assert_close(const double *got, const double *expected, size_t n,
                      double tolerance, const char *what)
{
    size_t i = 0;
    while (i < n && fabs(got[i] - expected[i]) <= tolerance)
        i++;
    ck_assert_msg(i == n, "%s%s, element %zu: got %.17g, expected %.17g within %g",
                  case_name, what, i, got[i < n ? i : 0], expected[i < n ? i : 0],
                  tolerance);
}

void api_assert_near(double got, double expected, double tolerance, const char *what)
{
    api_assert_close(&got, &expected, 1, tolerance, what);
}

void api_assert_same(const void *got, const void *expected, size_t size, const char *what)
{
    const unsigned char *a = got;
    const unsigned char *b = expected;
    size_t i = 0;
    while (i < size && a[i] == b[i])
        i++;
    ck_assert_msg(i == size, "%s%s: other bits from byte %zu of %zu on", case_name, what,
                  i, size);
}

void api_assert_close_arrays(const double *got, const double *expected, double tolerance,
                             const char *what)
{
    ck_assert_uint_eq(api_length(got), api_length(expected));
    api_assert_close(got, expected, api_length(expected), tolerance, what);
}

void api_assert_same_arrays(const double *got, const double *expected, const char *what)
{
    ck_assert_uint_eq(api_length(got), api_length(expected));
    api_assert_same(got, expected, api_length(expected) * sizeof *expected, what);
}

/* --- Networks ----------------------------------------------------------------------- */

int api_loss_fits(mlpbn_loss loss, const mlpbn_network *network)
{
    const mlpbn_layer *last =
        mlpbn_network_layer(network, mlpbn_network_n_layers(network) - 1);
    const mlpbn_batchnorm *norm = mlpbn_layer_batchnorm(last);
    const mlpbn_activation activation = mlpbn_layer_activation(last);
    const int softmax =
        loss == MLPBN_SOFTMAX_CROSS_ENTROPY || loss == MLPBN_SOFT_CROSS_ENTROPY;
    if (softmax && mlpbn_layer_units(last) == 1)
        return 0;
    if (norm && mlpbn_batchnorm_after_activation(norm))
        return 1;
    if (activation == MLPBN_HARD_SIGMOID)
        return !softmax && loss != MLPBN_SIGMOID_CROSS_ENTROPY;
    return !(softmax && activation == MLPBN_SIGMOID) &&
           !(loss == MLPBN_SIGMOID_CROSS_ENTROPY && activation == MLPBN_SOFTMAX);
}

/* The defaults but for these. */
#define LOSS(loss, lambda)                                                               \
    {                                                                                    \
        sizeof(mlpbn_loss_options), loss, lambda, MLPBN_L2_SUM,                          \
            MLPBN_KIND_BIT(MLPBN_WEIGHT), 0, NULL, 0, 1, MLPBN_REDUCTION_WEIGHTED_MEAN,  \
            MLPBN_NO_IGNORE_LABEL, NULL, 0, NULL, 0, 0.5                                 \
    }
const mlpbn_loss_options api_squares = LOSS(MLPBN_MEAN_SQUARED_ERROR, 0);
const mlpbn_loss_options api_penalized = LOSS(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);

mlpbn_loss_options api_loss_options(mlpbn_loss loss, double lambda)
{
    return (mlpbn_loss_options)LOSS(loss, lambda);
}

mlpbn_metrics api_metrics(void)
{
    return (mlpbn_metrics)MLPBN_METRICS_INIT;
}

mlpbn_tensor api_describe(const mlpbn_network *network, size_t index)
{
    mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
    OK(mlpbn_network_tensor(&tensor, network, index));
    return tensor;
}

const mlpbn_batchnorm *api_batchnorm(const mlpbn_network *network, size_t layer)
{
    return mlpbn_layer_batchnorm(mlpbn_network_layer(network, layer));
}

size_t api_find(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind)
{
    const size_t n = mlpbn_network_n_tensors(network);
    for (size_t i = 0; i < n; i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        if (tensor.layer == layer && tensor.kind == kind)
            return i;
    }
    return n;
}

double *api_tensor(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind)
{
    const size_t index = api_find(network, layer, kind);
    if (index == mlpbn_network_n_tensors(network))
        return NULL;
    const mlpbn_tensor tensor = api_describe(network, index);
    const size_t n = tensor.rows * tensor.columns;
    double *values = api_alloc(n, sizeof *values);
    OK(mlpbn_network_get_f64(network, index, values, n));
    return values;
}

void api_fill(mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind, double value)
{
    double *values = api_tensor(network, layer, kind);
    for (size_t i = 0; i < api_length(values); i++)
        values[i] = value;
    api_set(network, layer, kind, values);
}

void api_set(mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind,
             const double *values)
{
    const size_t index = api_find(network, layer, kind);
    const mlpbn_tensor tensor = api_describe(network, index);
    OK(mlpbn_network_set_f64(network, index, values, tensor.rows * tensor.columns));
}

void api_standardize(mlpbn_network *network)
{
    const size_t n = mlpbn_network_inputs(network);
    OK(mlpbn_network_set_standardization(network, api_random(n, 47, 0.731, 0.0173),
                                         api_random(n, 48, 0.271, 0.8385), n));
}

/* Irregular values of a size that suits the kind. */
static void randomize_tensor(mlpbn_network *network, size_t index)
{
    static const struct {
        double scale, shift;
    } by_kind[] = {
        [MLPBN_BIAS] = {0.385, 0.0173},       [MLPBN_GAMMA] = {0.271, 1.0837},
        [MLPBN_BETA] = {0.331, -0.0291},      [MLPBN_RUNNING_MEAN] = {0.471, 0.0713},
        [MLPBN_RUNNING_VAR] = {0.613, 1.173},
    };
    const mlpbn_tensor tensor = api_describe(network, index);
    const size_t n = tensor.rows * tensor.columns;
    const double scale = tensor.kind == MLPBN_WEIGHT
                             ? sqrt(6. / (double)tensor.columns) /* variance 2 / inputs */
                             : by_kind[tensor.kind].scale;
    const double shift = tensor.kind == MLPBN_WEIGHT ? 0 : by_kind[tensor.kind].shift;
    OK(mlpbn_network_set_f64(network, index, api_random(n, 1000 + index, scale, shift),
                             n));
}

static void layer_options(mlpbn_layer_options *options, const struct spec *spec, size_t l,
                          const mlpbn_batchnorm_options *batchnorm)
{
    const int is_last = l + 1 == MAX_LAYERS || spec->units[l + 1] == 0;
    OK(mlpbn_layer_options_init(options, sizeof *options));
    options->units = spec->units[l];
    options->bias = !(spec->no_bias_mask >> l & 1);
    options->batchnorm = spec->batchnorm_mask >> l & 1 ? batchnorm : NULL;
    if (spec->linear || (is_last && !spec->last_relu))
        options->activation = MLPBN_IDENTITY;
    else if (spec->hidden)
        options->activation = spec->hidden;
    if (is_last && spec->last)
        options->activation = spec->last;
    if (spec->alpha != 0 &&
        (options->activation == MLPBN_LEAKY_RELU || options->activation == MLPBN_ELU))
        options->alpha = spec->alpha;
    if (!is_last)
        options->dropout = spec->dropout;
}

mlpbn_network *api_network(const struct spec *spec)
{
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(spec->inputs);
    mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_layer_options layers[MAX_LAYERS];
    mlpbn_network *network = NULL;
    size_t n_layers = 0;
    if (spec->norm)
        batchnorm = *spec->norm;
    options.dtype = spec->dtype;
    for (; n_layers < MAX_LAYERS && spec->units[n_layers]; n_layers++)
        layer_options(&layers[n_layers], spec, n_layers, &batchnorm);
    OK(mlpbn_network_create(&network, &options, layers, n_layers));
    own_network(network);
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++)
        if (!spec->default_statistics || api_describe(network, i).is_parameter)
            randomize_tensor(network, i);
    return network;
}

struct spec *spec_of(const struct spec *spec, mlpbn_dtype dtype)
{
    struct spec *typed = api_alloc(1, sizeof *typed);
    *typed = *spec;
    typed->dtype = dtype;
    return typed;
}

static const mlpbn_batchnorm_options tiny_eps = {
    sizeof tiny_eps, 1e-30, 0.9, 0, 1, 1, 0, 0};

const struct spec api_shapes[N_SHAPES] = {
    {1, .units = {1}},
    {5, .units = {3}, .no_bias_mask = 1},
    {5, .units = {3}, .batchnorm_mask = 1, .last_relu = 1},
    {17, .units = {13, 7}, .batchnorm_mask = 1, .no_bias_mask = 1},
    {9, .units = {16, 8, 33, 5}, .batchnorm_mask = 7, .no_bias_mask = 2},
    {64, .units = {32, 16, 10}},
    {9, .units = {16, 5}, .batchnorm_mask = 3, .norm = &api_after},
    {9, .units = {16, 5}, .batchnorm_mask = 3, .norm = &api_plain},
    {9, .units = {6, 5}, .batchnorm_mask = 1, .norm = &tiny_eps},
    {9, .units = {16, 5}, .hidden = MLPBN_TANH, .last = MLPBN_SILU, .batchnorm_mask = 3},
    {131, .units = {67, 35, 1, 2, 10}, .batchnorm_mask = 21},
};

struct spec *spec_or_activation(const struct spec *table, size_t n, int i,
                                const struct spec *other)
{
    const int nth = i - (int)n;
    struct spec *spec = spec_of(nth < 0 ? table + i : other, other->dtype);
    if (nth >= 0) {
        spec->last = (mlpbn_activation)(nth + 1);
        spec->hidden = spec->last == MLPBN_SOFTMAX ? MLPBN_ELU : spec->last;
    }
    return spec;
}

const mlpbn_batchnorm_options
    api_after = {sizeof(mlpbn_batchnorm_options), 0.0385, 0.9, 0, 1, 1, 1, 0},
    api_plain = {sizeof(mlpbn_batchnorm_options), 1e-5, 0.9, 0, 1, 0, 0, 0};

mlpbn_network *api_clone(const mlpbn_network *network, mlpbn_dtype dtype)
{
    mlpbn_network *clone;
    OK(mlpbn_network_clone(&clone, network, dtype));
    return own_network(clone);
}

mlpbn_workspace *api_create_workspace(const mlpbn_network *network,
                                      const mlpbn_workspace_options *options)
{
    mlpbn_workspace *workspace;
    OK(mlpbn_workspace_create(&workspace, network, options));
    return own_workspace(workspace);
}

mlpbn_workspace *api_workspace(const mlpbn_network *network, size_t max_batch,
                               int threads)
{
    return api_create_workspace(network,
                                &OPTIONS(workspace, .max_batch = max_batch,
                                         .mode = MLPBN_TRAIN, .threads = threads));
}

mlpbn_workspace *api_predict_workspace(const mlpbn_network *network, size_t max_batch)
{
    return api_create_workspace(network, &OPTIONS(workspace, .max_batch = max_batch,
                                                  .mode = MLPBN_PREDICT, .threads = 1));
}

mlpbn_optimizer *api_create_optimizer(const mlpbn_network *network,
                                      const mlpbn_optimizer_options *options)
{
    mlpbn_optimizer *optimizer;
    OK(mlpbn_optimizer_create(&optimizer, network, options));
    return api_own(optimizer, destroy_optimizer);
}

mlpbn_optimizer *api_optimizer(const mlpbn_network *network, double rate, double momentum,
                               int nesterov)
{
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    options.learning_rate = rate;
    options.momentum = momentum;
    options.nesterov = nesterov;
    return api_create_optimizer(network, &options);
}

void api_drop_unused(mlpbn_optimizer_options *options)
{
    const mlpbn_optimizer_options defaults = MLPBN_OPTIMIZER_OPTIONS_INIT;
    if (options->kind == MLPBN_SGD)
        options->eps = defaults.eps;
    if (options->kind != MLPBN_RMSPROP)
        options->rho = defaults.rho;
    if (options->kind != MLPBN_ADAM && options->kind != MLPBN_ADAMW) {
        options->beta1 = defaults.beta1;
        options->beta2 = defaults.beta2;
    } else {
        options->momentum = defaults.momentum;
    }
    if (options->kind != MLPBN_ADAMW) {
        options->weight_decay = defaults.weight_decay;
        options->decay_kinds = defaults.decay_kinds;
    }
}

mlpbn_sampler *api_create_sampler(const mlpbn_rows *rows,
                                  const mlpbn_sampler_options *options)
{
    mlpbn_sampler *sampler;
    OK(mlpbn_sampler_create(&sampler, rows, options));
    return api_own(sampler, destroy_sampler);
}

void *api_gradients_in_place(const mlpbn_network *network, mlpbn_workspace *workspace)
{
    void *data, *at = &data;
    size_t n;
    OK(PAIR(mlpbn_network_dtype(network), mlpbn_workspace_gradients, at, &n, workspace));
    return data;
}

void *api_parameters_in_place(mlpbn_network *network)
{
    void *data, *at = &data;
    size_t n;
    OK(PAIR(mlpbn_network_dtype(network), mlpbn_network_parameters, at, &n, network));
    return data;
}

static double *widened(const void *values, mlpbn_dtype dtype, size_t n)
{
    double *copy = api_alloc(n, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = api_load(values, dtype, i);
    return copy;
}

double *api_parameters(mlpbn_network *network)
{
    void *data, *at = &data;
    size_t n;
    OK(PAIR(mlpbn_network_dtype(network), mlpbn_network_parameters, at, &n, network));
    return widened(data, mlpbn_network_dtype(network), n);
}

double *api_gradients(const mlpbn_network *network, mlpbn_workspace *workspace)
{
    void *data, *at = &data;
    size_t n;
    OK(PAIR(mlpbn_network_dtype(network), mlpbn_workspace_gradients, at, &n, workspace));
    return widened(data, mlpbn_network_dtype(network), n);
}

/* An array in the network's dtype and back again. Not by api_alloc: the calls below may be
 * made by any thread. NULL stays NULL. */
static void *to_dtype(const double *values, mlpbn_dtype dtype, size_t n)
{
    void *converted = values ? checked(calloc(n ? n : 1, sizeof *values)) : NULL;
    for (size_t i = 0; values && i < n; i++)
        api_store(converted, dtype, i, values[i]);
    return converted;
}

static void from_dtype(double *values, void *converted, mlpbn_dtype dtype, size_t n)
{
    for (size_t i = 0; values && i < n; i++)
        values[i] = api_load(converted, dtype, i);
    free(converted);
}

static mlpbn_status outputs(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows, double *y, int is_training)
{
    const mlpbn_dtype dtype = mlpbn_network_dtype(network);
    const size_t n = rows->n * mlpbn_network_outputs(network);
    void *typed = to_dtype(y, dtype, n);
    const mlpbn_status status =
        is_training ? PAIR(dtype, mlpbn_forward, network, workspace, rows, typed)
                    : PAIR(dtype, mlpbn_predict, network, workspace, rows, typed);
    from_dtype(y, typed, dtype, n);
    return status;
}

mlpbn_status api_predict(const mlpbn_network *network, mlpbn_workspace *workspace,
                         const mlpbn_rows *rows, double *y)
{
    return outputs(network, workspace, rows, y, 0);
}

mlpbn_status api_forward(const mlpbn_network *network, mlpbn_workspace *workspace,
                         const mlpbn_rows *rows, double *y)
{
    return outputs(network, workspace, rows, y, 1);
}

mlpbn_status api_backward(const mlpbn_network *network, mlpbn_workspace *workspace,
                          size_t n, const double *dy, double *dx)
{
    const mlpbn_dtype dtype = mlpbn_network_dtype(network);
    const size_t n_x = n * mlpbn_network_inputs(network);
    void *in = to_dtype(dy, dtype, n * mlpbn_network_outputs(network));
    void *out = to_dtype(dx, dtype, n_x);
    const mlpbn_status status = PAIR(dtype, mlpbn_backward, network, workspace, in, out);
    from_dtype(NULL, in, dtype, 0);
    from_dtype(dx, out, dtype, n_x);
    return status;
}

mlpbn_metrics api_evaluate(const mlpbn_network *network, mlpbn_workspace *workspace,
                           const mlpbn_rows *rows, const mlpbn_loss_options *options)
{
    mlpbn_metrics metrics = api_metrics();
    OK(mlpbn_evaluate(network, workspace, rows, options, &metrics));
    return metrics;
}

double *api_outputs(const mlpbn_network *network, const mlpbn_rows *rows)
{
    double *y = api_alloc(rows->n * mlpbn_network_outputs(network), sizeof *y);
    OK(api_predict(network, api_workspace(network, rows->n, 1), rows, y));
    return y;
}

/* --- Snapshots ---------------------------------------------------------------------- */

void snapshot_add(struct snapshot *snapshot, const void *bytes, size_t size)
{
    snapshot->bytes = api_resize(snapshot->bytes, snapshot->size + size);
    memcpy(snapshot->bytes + snapshot->size, bytes, size);
    snapshot->size += size;
}

void snapshot_add_array(struct snapshot *snapshot, const double *array)
{
    snapshot_add(snapshot, array, api_length(array) * sizeof *array);
}

struct snapshot snapshot_take(mlpbn_network *network)
{
    const size_t inputs = mlpbn_network_inputs(network);
    const uint64_t steps = mlpbn_network_steps(network);
    double *standardization = api_alloc(2 * inputs, sizeof *standardization);
    struct snapshot snapshot = {0, NULL};
    double *parameters = api_parameters(network);
    /* With padding, where the sign of a zero does not count: valgrind computes 0 - 0 *
     * 0 in one instruction to -0. That of other zeros is seen in the tensors. */
    for (size_t i = 0; i < api_length(parameters); i++)
        parameters[i] += 0.;
    snapshot_add_array(&snapshot, parameters);
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        snapshot_add_array(&snapshot, api_tensor(network, tensor.layer, tensor.kind));
    }
    OK(mlpbn_network_get_standardization(network, standardization,
                                         standardization + inputs, inputs));
    snapshot_add_array(&snapshot, standardization);
    snapshot_add(&snapshot, &steps, sizeof steps);
    for (size_t l = 0; l < mlpbn_network_n_layers(network); l++) {
        const mlpbn_batchnorm *batchnorm = api_batchnorm(network, l);
        const uint64_t state[] = {batchnorm ? mlpbn_batchnorm_batches(batchnorm) : 0,
                                  batchnorm && mlpbn_batchnorm_frozen(batchnorm)};
        snapshot_add(&snapshot, state, sizeof state);
    }
    return snapshot;
}

int snapshot_equal(const struct snapshot *a, const struct snapshot *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

void snapshot_assert(const struct snapshot *before, mlpbn_network *network,
                     const char *what)
{
    const struct snapshot now = snapshot_take(network);
    ck_assert_msg(snapshot_equal(before, &now), "%s%s: other bits in the network",
                  case_name, what);
}

void api_assert_equal(mlpbn_network *a, mlpbn_network *b, const char *what)
{
    const struct snapshot snapshot = snapshot_take(a);
    snapshot_assert(&snapshot, b, what);
}

void api_assert_rounded(const mlpbn_network *f32, const mlpbn_network *f64)
{
    for (size_t i = 0; i < mlpbn_network_n_tensors(f64); i++) {
        const mlpbn_tensor tensor = api_describe(f64, i);
        double *exact = api_tensor(f64, tensor.layer, tensor.kind);
        const double *small = api_tensor(f32, tensor.layer, tensor.kind);
        for (size_t j = 0; j < api_length(exact); j++)
            exact[j] = (double)(float)exact[j];
        api_assert_same_arrays(small, exact, tensor.name);
    }
}

/* --- Data --------------------------------------------------------------------------- */

struct data data_make(mlpbn_dtype dtype, size_t n, size_t inputs, size_t outputs,
                      uint64_t seed)
{
    struct data data = {.x = api_alloc(n * inputs, api_dtype_size(dtype)),
                        .labels = api_alloc(n, sizeof *data.labels),
                        .targets = api_random(n * outputs, seed + 1, 1.171, 0.2385),
                        .rows = MLPBN_ROWS_INIT(NULL, dtype, n, inputs)};
    for (size_t i = 0; i < n; i++)
        data.labels[i] =
            (int32_t)((double)outputs * (0.5 + 0.5 * api_uniform(seed + 2, i)));
    data.rows.data = data.x;
    data.rows.labels = data.labels;
    data_set_targets(&data.rows, data.targets, MLPBN_F64, outputs);
    for (size_t i = 0; i < n * inputs; i++) {
        const double value = api_uniform(seed, i);
        api_store(data.x, dtype, i,
                  dtype == MLPBN_U8 ? floor(128 + 128 * value) : 1.385 * value + 0.0723);
    }
    return data;
}

void data_set_targets(mlpbn_rows *rows, const void *targets, mlpbn_dtype dtype,
                      size_t columns)
{
    rows->targets = targets;
    rows->target_dtype = dtype;
    rows->target_columns = columns;
}

void data_set_index(mlpbn_rows *rows, const size_t *index, size_t n, size_t n_data)
{
    rows->index = index;
    rows->n = n;
    rows->n_data = n_data;
}

void api_make_probabilities(double *targets, size_t n)
{
    for (size_t i = 0; i < n; i++)
        targets[i] = 0.5 + 0.5 * tanh(targets[i]);
}

static double *gather(const mlpbn_rows *rows, const void *array, mlpbn_dtype dtype,
                      size_t columns, size_t stride)
{
    double *values = api_alloc(rows->n * columns, sizeof *values);
    for (size_t i = 0; i < rows->n; i++) {
        const size_t r = rows->index ? rows->index[i] : i;
        for (size_t j = 0; j < columns; j++)
            values[i * columns + j] =
                api_load(array, dtype, r * (stride ? stride : columns) + j);
    }
    return values;
}

double *data_x(const mlpbn_rows *rows)
{
    return gather(rows, rows->data, rows->dtype, rows->columns, rows->stride);
}

double *data_targets(const mlpbn_rows *rows)
{
    return gather(rows, rows->targets, rows->target_dtype, rows->target_columns,
                  rows->target_stride);
}

int32_t *data_labels(const mlpbn_rows *rows)
{
    int32_t *labels = api_alloc(rows->n, sizeof *labels);
    for (size_t i = 0; i < rows->n; i++)
        labels[i] = rows->labels[rows->index ? rows->index[i] : i];
    return labels;
}

/* --- Setups ------------------------------------------------------------------------- */

struct setup setup_of(const struct spec *spec, mlpbn_dtype dtype, size_t n)
{
    mlpbn_network *network = api_network(spec);
    const struct data data =
        data_make(dtype, n, spec->inputs, mlpbn_network_outputs(network), 71);
    mlpbn_workspace *workspace = api_workspace(network, n, 1);
    mlpbn_optimizer *optimizer = api_optimizer(network, 0.0385, 0, 0);
    return (struct setup){network,     workspace,    optimizer, data.x,
                          data.labels, data.targets, data.rows};
}

struct setup setup_default(mlpbn_dtype dtype)
{
    struct setup setup = SETUP(dtype, SETUP_ROWS, dtype, SETUP_INPUTS,
                               {SETUP_HIDDEN, SETUP_OUTPUTS}, .batchnorm_mask = 1);
    setup.workspace = api_workspace(setup.network, SETUP_MAX, 1);
    setup.optimizer = api_optimizer(setup.network, 0.0385, 0.873, 0);
    setup_step(&setup, NULL);
    return setup;
}

mlpbn_gradcheck_report *api_gradcheck(const struct setup *s,
                                      const mlpbn_loss_options *loss,
                                      const mlpbn_gradcheck_options *options)
{
    mlpbn_gradcheck_report *report;
    OK(mlpbn_gradcheck(&report, s->network, &s->rows, loss, options));
    return api_own(report, destroy_gradcheck);
}

void setup_step(const struct setup *s, const mlpbn_loss_options *loss)
{
    OK(mlpbn_train_step(s->network, s->optimizer, s->workspace, &s->rows, loss, NULL));
}

mlpbn_status setup_update(const struct setup *s)
{
    return mlpbn_optimizer_step(s->optimizer, s->network, s->workspace);
}

double *setup_gradient(const struct setup *s, const mlpbn_loss_options *loss)
{
    OK(mlpbn_gradient(s->network, s->workspace, &s->rows, loss, NULL));
    return api_gradients(s->network, s->workspace);
}

double *setup_predict(const struct setup *s)
{
    double *y = api_alloc(s->rows.n * mlpbn_network_outputs(s->network), sizeof *y);
    OK(api_predict(s->network, s->workspace, &s->rows, y));
    return y;
}

double *setup_forward(const struct setup *s)
{
    double *y = api_alloc(s->rows.n * mlpbn_network_outputs(s->network), sizeof *y);
    OK(api_forward(s->network, s->workspace, &s->rows, y));
    return y;
}

double *setup_backward(const struct setup *s, const double *dy)
{
    double *dx = api_alloc(s->rows.n * mlpbn_network_inputs(s->network), sizeof *dx);
    OK(api_backward(s->network, s->workspace, s->rows.n, dy, dx));
    return dx;
}

mlpbn_metrics setup_metrics(const struct setup *s, const mlpbn_loss_options *loss)
{
    mlpbn_metrics metrics = api_metrics();
    OK(mlpbn_gradient(s->network, s->workspace, &s->rows, loss, &metrics));
    return metrics;
}

mlpbn_metrics setup_evaluate(const struct setup *s, const mlpbn_loss_options *loss)
{
    return api_evaluate(s->network, s->workspace, &s->rows, loss);
}

void setup_assert_equal(const struct setup *a, const struct setup *b)
{
    api_assert_equal(a->network, b->network, "network");
    setup_step(a, NULL);
    setup_step(b, NULL);
    api_assert_equal(a->network, b->network, "network after one more step");
}

void setup_assert_unchanged(const struct setup *s)
{
    const struct setup usual = setup_default(mlpbn_network_dtype(s->network));
    setup_assert_equal(s, &usual);
}
