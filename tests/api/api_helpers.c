#include "api_helpers.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* --- Fields of option structs ------------------------------------------------------- */

void api_poke(void *object, const struct poke *poke)
{
    unsigned char *field = (unsigned char *)object + poke->offset;

    switch (poke->type) {
    case POKE_NOTHING:
        break;
    case POKE_SIZE:
        memcpy(field, &poke->size, sizeof poke->size);
        break;
    case POKE_INT: /* enumerations of the library have the size of an int */
        memcpy(field, &poke->integer, sizeof poke->integer);
        break;
    case POKE_REAL:
        memcpy(field, &poke->real, sizeof poke->real);
        break;
    case POKE_NULL:
        memset(field, 0, sizeof(void *));
        break;
    }
}

const char *api_poked_value(const struct poke *poke)
{
    static char value[40];

    value[0] = 0;
    if (poke->type == POKE_SIZE)
        snprintf(value, sizeof value, "%zu", poke->size);
    if (poke->type == POKE_INT)
        snprintf(value, sizeof value, "%d", poke->integer);
    return value;
}

/* --- Numbers ------------------------------------------------------------------------ */

void *api_alloc(size_t n, size_t size)
{
    void *memory = calloc(n ? n : 1, size);
    ck_assert_msg(memory != NULL, "out of memory");
    return memory;
}

double api_number(uint64_t seed, size_t i)
{
    /* Steele, Lea and Flood's SplitMix64. */
    uint64_t z = seed * 0xD1342543DE82EF95u + ((uint64_t)i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) / 4503599627370496. - 1; /* 2^52 */
}

