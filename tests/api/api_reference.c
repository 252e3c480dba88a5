#include "api_reference.h"

#include "../reference/activation_reference.h"
#include "../reference/loss_reference.h"

long double *reference_widened(const double *values, size_t n)
{
    long double *copy = api_alloc(n, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = (long double)values[i];
    return copy;
}

/* (x - mean) / std of all rows. */
static long double *inputs_of(const mlpbn_network *network, const mlpbn_rows *rows)
{
    const size_t columns = mlpbn_network_inputs(network), n = rows->n * columns;
    double *mean = api_alloc(columns, sizeof *mean),
           *std = api_alloc(columns, sizeof *std);
    long double *x = reference_widened(data_x(rows), n);
    OK(mlpbn_network_get_standardization(network, mean, std, columns));
    for (size_t i = 0; i < n; i++)
        x[i] = (x[i] - (long double)mean[i % columns]) / (long double)std[i % columns];
    return x;
}

long double *reference_dense(const mlpbn_network *network, size_t l, const long double *x,
                             size_t n)
{
    const mlpbn_layer *layer = mlpbn_network_layer(network, l);
    const size_t inputs = mlpbn_layer_inputs(layer), units = mlpbn_layer_units(layer);
    const double *weight = api_tensor(network, l, MLPBN_WEIGHT);
    const double *bias = api_tensor(network, l, MLPBN_BIAS);
    long double *z = api_alloc(n * units, sizeof *z);
    for (size_t i = 0; i < n; i++)
        for (size_t u = 0; u < units; u++) {
            long double sum = bias ? (long double)bias[u] : 0;
            for (size_t j = 0; j < inputs; j++)
                sum += x[i * inputs + j] * (long double)weight[u * inputs + j];
            z[i * units + u] = sum;
        }
    return z;
}

static void batchnorm(struct reference *reference, const mlpbn_network *network, size_t l,
                      long double *z, size_t n, enum reference_mode mode)
{
    double *mean = api_tensor(network, l, MLPBN_RUNNING_MEAN);
    double *var = api_tensor(network, l, MLPBN_RUNNING_VAR);
    const double *gamma = api_tensor(network, l, MLPBN_GAMMA);
    const double *beta = api_tensor(network, l, MLPBN_BETA);
    const double eps = mlpbn_batchnorm_eps(api_batchnorm(network, l));
    const size_t units = api_length(mean);
    for (size_t u = 0; u < units && mode == REFERENCE_TRAIN; u++) {
        long double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += z[i * units + u] / (long double)n;
        for (size_t i = 0; i < n; i++)
            squares += (z[i * units + u] - sum) * (z[i * units + u] - sum);
        mean[u] = (double)sum;
        var[u] = (double)(squares / (long double)n);
    }
    for (size_t i = 0; i < n * units; i++) {
        const size_t u = i % units;
        z[i] =
            (z[i] - (long double)mean[u]) / sqrtl((long double)var[u] + (long double)eps);
        if (gamma)
            z[i] = (long double)gamma[u] * z[i] + (long double)beta[u];
    }
    reference->mean[l] = mean;
    reference->var[l] = var;
}

static void activate(struct reference *reference, const mlpbn_layer *layer,
                     long double *z, size_t n)
{
    const mlpbn_activation f = mlpbn_layer_activation(layer);
    const long double alpha = (long double)mlpbn_layer_alpha(layer);
    const size_t units = mlpbn_layer_units(layer);
    for (size_t row = 0; row < n; row++, z += units) {
        long double sum = 0;
        for (size_t u = 0; u < units; u++) {
            reference->kink = fmin(reference->kink, activation_reference_kink(f, z[u]));
            z[u] = activation_reference(f, alpha, z[u]);
            sum += expl(z[u]);
        }
        for (size_t u = 0; u < units && f == MLPBN_SOFTMAX; u++)
            z[u] = expl(z[u]) / sum;
    }
}

struct reference reference_run(const mlpbn_network *network, const mlpbn_rows *rows,
                               enum reference_mode mode)
{
    struct reference reference = {.kink = HUGE_VAL};
    const size_t n_y = rows->n * mlpbn_network_outputs(network);
    long double *z = inputs_of(network, rows);
    for (size_t l = 0; l < mlpbn_network_n_layers(network); l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(network, l);
        const mlpbn_batchnorm *normalizes = mlpbn_layer_batchnorm(layer);
        const int after = normalizes && mlpbn_batchnorm_after_activation(normalizes);
        z = reference_dense(network, l, z, rows->n);
        if (normalizes && !after)
            batchnorm(&reference, network, l, z, rows->n, mode);
        activate(&reference, layer, z, rows->n);
        if (after)
            batchnorm(&reference, network, l, z, rows->n, mode);
    }
    reference.exact = z;
    reference.y = api_alloc(n_y, sizeof *reference.y);
    for (size_t i = 0; i < n_y; i++)
        reference.y[i] = (double)z[i];
    return reference;
}

/* The loss of each row; d receives the derivatives by y. */
static long double *row_losses(const mlpbn_loss_options *o, const double *y,
                               const mlpbn_rows *rows, long double *d)
{
    const size_t k = rows->target_columns, n = rows->n * k;
    const long double *outputs = reference_widened(y, n);
    const long double *targets = reference_widened(data_targets(rows), n);
    const int32_t *labels = data_labels(rows);
    long double *losses = api_alloc(rows->n, sizeof *losses);
    for (size_t i = 0; i < rows->n; i++)
        losses[i] =
            loss_reference(o, k, outputs + i * k, targets + i * k, labels[i], d + i * k);
    return losses;
}

double reference_loss(const mlpbn_loss_options *o, const double *y,
                      const mlpbn_rows *rows)
{
    const int by_label = o->loss == MLPBN_SOFTMAX_CROSS_ENTROPY;
    const int32_t *labels = data_labels(rows);
    long double *d = api_alloc(rows->n * rows->target_columns, sizeof *d);
    const long double *losses = row_losses(o, y, rows, d);
    double sum = 0, divisor = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const double w =
            rows->weights ? rows->weights[rows->index ? rows->index[i] : i] : 1;
        sum += w * (double)losses[i];
        divisor += by_label && o->class_weights ? w * o->class_weights[labels[i]] : w;
    }
    return o->reduction == MLPBN_REDUCTION_SUM              ? sum
           : o->reduction == MLPBN_REDUCTION_MEAN_OVER_ROWS ? sum / (double)rows->n
                                                            : sum / divisor;
}

