/* The cost in long double; see exact_cost.h. */
#include "exact_cost.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MAX_LAYERS = 16, KINDS = MLPBN_BETA + 1 };

typedef struct exact_layer {
    size_t inputs, units;
    long double eps;            /* of batchnorm; 0: no batchnorm */
    long double *params[KINDS]; /* by mlpbn_tensor_kind; NULL: none */
    long double *x;             /* [n][inputs], its input at the network's parameters */
    /* The sides of all ReLUs' kinks, hashed by evaluate() from this layer on, at the network's
     * parameters. A difference is valid if its four costs have the same pattern. */
    uint64_t pattern;
} exact_layer;

struct exact_cost {
    size_t n, n_layers;
    exact_layer layers[MAX_LAYERS];
    long double *z[2]; /* [n][max units], outputs of even and of odd layers */
    int32_t *labels;
    long double lambda;
    const mlpbn_network *network;
};

/* --- Memory ------------------------------------------------------------------------- */

static long double *new_array(size_t n)
{
    return calloc(n, sizeof(long double));
}

static bool read_tensor(exact_cost *c, size_t index)
{
    mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
    if (mlpbn_network_tensor(&tensor, c->network, index) != MLPBN_OK)
        return false;
    if (!tensor.is_parameter)
        return true;
    size_t n = tensor.rows * tensor.columns;
    double *values = calloc(n, sizeof *values);
    long double *params = new_array(n);
    c->layers[tensor.layer].params[tensor.kind] = params;
    bool read = values && params &&
                mlpbn_network_get_f64(c->network, index, values, n) == MLPBN_OK;
    for (size_t i = 0; read && i < n; i++)
        params[i] = (long double)values[i];
    free(values);
    return read;
}

static long double value_at(const mlpbn_rows *rows, size_t i)
{
    return rows->dtype == MLPBN_U8    ? ((const uint8_t *)rows->data)[i]
           : rows->dtype == MLPBN_F32 ? (long double)((const float *)rows->data)[i]
                                      : (long double)((const double *)rows->data)[i];
}

static bool read_rows(exact_cost *c, const mlpbn_rows *rows)
{
    size_t columns = rows->columns, stride = rows->stride ? rows->stride : columns;
    double *mean = calloc(columns, sizeof *mean), *std = calloc(columns, sizeof *std);
    bool read =
        mean && std &&
        mlpbn_network_get_standardization(c->network, mean, std, columns) == MLPBN_OK;
    for (size_t i = 0; read && i < rows->n * columns; i++) {
        size_t row = i / columns, j = i % columns;
        c->layers[0].x[i] = (value_at(rows, row * stride + j) - (long double)mean[j]) /
                            (long double)std[j];
        c->labels[row] = rows->labels[row];
    }
    free(mean);
    free(std);
    return read;
}

static bool make_layers(exact_cost *c)
{
    size_t max_units = 0;
    for (size_t l = 0; l < c->n_layers; l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(c->network, l);
        const mlpbn_batchnorm *batchnorm = mlpbn_layer_batchnorm(layer);
        exact_layer *exact = c->layers + l;
        exact->inputs = mlpbn_layer_inputs(layer);
        exact->units = mlpbn_layer_units(layer);
        exact->eps = batchnorm ? (long double)mlpbn_batchnorm_eps(batchnorm) : 0;
        exact->x = new_array(c->n * exact->inputs);
        if (!exact->x)
            return false;
        max_units = exact->units > max_units ? exact->units : max_units;
    }
    for (int i = 0; i < 2; i++)
        c->z[i] = new_array(c->n * max_units);
    return c->z[0] && c->z[1];
}

/* --- The cost ----------------------------------------------------------------------- */

/* Batch normalization of unit u over the batch. */
static void normalize(const exact_layer *layer, size_t n, size_t u, long double *z)
{
    long double mean = 0, variance = 0, m = (long double)n;
    for (size_t i = 0; i < n; i++)
        mean += z[i * layer->units + u] / m;
    for (size_t i = 0; i < n; i++)
        variance += powl(z[i * layer->units + u] - mean, 2) / m;
    for (size_t i = 0; i < n; i++) {
        long double *zi = z + i * layer->units + u;
        *zi =
            layer->params[MLPBN_GAMMA][u] * (*zi - mean) / sqrtl(variance + layer->eps) +
            layer->params[MLPBN_BETA][u];
    }
}

static void dense(const exact_layer *layer, size_t n, const long double *x,
                  long double *z)
{
    for (size_t i = 0; i < n; i++)
        for (size_t u = 0; u < layer->units; u++) {
            const long double *w = layer->params[MLPBN_WEIGHT] + u * layer->inputs;
            long double sum = layer->params[MLPBN_BIAS][u];
            for (size_t j = 0; j < layer->inputs; j++)
                sum += w[j] * x[i * layer->inputs + j];
            z[i * layer->units + u] = sum;
        }
    for (size_t u = 0; layer->eps > 0 && u < layer->units; u++)
        normalize(layer, n, u, z);
}

