/* Deep linear networks, whose outputs and gradients are plain products of matrices: these
 * in all sizes, forward and backward, against loops. */
#include "api_reference.h"

/* Sizes around those at which products are cut into tiles and blocks, or left to a BLAS;
 * batches of max_batch rows and fewer. */
static const struct {
    struct spec spec;
    size_t max_batch;
} shapes[] = {
    {{.inputs = 1, .units = {1}}, 3},
    {{.inputs = 5, .units = {2}, .no_bias_mask = 1}, 9},
    {{.inputs = 3, .units = {5, 4}}, 16},
    {{.inputs = 16, .units = {15, 33}, .no_bias_mask = 2}, 17},
    {{.inputs = 33, .units = {60, 61, 7}}, 65},
    {{.inputs = 1100, .units = {6, 3}}, 61},
    {{.inputs = 7, .units = {530, 2}}, 121},
    {{.inputs = 270, .units = {257, 3}}, 260},
    {{.inputs = 9, .units = {300, 270}}, 261},
};

/* Values that the library computes as sums of so many terms, each off by an epsilon. */
static void assert_product(const struct setup *s, const double *got,
                           const long double *exact, size_t n, const char *what)
{
    double *expected = api_alloc(n, sizeof *expected);
    for (size_t i = 0; i < n; i++)
        expected[i] = (double)exact[i];
    const double epsilons =
        (double)s->rows.n * api_epsilon(mlpbn_network_dtype(s->network)) +
        2 * reference_tolerance(s->network);
    api_assert_close(got, expected, n, epsilons * fmax(1, api_largest(expected)), what);
}

/* The gradient of layer l, and the derivative by its input, dx = d W: dW = d^T x and db =
 * the sum of d, where d is the derivative by its output. */
static long double *check_layer(const struct setup *s, size_t l, const long double *x,
                                const long double *d, const double *gradients)
{
    const mlpbn_layer *layer = mlpbn_network_layer(s->network, l);
    const size_t inputs = mlpbn_layer_inputs(layer), units = mlpbn_layer_units(layer);
    const mlpbn_tensor tensor =
        api_describe(s->network, api_find(s->network, l, MLPBN_WEIGHT));
    const size_t bias = api_find(s->network, l, MLPBN_BIAS);
    const double *weight = api_tensor(s->network, l, MLPBN_WEIGHT);
    long double *dw = api_alloc(inputs * units, sizeof *dw);
    long double *db = api_alloc(units, sizeof *db);
    long double *dx = api_alloc(s->rows.n * inputs, sizeof *dx);
    for (size_t i = 0; i < s->rows.n; i++)
        for (size_t u = 0; u < units; u++) {
            const long double derivative = d[i * units + u];
            db[u] += derivative;
            for (size_t j = 0; j < inputs; j++) {
                dw[u * inputs + j] += derivative * x[i * inputs + j];
                dx[i * inputs + j] += derivative * (long double)weight[u * inputs + j];
            }
        }
    for (size_t u = 0; u < units; u++)
        assert_product(s, gradients + tensor.offset + u * tensor.stride, dw + u * inputs,
                       inputs, tensor.name);
    if (bias < mlpbn_network_n_tensors(s->network))
        assert_product(s, gradients + api_describe(s->network, bias).offset, db, units,
                       "bias");
    return dx;
}

static void check_batch(const struct setup *s)
{
    const size_t n = s->rows.n, layers = mlpbn_network_n_layers(s->network);
    const size_t n_x = n * s->rows.columns, n_y = n * s->rows.target_columns;
    const double *dy = api_random(n_y, 5, 0.731, 0.0173);
    long double *x[MAX_LAYERS + 1] = {reference_widened(data_x(&s->rows), n_x)};
    for (size_t l = 0; l < layers; l++)
        x[l + 1] = reference_dense(s->network, l, x[l], n);
    assert_product(s, setup_predict(s), x[layers], n_y, "predicted y");
    assert_product(s, setup_forward(s), x[layers], n_y, "y");
    const double *dx = setup_backward(s, dy);
    const double *gradients = api_gradients(s->network, s->workspace);
    long double *d = reference_widened(dy, n_y);
    for (size_t l = layers; l-- > 0;)
        d = check_layer(s, l, x[l], d, gradients);
    assert_product(s, dx, d, n_x, "dx");
}

/* Leaves the workspace full of NaN, none of which may show in what comes next. */
static void poison(const struct setup *s)
{
    const size_t n = s->rows.n * s->rows.columns;
    mlpbn_rows bad = s->rows;
    bad.data = api_random(n, 1, 0, API_NAN);
    bad.dtype = MLPBN_F64;
    NONFINITE("", mlpbn_gradient(s->network, s->workspace, &bad, &api_squares, NULL));
}

/* A large batch, then smaller ones in the same workspace. */
LARGE_TEST(products_of_all_sizes, LENGTH(shapes) * N_DTYPES)
{
    const size_t max_batch = shapes[_i / N_DTYPES].max_batch;
    const size_t batches[] = {max_batch, max_batch / 4 + 1, 1};
    struct spec *spec = spec_of(&shapes[_i / N_DTYPES].spec, api_dtypes[_i % N_DTYPES]);
    spec->linear = 1;
    struct setup s = setup_of(spec, MLPBN_F32, max_batch);
    s.workspace = api_workspace(s.network, max_batch, 2);
    poison(&s);
    for (size_t b = 0; b < LENGTH(batches); b++) {
        s.rows.n = batches[b];
        check_batch(&s);
    }
}