double *reference_dy(mlpbn_loss loss, const double *y, const mlpbn_rows *rows)
{
    const mlpbn_loss_options options = api_loss_options(loss, 0);
    const size_t n = rows->n * rows->target_columns;
    long double *d = api_alloc(n, sizeof *d);
    double *dy = api_alloc(n, sizeof *dy);
    row_losses(&options, y, rows, d);
    for (size_t i = 0; i < n; i++)
        dy[i] = (double)(d[i] / (long double)rows->n);
    return dy;
}

size_t reference_correct(const double *y, const mlpbn_rows *rows)
{
    const size_t k = rows->target_columns;
    int32_t *labels = data_labels(rows);
    size_t correct = 0;
    for (size_t i = 0; i < rows->n; i++) {
        size_t first = 0;
        for (size_t j = 1; j < k; j++)
            if (y[i * k + j] > y[i * k + first])
                first = j;
        correct += first == (size_t)labels[i];
    }
    return correct;
}

double reference_penalty(const mlpbn_network *network, const mlpbn_loss_options *o)
{
    double sum = 0;
    for (size_t t = 0; t < mlpbn_network_n_tensors(network); t++) {
        const mlpbn_tensor tensor = api_describe(network, t);
        if (!(o->penalty_kinds & MLPBN_KIND_BIT(tensor.kind)))
            continue;
        double *values = api_tensor(network, tensor.layer, tensor.kind);
        for (size_t i = 0; i < api_length(values); i++)
            sum += values[i] * values[i];
    }
    return (o->penalty == MLPBN_L2_HALF_SUM ? o->lambda / 2 : o->lambda) * sum;
}

double reference_tolerance(const mlpbn_network *network)
{
    size_t terms = 0;
    for (size_t l = 0; l < mlpbn_network_n_layers(network); l++)
        terms += mlpbn_layer_inputs(mlpbn_network_layer(network, l)) + 8;
    return (double)terms * api_epsilon(mlpbn_network_dtype(network));
}