double *api_numbers(size_t n, uint64_t seed, double scale, double shift)
{
    double *values = api_alloc(n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = scale * api_number(seed, i) + shift;
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

double api_largest(const double *values, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n && !isnan(largest); i++)
        largest = fabs(values[i]) <= largest ? largest : fabs(values[i]);
    return largest;
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
    ck_assert_msg(fabs(got - expected) <= tolerance,
                  "%s%s: got %.17g, expected %.17g within %g", case_name, what, got,
                  expected, tolerance);
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

/* --- Networks ----------------------------------------------------------------------- */

mlpbn_batchnorm_options api_batchnorm_options(void)
{
    mlpbn_batchnorm_options options;
    OK(mlpbn_batchnorm_options_init(&options, sizeof options));
    return options;
}

mlpbn_loss_options api_loss_options(mlpbn_loss loss, double lambda)
{
    mlpbn_loss_options options;
    OK(mlpbn_loss_options_init(&options, sizeof options));
    options.loss = loss;
    options.lambda = lambda;
    return options;
}

mlpbn_metrics api_metrics(void)
{
    mlpbn_metrics metrics;
    OK(mlpbn_metrics_init(&metrics, sizeof metrics));
    return metrics;
}

mlpbn_tensor api_describe(const mlpbn_network *network, size_t index)
{
    mlpbn_tensor tensor;
    OK(mlpbn_tensor_init(&tensor, sizeof tensor));
    OK(mlpbn_network_tensor(&tensor, network, index));
    return tensor;
}

size_t api_find(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind)
{
    const size_t n = mlpbn_network_tensors(network);
    for (size_t i = 0; i < n; i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        if (tensor.layer == layer && tensor.kind == kind)
            return i;
    }
    return n;
}

double *api_tensor(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind,
                   size_t *n)
{
    const size_t index = api_find(network, layer, kind);
    double *values = NULL;
    size_t size = 0;

    if (index < mlpbn_network_tensors(network)) {
        const mlpbn_tensor tensor = api_describe(network, index);
        size = tensor.rows * tensor.columns;
        values = api_alloc(size, sizeof *values);
        OK(mlpbn_network_get_f64(network, index, values, size));
    }
    if (n)
        *n = size;
    return values;
}

void api_fill(mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind, double value)
{
    size_t n;
    double *values = api_tensor(network, layer, kind, &n);
    for (size_t i = 0; i < n; i++)
        values[i] = value;
    OK(mlpbn_network_set_f64(network, api_find(network, layer, kind), values, n));
    free(values);
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
    double scale = sqrt(6. / (double)tensor.columns); /* variance 2 / inputs */
    double shift = 0;

    if (tensor.kind != MLPBN_WEIGHT) {
        scale = by_kind[tensor.kind].scale;
        shift = by_kind[tensor.kind].shift;
    }
    double *values = api_numbers(n, 1000 + index, scale, shift);
    OK(mlpbn_network_set_f64(network, index, values, n));
    free(values);
}

static void layer_options(mlpbn_layer_options *options, const struct recipe *recipe,
                          size_t l, const mlpbn_batchnorm_options *batchnorm)
{
    const int is_last = l + 1 == MAX_LAYERS || recipe->units[l + 1] == 0;

    OK(mlpbn_layer_options_init(options, sizeof *options));
    options->units = recipe->units[l];
    options->bias = !(recipe->no_bias >> l & 1);
    options->batchnorm = recipe->batchnorm >> l & 1 ? batchnorm : NULL;
    if (recipe->linear || (is_last && !recipe->last_relu))
        options->activation = MLPBN_IDENTITY;
    else if (recipe->hidden)
        options->activation = recipe->hidden;
    if (is_last && recipe->last)
        options->activation = recipe->last;
    if (recipe->alpha != 0)
        options->alpha = recipe->alpha;
    if (!is_last)
        options->dropout = recipe->dropout;
}

mlpbn_network *api_network(const struct recipe *recipe)
{
    mlpbn_network_options options;
    mlpbn_batchnorm_options batchnorm = api_batchnorm_options();
    mlpbn_layer_options layers[MAX_LAYERS];
    mlpbn_network *network = NULL;
    size_t n_layers = 0;

    if (recipe->batchnorm_options)
        batchnorm = *recipe->batchnorm_options;
    OK(mlpbn_network_options_init(&options, sizeof options));
    options.inputs = recipe->inputs;
    options.dtype = recipe->dtype;
    for (; n_layers < MAX_LAYERS && recipe->units[n_layers]; n_layers++)
        layer_options(&layers[n_layers], recipe, n_layers, &batchnorm);
    OK(mlpbn_network_create(&network, &options, layers, n_layers));
    for (size_t i = 0; i < mlpbn_network_tensors(network); i++)
        if (!recipe->statistics_as_born || api_describe(network, i).is_parameter)
            randomize_tensor(network, i);
    return network;
}

mlpbn_workspace *api_workspace(const mlpbn_network *network, size_t max_batch,
                               int threads)
{
    mlpbn_workspace_options options;
    mlpbn_workspace *workspace = NULL;

    OK(mlpbn_workspace_options_init(&options, sizeof options));
    options.max_batch = max_batch;
    options.threads = threads;
    OK(mlpbn_workspace_create(&workspace, network, &options));
    return workspace;
}

mlpbn_optimizer *api_optimizer(const mlpbn_network *network, double rate, double momentum,
                               int nesterov)
{
    mlpbn_optimizer_options options;
    mlpbn_optimizer *optimizer = NULL;

    OK(mlpbn_optimizer_options_init(&options, sizeof options));
    options.learning_rate = rate;
    options.momentum = momentum;
    options.nesterov = nesterov;
    OK(mlpbn_optimizer_create(&optimizer, network, &options));
    return optimizer;
}

static double *widened(const float *values, size_t n)
{
    double *copy = api_alloc(n, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = (double)values[i];
    return copy;
}

static float *narrowed(const double *values, size_t n)
{
    float *copy = api_alloc(n, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = (float)values[i];
    return copy;
}

static double *copied(const double *values, size_t n)
{
    double *copy = api_alloc(n, sizeof *copy);
    memcpy(copy, values, n * sizeof *copy);
    return copy;
}

double *api_parameters(mlpbn_network *network, size_t *n)
{
    if (mlpbn_network_dtype(network) == MLPBN_F64) {
        double *data;
        OK(mlpbn_network_parameters_f64(&data, n, network));
        return copied(data, *n);
    }
    float *data;
    OK(mlpbn_network_parameters_f32(&data, n, network));
    return widened(data, *n);
}

double *api_gradients(const mlpbn_network *network, mlpbn_workspace *workspace, size_t *n)
{
    if (mlpbn_network_dtype(network) == MLPBN_F64) {
        double *data;
        OK(mlpbn_workspace_gradients_f64(&data, n, workspace));
        return copied(data, *n);
    }
    float *data;
    OK(mlpbn_workspace_gradients_f32(&data, n, workspace));
    return widened(data, *n);
}

mlpbn_status api_has_gradient(const mlpbn_network *network, mlpbn_workspace *workspace)
{
    double *data_f64;
    float *data_f32;
    size_t n;

    if (mlpbn_network_dtype(network) == MLPBN_F64)
        return mlpbn_workspace_gradients_f64(&data_f64, &n, workspace);
    return mlpbn_workspace_gradients_f32(&data_f32, &n, workspace);
}

typedef mlpbn_status outputs_f32(const mlpbn_network *, mlpbn_workspace *,
                                 const mlpbn_rows *, float *);
typedef mlpbn_status outputs_f64(const mlpbn_network *, mlpbn_workspace *,
                                 const mlpbn_rows *, double *);

static mlpbn_status outputs(outputs_f32 *f32, outputs_f64 *f64,
                            const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows, double *y)
{
    if (mlpbn_network_dtype(network) == MLPBN_F64)
        return f64(network, workspace, rows, y);

    const size_t n = rows->n * mlpbn_network_outputs(network);
    float *y_f32 = narrowed(y, n);
    const mlpbn_status status = f32(network, workspace, rows, y_f32);
    for (size_t i = 0; i < n; i++)
        y[i] = (double)y_f32[i];
    free(y_f32);
    return status;
}

mlpbn_status api_predict(const mlpbn_network *network, mlpbn_workspace *workspace,
                         const mlpbn_rows *rows, double *y)
{
    return outputs(mlpbn_predict_f32, mlpbn_predict_f64, network, workspace, rows, y);
}

mlpbn_status api_forward(const mlpbn_network *network, mlpbn_workspace *workspace,
                         const mlpbn_rows *rows, double *y)
{
    return outputs(mlpbn_forward_f32, mlpbn_forward_f64, network, workspace, rows, y);
}

mlpbn_status api_backward(const mlpbn_network *network, mlpbn_workspace *workspace,
                          size_t n, const double *dy, double *dx)
{
    if (mlpbn_network_dtype(network) == MLPBN_F64)
        return mlpbn_backward_f64(network, workspace, dy, dx);

    const size_t n_x = n * mlpbn_network_inputs(network);
    float *dy_f32 = narrowed(dy, n * mlpbn_network_outputs(network));
    float *dx_f32 = dx ? narrowed(dx, n_x) : NULL;
    const mlpbn_status status = mlpbn_backward_f32(network, workspace, dy_f32, dx_f32);
    for (size_t i = 0; dx && i < n_x; i++)
        dx[i] = (double)dx_f32[i];
    free(dy_f32);
    free(dx_f32);
    return status;
}

/* --- Snapshots ---------------------------------------------------------------------- */

void snapshot_add(struct snapshot *snapshot, const void *bytes, size_t size)
{
    unsigned char *grown = realloc(snapshot->bytes, snapshot->size + size);
    ck_assert_msg(grown != NULL, "out of memory");
    memcpy(grown + snapshot->size, bytes, size);
    snapshot->bytes = grown;
    snapshot->size += size;
}

static void append_tensor(struct snapshot *snapshot, const mlpbn_network *network,
                          size_t index)
{
    const mlpbn_tensor tensor = api_describe(network, index);
    const size_t n = tensor.rows * tensor.columns;
    double *values = api_alloc(n, sizeof *values);
    OK(mlpbn_network_get_f64(network, index, values, n));
    snapshot_add(snapshot, values, n * sizeof *values);
    free(values);
}

static void append_standardization(struct snapshot *snapshot,
                                   const mlpbn_network *network)
{
    const size_t n = mlpbn_network_inputs(network);
    double *values = api_alloc(2 * n, sizeof *values);
    OK(mlpbn_network_get_standardization(network, values, values + n, n));
    snapshot_add(snapshot, values, 2 * n * sizeof *values);
    free(values);
}

static void append_state(struct snapshot *snapshot, const mlpbn_network *network)
{
    const uint64_t steps = mlpbn_network_steps(network);
    snapshot_add(snapshot, &steps, sizeof steps);
    for (size_t l = 0; l < mlpbn_network_layers(network); l++) {
        const mlpbn_batchnorm *batchnorm =
            mlpbn_layer_batchnorm(mlpbn_network_layer(network, l));
        const uint64_t batches = batchnorm ? mlpbn_batchnorm_batches(batchnorm) : 0;
        const int frozen = batchnorm ? mlpbn_batchnorm_frozen(batchnorm) : 0;
        snapshot_add(snapshot, &batches, sizeof batches);
        snapshot_add(snapshot, &frozen, sizeof frozen);
    }
}

struct snapshot snapshot_take(mlpbn_network *network)
{
    struct snapshot snapshot = {0, NULL};
    size_t n;
    double *parameters = api_parameters(network, &n);

    /* With padding, where the sign of a zero does not count: valgrind computes 0 - 0 *
     * 0 in one instruction to -0. That of other zeros is seen in the tensors. */
    for (size_t i = 0; i < n; i++)
        parameters[i] += 0.;
    snapshot_add(&snapshot, parameters, n * sizeof *parameters);
    free(parameters);
    for (size_t i = 0; i < mlpbn_network_tensors(network); i++)
        append_tensor(&snapshot, network, i);
    append_standardization(&snapshot, network);
    append_state(&snapshot, network);
    return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
    free(snapshot->bytes);
    snapshot->bytes = NULL;
}

int snapshot_equal(const struct snapshot *a, const struct snapshot *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

void snapshot_assert(const struct snapshot *before, mlpbn_network *network,
                     const char *what)
{
    struct snapshot now = snapshot_take(network);
    ck_assert_msg(snapshot_equal(before, &now), "%s%s: the network has changed",
                  case_name, what);
    snapshot_free(&now);
}

void api_assert_twins(mlpbn_network *a, mlpbn_network *b, const char *what)
{
    struct snapshot snapshot = snapshot_take(a);
    struct snapshot other = snapshot_take(b);
    ck_assert_msg(snapshot_equal(&snapshot, &other), "%s%s: other bits", case_name, what);
    snapshot_free(&snapshot);
    snapshot_free(&other);
}

void api_assert_rounded(const mlpbn_network *f32, const mlpbn_network *f64)
{
    for (size_t i = 0; i < mlpbn_network_tensors(f64); i++) {
        const mlpbn_tensor tensor = api_describe(f64, i);
        size_t n, n_small;
        double *exact = api_tensor(f64, tensor.layer, tensor.kind, &n);
        double *small = api_tensor(f32, tensor.layer, tensor.kind, &n_small);
        ck_assert_uint_eq(n, n_small);
        for (size_t j = 0; j < n; j++)
            exact[j] = (double)(float)exact[j];
        api_assert_same(small, exact, n * sizeof *small, tensor.name);
        free(exact);
        free(small);
    }
}

/* --- Data --------------------------------------------------------------------------- */

static void fill_x(struct data *data, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        const double value = api_number(seed, i);
        const int is_byte = data->rows.dtype == MLPBN_U8;
        api_store(data->x, data->rows.dtype, i,
                  is_byte ? floor(128 + 128 * value) : 1.385 * value + 0.0723);
    }
}

void data_make(struct data *data, mlpbn_dtype dtype, size_t n, size_t inputs,
               size_t outputs, uint64_t seed)
{
    OK(mlpbn_rows_init(&data->rows, sizeof data->rows));
    data->x = api_alloc(n * inputs, api_dtype_size(dtype));
    data->labels = api_alloc(n, sizeof *data->labels);
    data->targets = api_numbers(n * outputs, seed + 1, 1.171, 0.2385);
    for (size_t i = 0; i < n; i++)
        data->labels[i] =
            (int32_t)((double)outputs * (0.5 + 0.5 * api_number(seed + 2, i)));
    data->rows.n = n;
    data->rows.data = data->x;
    data->rows.dtype = dtype;
    data->rows.columns = inputs;
    data->rows.labels = data->labels;
    data->rows.targets = data->targets;
    data->rows.target_dtype = MLPBN_F64;
    data->rows.target_columns = outputs;
    fill_x(data, n * inputs, seed);
}

void data_make_probabilities(struct data *data)
{
    for (size_t i = 0; i < data->rows.n * data->rows.target_columns; i++)
        data->targets[i] = 0.5 + 0.5 * tanh(data->targets[i]);
}

void data_free(struct data *data)
{
    free(data->x);
    free(data->labels);
    free(data->targets);
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

/* --- A world ------------------------------------------------------------------------ */

void world_make(struct world *world, mlpbn_dtype dtype)
{
    const struct recipe recipe = {.dtype = dtype,
                                  .inputs = WORLD_INPUTS,
                                  .units = {WORLD_HIDDEN, WORLD_OUTPUTS},
                                  .batchnorm = 1};

    world->network = api_network(&recipe);
    world->workspace = api_workspace(world->network, WORLD_MAX, 1);
    world->optimizer = api_optimizer(world->network, 0.0385, 0.873, 0);
    data_make(&world->data, dtype, WORLD_ROWS, WORLD_INPUTS, WORLD_OUTPUTS, 71);
    OK(mlpbn_train_step(world->network, world->optimizer, world->workspace,
                        &world->data.rows, NULL, NULL));
}

void world_free(struct world *world)
{
    mlpbn_optimizer_destroy(world->optimizer);
    mlpbn_workspace_destroy(world->workspace);
    mlpbn_network_destroy(world->network);
    data_free(&world->data);
}

void world_assert_twins(struct world *a, struct world *b)
{
    struct world *const both[] = {a, b};

    api_assert_twins(a->network, b->network, "network");
    for (size_t i = 0; i < LENGTH(both); i++)
        OK(mlpbn_train_step(both[i]->network, both[i]->optimizer, both[i]->workspace,
                            &both[i]->data.rows, NULL, NULL));
    api_assert_twins(a->network, b->network, "network after one more step");
}

/* --- Suites ------------------------------------------------------------------------- */

enum { SECONDS = 120 }; /* slow under sanitizers on a busy machine */

Suite *api_suite(const char *name, TCase **tests)
{
    Suite *suite = suite_create(name);
    *tests = tcase_create(name);
    tcase_set_timeout(*tests, SECONDS);
    suite_add_tcase(suite, *tests);
    return suite;
}

TCase *api_large_case(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, SECONDS);
    tcase_set_tags(tests, "large");
    suite_add_tcase(suite, tests);
    return tests;
}