/* Applies ReLU to z. Hashes into *pattern on which side of the kink each element is. */
static void relu(size_t n, long double *z, uint64_t *pattern)
{
    for (size_t i = 0; i < n; i++) {
        *pattern = (*pattern ^ (z[i] > 0)) * UINT64_C(0x100000001B3); /* FNV-1a */
        z[i] = fmaxl(z[i], 0);
    }
}

static long double cross_entropy(const exact_cost *c, const long double *y, size_t k)
{
    long double mean = 0;
    for (size_t i = 0; i < c->n; i++) {
        long double sum = 0, label = y[i * k + (size_t)c->labels[i]];
        for (size_t j = 0; j < k; j++)
            sum += expl(y[i * k + j] - label);
        mean += logl(sum) / (long double)c->n;
    }
    return mean;
}

static long double penalty(const exact_layer *layer)
{
    long double sum = 0;
    for (size_t i = 0; i < layer->units * layer->inputs; i++)
        sum += layer->params[MLPBN_WEIGHT][i] * layer->params[MLPBN_WEIGHT][i];
    return sum;
}

/* Computes the cost from the input of layer `first` on. Only the penalty of that layer is added:
 * the penalties of the others cancel in a difference. */
static long double evaluate(exact_cost *c, size_t first, uint64_t *pattern)
{
    const long double *x = c->layers[first].x;
    *pattern = UINT64_C(0xCBF29CE484222325);
    for (size_t l = first; l < c->n_layers; l++) {
        long double *z = c->z[l % 2];
        dense(c->layers + l, c->n, x, z);
        if (l + 1 < c->n_layers)
            relu(c->n * c->layers[l].units, z, pattern);
        x = z;
    }
    return cross_entropy(c, x, c->layers[c->n_layers - 1].units) +
           c->lambda * penalty(c->layers + first);
}

static void fill_inputs(exact_cost *c)
{
    uint64_t pattern = 0;
    for (size_t l = 0; l + 1 < c->n_layers; l++) {
        const exact_layer *layer = c->layers + l;
        dense(layer, c->n, layer->x, layer[1].x);
        relu(c->n * layer->units, layer[1].x, &pattern);
    }
    for (size_t l = 0; l < c->n_layers; l++)
        evaluate(c, l, &c->layers[l].pattern);
}

/* --- Derivatives -------------------------------------------------------------------- */

/* The difference of fourth order, (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h. Returns false
 * if a ReLU's kink is within 2h. */
static bool difference(exact_cost *c, size_t layer, long double *p, long double h,
                       long double *derivative)
{
    static const int steps[] = {1, -1, 2, -2}, factors[] = {8, -8, -1, 1};
    const long double original = *p;
    uint64_t pattern;
    bool same = true;
    *derivative = 0;
    for (int i = 0; i < 4 && same; i++) {
        *p = original + steps[i] * h;
        *derivative += factors[i] * evaluate(c, layer, &pattern) / (12 * h);
        same = pattern == c->layers[layer].pattern;
    }
    *p = original;
    return same;
}

long double exact_cost_derivative(exact_cost *c, size_t tensor, size_t element)
{
    mlpbn_tensor t = MLPBN_TENSOR_INIT;
    long double derivative;
    if (mlpbn_network_tensor(&t, c->network, tensor) != MLPBN_OK)
        return (long double)NAN;
    for (long double h = 0x1p-18L; h > 0x1p-27L; h /= 8)
        if (difference(c, t.layer, c->layers[t.layer].params[t.kind] + element, h,
                       &derivative))
            return derivative;
    return (long double)NAN;
}

exact_cost *exact_cost_new(const mlpbn_network *network, const mlpbn_rows *rows,
                           double lambda)
{
    exact_cost *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->network = network;
    c->n = rows->n;
    c->n_layers = mlpbn_network_n_layers(network);
    c->lambda = (long double)lambda;
    c->labels = calloc(c->n, sizeof *c->labels);
    bool ok = c->labels && c->n_layers <= MAX_LAYERS && make_layers(c);
    for (size_t t = 0; ok && t < mlpbn_network_n_tensors(network); t++)
        ok = read_tensor(c, t);
    if (!ok || !read_rows(c, rows)) {
        exact_cost_free(c);
        return NULL;
    }
    fill_inputs(c);
    return c;
}

void exact_cost_free(exact_cost *c)
{
    for (size_t l = 0; c && l < c->n_layers && l < MAX_LAYERS; l++) {
        free(c->layers[l].x);
        for (size_t kind = 0; kind < KINDS; kind++)
            free(c->layers[l].params[kind]);
    }
    if (c) {
        free(c->z[0]);
        free(c->z[1]);
        free(c->labels);
    }
    free(c);
}
