/* The gradient checks of the study; see gradient_study.h. */
#include "gradient_study.h"

#include "exact_cost.h"
#include "fatal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LAMBDA = 0.005;

const gradient_case gradient_cases[GRADIENT_CASES] = {
    {"4 layers, no batchnorm",
     4,
     {50, 50, 50, 10},
     false,
     4,
     {{2.0e-4, 8.2e-7}, {8.6e-5, 8.0e-7}, {4.8e-5, 4.7e-7}, {0.514, 4.3e-6}}},
    {"9 layers, batchnorm",
     9,
     {50, 30, 20, 20, 10, 10, 10, 10, 10},
     true,
     3,
     {{1.99, 6.9e-7, 1.91, 1.73},
      {1.99, 1.1e-6, 1.2e-6, 9.0e-6},
      {2.3e-6, 1.8e-7, 0, 0}}},
};

/* Kinds of tensors in the order of the study's tables. */
static const struct {
    mlpbn_tensor_kind kind;
    const char *name;
} kinds[GRADIENT_KINDS] = {
    {MLPBN_WEIGHT, "W"}, {MLPBN_BIAS, "b"}, {MLPBN_GAMMA, "gamma"}, {MLPBN_BETA, "beta"}};

void gradient_errors_clear(gradient_errors errors)
{
    for (size_t layer = 0; layer < GRADIENT_LAYERS; layer++)
        for (size_t kind = 0; kind < GRADIENT_KINDS; kind++)
            errors[layer][kind] = (double)NAN;
}

double *gradient_error_of(gradient_errors errors, const mlpbn_network *network,
                          size_t tensor)
{
    mlpbn_tensor t = MLPBN_TENSOR_INIT;
    require(mlpbn_network_tensor(&t, network, tensor), "tensor");
    for (size_t kind = 0; kind < GRADIENT_KINDS; kind++)
        if (kinds[kind].kind == t.kind)
            return &errors[t.layer][kind];
    return NULL;
}

mlpbn_loss_options gradient_loss(void)
{
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    loss.lambda = LAMBDA;
    return loss;
}

/* Returns a copy of the gradient of all parameters. */
static double *copy_gradient(const mlpbn_network *network, const mlpbn_rows *rows,
                             size_t *n)
{
    const mlpbn_loss_options loss = gradient_loss();
    mlpbn_workspace *workspace;
    double *g;
    require(mlpbn_workspace_create(&workspace, network, NULL), "workspace");
    require(mlpbn_gradient(network, workspace, rows, &loss, NULL), "gradient");
    require(mlpbn_workspace_gradients_f64(&g, n, workspace), "gradient");
    double *copy = calloc(*n, sizeof *copy);
    if (!copy)
        fatal("no memory for a gradient");
    memcpy(copy, g, *n * sizeof *copy);
    mlpbn_workspace_destroy(workspace);
    return copy;
}

static double max_abs(const double *g, size_t n)
{
    double max = 0;
    for (size_t i = 0; i < n; i++)
        max = fmax(max, fabs(g[i]));
    return max;
}

/* Returns the reference value of element e of a tensor's gradient. In the array of all gradients
 * this element has the given index. */
typedef double reference_fn(void *context, size_t tensor, size_t e, size_t index);

/* Computes relative errors as mlpbn_gradcheck defines them. */
static void compare(gradient_errors errors, const mlpbn_network *network, const double *g,
                    size_t n, reference_fn *reference, void *context)
{
    const double min_size = 1e-4 * max_abs(g, n);
    gradient_errors_clear(errors);
    for (size_t t = 0; t < mlpbn_network_n_tensors(network); t++) {
        mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
        double *error = gradient_error_of(errors, network, t);
        require(mlpbn_network_tensor(&tensor, network, t), "tensor");
        for (size_t e = 0; error && e < tensor.rows * tensor.columns; e++) {
            size_t index =
                tensor.offset + e / tensor.columns * tensor.stride + e % tensor.columns;
            double value = reference(context, t, e, index);
            double size = fmax(fmax(fabs(g[index]), fabs(value)), min_size);
            *error = fmax(*error, fabs(g[index] - value) / size);
        }
    }
}

