/* Deep linear networks, whose outputs and gradients are plain products of matrices: these
 * in all sizes, forward and backward, against loops. */
#include "api_reference.h"

#include <stdlib.h>
#include <string.h>

/* Sizes around those at which products are cut into tiles, chunks and panels, or given to
 * a BLAS; batches of max_batch rows and fewer. */
static const struct {
    struct recipe recipe;
    size_t max_batch;
} shapes[] = {
    {{.inputs = 1, .units = {1}}, 3},
    {{.inputs = 5, .units = {2}, .no_bias = 1}, 9},
    {{.inputs = 3, .units = {5, 4}}, 16},
    {{.inputs = 16, .units = {15, 33}, .no_bias = 2}, 17},
    {{.inputs = 33, .units = {60, 61, 7}}, 65},
    {{.inputs = 1100, .units = {6, 3}}, 61},
    {{.inputs = 7, .units = {530, 2}}, 121},
    {{.inputs = 270, .units = {257, 3}}, 260},
    {{.inputs = 9, .units = {300, 270}}, 261},
};

/* One batch and what it must give. a[0] is x, d[l] the derivative by a[l]. */
struct expected {
    size_t n, layers;
    double *a[MAX_LAYERS + 1], *d[MAX_LAYERS + 1];
};

static size_t width(const mlpbn_network *network, size_t l)
{
    return l ? mlpbn_layer_units(mlpbn_network_layer(network, l - 1))
             : mlpbn_network_inputs(network);
}

/* a[l + 1] = a[l] W^T + b */
static void go_forward(struct expected *e, const mlpbn_network *network, size_t l)
{
    const size_t inputs = width(network, l), units = width(network, l + 1);
    double *weight = api_tensor(network, l, MLPBN_WEIGHT, NULL);
    double *bias = api_tensor(network, l, MLPBN_BIAS, NULL);

    e->a[l + 1] = api_alloc(e->n * units, sizeof(double));
    for (size_t i = 0; i < e->n; i++)
        for (size_t u = 0; u < units; u++) {
            double sum = bias ? bias[u] : 0;
            for (size_t j = 0; j < inputs; j++)
                sum += weight[u * inputs + j] * e->a[l][i * inputs + j];
            e->a[l + 1][i * units + u] = sum;
        }
    free(weight);
    free(bias);
}

/* d[l] = d[l + 1] W */
static void go_backward(struct expected *e, const mlpbn_network *network, size_t l)
{
    const size_t inputs = width(network, l), units = width(network, l + 1);
    double *weight = api_tensor(network, l, MLPBN_WEIGHT, NULL);

    e->d[l] = api_alloc(e->n * inputs, sizeof(double));
    for (size_t i = 0; i < e->n; i++)
        for (size_t u = 0; u < units; u++)
            for (size_t j = 0; j < inputs; j++)
                e->d[l][i * inputs + j] +=
                    e->d[l + 1][i * units + u] * weight[u * inputs + j];
    free(weight);
}

static struct expected expect(const mlpbn_network *network, const mlpbn_rows *rows)
{
    struct expected e = {.n = rows->n, .layers = mlpbn_network_layers(network)};

    e.a[0] = data_x(rows);
    for (size_t l = 0; l < e.layers; l++)
        go_forward(&e, network, l);
    e.d[e.layers] = api_numbers(e.n * width(network, e.layers), 5, 0.731, 0.0173);
    for (size_t l = e.layers; l-- > 0;)
        go_backward(&e, network, l);
    return e;
}

static void free_expected(struct expected *e)
{
    for (size_t l = 0; l <= e->layers; l++) {
        free(e->a[l]);
        free(e->d[l]);
    }
}

/* Sums of so many terms of this size, each off by an epsilon. */
static double tolerance(const mlpbn_network *network, const struct expected *e,
                        const double *values, size_t n)
{
    return ((double)e->n * api_epsilon(mlpbn_network_dtype(network)) +
            2 * reference_tolerance(network)) *
           fmax(1, api_largest(values, n));
}

static void assert_matrix(const mlpbn_network *network, const struct expected *e,
                          const double *got, const double *wanted, size_t n,
                          const char *what)
{
    api_assert_close(got, wanted, n, tolerance(network, e, wanted, n), what);
}