static double exact_value(void *context, size_t tensor, size_t e, size_t index)
{
    (void)index;
    return (double)exact_cost_derivative(context, tensor, e);
}

bool gradient_errors_exact(gradient_errors errors, const mlpbn_network *network,
                           const mlpbn_rows *pictures)
{
    size_t n;
    exact_cost *cost = exact_cost_new(network, pictures, LAMBDA);
    double *g = copy_gradient(network, pictures, &n);
    if (!cost)
        fatal("no memory for the cost in long double");
    compare(errors, network, g, n, exact_value, cost);
    exact_cost_free(cost);
    free(g);
    bool passed = true;
    for (size_t t = 0; t < mlpbn_network_n_tensors(network); t++) {
        const double *error = gradient_error_of(errors, network, t);
        passed &= !error || *error <= 1e-7;
    }
    return passed || LDBL_MANT_DIG <= DBL_MANT_DIG;
}

static double array_value(void *context, size_t tensor, size_t e, size_t index)
{
    (void)tensor, (void)e;
    return ((const double *)context)[index];
}

/* Returns the gradient for standardized inputs rounded to float. */
static double *rounded_gradient(const mlpbn_network *network, const mlpbn_rows *pictures,
                                size_t *n)
{
    double mean[GRADIENT_COLUMNS], std[GRADIENT_COLUMNS];
    float *x = calloc(pictures->n, GRADIENT_COLUMNS * sizeof *x);
    mlpbn_network *copy;
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, pictures->n, GRADIENT_COLUMNS);
    if (!x)
        fatal("no memory for %zu pictures", pictures->n);
    rows.labels = pictures->labels;
    require(mlpbn_network_get_standardization(network, mean, std, GRADIENT_COLUMNS),
            "mean");
    require(mlpbn_network_clone(&copy, network, MLPBN_F64), "network");
    require(mlpbn_network_set_standardization(copy, NULL, NULL, 0), "standardization");
    for (size_t i = 0; i < pictures->n * GRADIENT_COLUMNS; i++) {
        size_t j = i % GRADIENT_COLUMNS;
        const uint8_t *row =
            (const uint8_t *)pictures->data + i / GRADIENT_COLUMNS * pictures->stride;
        x[i] = (float)((row[j] - mean[j]) / std[j]);
    }
    double *g = copy_gradient(copy, &rows, n);
    mlpbn_network_destroy(copy);
    free(x);
    return g;
}

void gradient_errors_rounded(gradient_errors errors, const mlpbn_network *network,
                             const mlpbn_rows *pictures)
{
    size_t n;
    double *g = copy_gradient(network, pictures, &n);
    double *rounded = rounded_gradient(network, pictures, &n);
    compare(errors, network, g, n, array_value, rounded);
    free(g);
    free(rounded);
}

static void print_error(double error)
{
    if (isnan(error))
        printf("%10s", "");
    else
        printf("%10.1e", error);
}

void gradient_table_print(const gradient_case *c, gradient_errors rounded,
                          gradient_errors f32, gradient_errors exact, gradient_errors f64)
{
    printf("\n%s\n%-10s%10s%10s%10s%10s%10s\n", c->name, "tensor", "published",
           "x in f32", "f32", "exact", "f64");
    for (size_t kind = 0; kind < GRADIENT_KINDS; kind++)
        for (size_t layer = 0; layer < GRADIENT_LAYERS; layer++) {
            if (isnan(f64[layer][kind]))
                continue;
            printf("%-6s%2zu  ", kinds[kind].name, layer + 1);
            print_error(layer < c->n_published ? c->published[layer][kind] : (double)NAN);
            print_error(rounded[layer][kind]);
            print_error(f32[layer][kind]);
            print_error(exact[layer][kind]);
            print_error(f64[layer][kind]);
            putchar('\n');
        }
}