/* dW = d[l + 1]^T a[l] and db = the sum of d[l + 1], at their places in the gradients. */
static void check_layer(const mlpbn_network *network, const struct expected *e, size_t l,
                        const double *gradients)
{
    const size_t inputs = width(network, l), units = width(network, l + 1);
    const mlpbn_tensor weight = api_describe(network, api_find(network, l, MLPBN_WEIGHT));
    const size_t bias = api_find(network, l, MLPBN_BIAS);
    double *dw = api_alloc(inputs * units, sizeof *dw),
           *db = api_alloc(units, sizeof *db);

    for (size_t i = 0; i < e->n; i++)
        for (size_t u = 0; u < units; u++) {
            const double d = e->d[l + 1][i * units + u];
            db[u] += d;
            for (size_t j = 0; j < inputs; j++)
                dw[u * inputs + j] += d * e->a[l][i * inputs + j];
        }
    for (size_t u = 0; u < units; u++)
        assert_matrix(network, e, gradients + weight.offset + u * weight.stride,
                      dw + u * inputs, inputs, weight.name);
    if (bias < mlpbn_network_tensors(network))
        assert_matrix(network, e, gradients + api_describe(network, bias).offset, db,
                      units, "bias");
    free(dw);
    free(db);
}

static void check_batch(const mlpbn_network *network, mlpbn_workspace *workspace,
                        const mlpbn_rows *rows)
{
    struct expected e = expect(network, rows);
    const size_t n_x = e.n * width(network, 0), n_y = e.n * width(network, e.layers);
    double *y = api_alloc(n_y, sizeof *y), *dx = api_alloc(n_x, sizeof *dx);
    size_t n;

    OK(api_predict(network, workspace, rows, y));
    assert_matrix(network, &e, y, e.a[e.layers], n_y, "predicted y");
    memset(y, 0, n_y * sizeof *y);
    OK(api_forward(network, workspace, rows, y));
    assert_matrix(network, &e, y, e.a[e.layers], n_y, "y");
    OK(api_backward(network, workspace, e.n, e.d[e.layers], dx));
    assert_matrix(network, &e, dx, e.d[0], n_x, "dx");
    double *gradients = api_gradients(network, workspace, &n);
    for (size_t l = 0; l < e.layers; l++)
        check_layer(network, &e, l, gradients);
    free(gradients);
    free(y);
    free(dx);
    free_expected(&e);
}

/* Leaves the workspace full of NaN, none of which may show in what comes next. */
static void poison(const mlpbn_network *network, mlpbn_workspace *workspace,
                   const mlpbn_rows *rows)
{
    const size_t n = rows->n * rows->columns;
    mlpbn_rows bad = *rows;
    double *x = api_alloc(n, sizeof *x);

    for (size_t i = 0; i < n; i++)
        x[i] = API_NAN;
    bad.data = x;
    bad.dtype = MLPBN_F64;
    FAILS(MLPBN_ENONFINITE, "", mlpbn_gradient(network, workspace, &bad, NULL, NULL));
    free(x);
}

/* A large batch, then smaller ones in the same workspace. */
static void check_shape(const struct recipe *recipe, size_t max_batch)
{
    const size_t batches[] = {max_batch, max_batch / 4 + 1, 1};
    mlpbn_network *network = api_network(recipe);
    mlpbn_workspace *workspace = api_workspace(network, max_batch, 2);
    struct data data;

    data_make(&data, MLPBN_F32, max_batch, recipe->inputs, mlpbn_network_outputs(network),
              3);
    poison(network, workspace, &data.rows);
    for (size_t b = 0; b < LENGTH(batches); b++) {
        data.rows.n = batches[b];
        check_batch(network, workspace, &data.rows);
    }
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}

START_TEST(products_of_all_sizes)
{
    for (size_t d = 0; d < N_DTYPES; d++) {
        struct recipe recipe = shapes[_i].recipe;
        recipe.dtype = api_dtypes[d];
        recipe.linear = 1;
        check_shape(&recipe, shapes[_i].max_batch);
    }
}
END_TEST

Suite *linear_suite(void)
{
    Suite *suite = suite_create("linear");
    TCase *tests = api_large_case(suite, "linear");
    tcase_add_loop_test(tests, products_of_all_sizes, 0, LENGTH(shapes));
    return suite;
}
