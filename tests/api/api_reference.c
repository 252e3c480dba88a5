#include "api_reference.h"

#include "../reference/activation_reference.h"

/* (x - mean) / std of all rows. */
static long double *inputs_of(const mlpbn_network *network, const mlpbn_rows *rows)
{
    const size_t columns = mlpbn_network_inputs(network), n = rows->n * columns;
    double *x = data_x(rows), *mean = api_alloc(columns, sizeof *mean);
    double *std = api_alloc(columns, sizeof *std);
    long double *result = api_alloc(n, sizeof *result);
    OK(mlpbn_network_get_standardization(network, mean, std, columns));
    for (size_t i = 0; i < n; i++)
        result[i] = ((long double)x[i] - (long double)mean[i % columns]) /
                    (long double)std[i % columns];
    return result;
}

long double *reference_dense(const mlpbn_network *network, size_t l, const long double *x,
                             size_t n)
{
    const mlpbn_layer *layer = mlpbn_network_layer(network, l);
    const size_t inputs = mlpbn_layer_inputs(layer), units = mlpbn_layer_units(layer);
    const double *weight = api_tensor(network, l, MLPBN_WEIGHT, NULL);
    const double *bias = api_tensor(network, l, MLPBN_BIAS, NULL);
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
    size_t units;
    double *mean = api_tensor(network, l, MLPBN_RUNNING_MEAN, &units);
    double *var = api_tensor(network, l, MLPBN_RUNNING_VAR, NULL);
    const double *gamma = api_tensor(network, l, MLPBN_GAMMA, NULL);
    const double *beta = api_tensor(network, l, MLPBN_BETA, NULL);
    const double eps = mlpbn_batchnorm_eps(api_batchnorm(network, l));
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
    for (size_t l = 0; l < mlpbn_network_layers(network); l++) {
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

/* log sum exp(y_i) */
static double log_sum_exp(const double *y, size_t k)
{
    double largest = -HUGE_VAL, sum = 0;
    for (size_t i = 0; i < k; i++)
        largest = fmax(largest, y[i]);
    for (size_t i = 0; i < k; i++)
        sum += exp(y[i] - largest);
    return largest + log(sum);
}

/* One row's loss for its label, or its targets. */
static double row_loss(const mlpbn_loss_options *o, const double *y, const double *target,
                       int32_t label, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < k; i++) {
        const double e = y[i] - target[i], d = o->huber_delta;
        const double c = o->class_weights ? o->class_weights[i] : 1;
        const double smooth = o->label_smoothing;
        const double wanted = smooth / (double)k + (i == (size_t)label ? 1 - smooth : 0);
        switch (o->loss) {
        case MLPBN_SOFTMAX_CROSS_ENTROPY:
            sum += c * wanted * (log_sum_exp(y, k) - y[i]);
            break;
        case MLPBN_SOFT_CROSS_ENTROPY:
            sum += c * target[i] * (log_sum_exp(y, k) - y[i]);
            break;
        case MLPBN_MEAN_SQUARED_ERROR:
            sum += e * e / (double)k;
            break;
        case MLPBN_SIGMOID_CROSS_ENTROPY:
            sum += (log(1 + exp(y[i])) - target[i] * y[i]) / (double)k;
            break;
        case MLPBN_MEAN_ABSOLUTE_ERROR:
            sum += fabs(e) / (double)k;
            break;
        case MLPBN_HUBER:
            sum += (fabs(e) > d ? d * (fabs(e) - d / 2) : e * e / 2) / (double)k;
            break;
        }
    }
    return sum;
}

double reference_loss(const mlpbn_loss_options *o, const double *y,
                      const mlpbn_rows *rows)
{
    const size_t k = rows->target_columns;
    const int by_label = o->loss == MLPBN_SOFTMAX_CROSS_ENTROPY;
    double *targets = data_targets(rows), sum = 0, divisor = 0;
    int32_t *labels = data_labels(rows);
    for (size_t i = 0; i < rows->n; i++) {
        const size_t r = rows->index ? rows->index[i] : i;
        const double w = rows->weights ? rows->weights[r] : 1;
        sum += w * row_loss(o, y + i * k, targets + i * k, labels[i], k);
        divisor += by_label && o->class_weights ? w * o->class_weights[labels[i]] : w;
    }
    return sum / divisor;
}

double *reference_dy(mlpbn_loss loss, const double *y, const mlpbn_rows *rows)
{
    const size_t k = rows->target_columns;
    const int is_mse = loss == MLPBN_MEAN_SQUARED_ERROR;
    double *dy = data_targets(rows);
    int32_t *labels = data_labels(rows);
    for (size_t i = 0; i < rows->n * k; i++) {
        const size_t row = i / k;
        const double p = exp(y[i] - log_sum_exp(y + row * k, k));
        dy[i] = is_mse ? 2 * (y[i] - dy[i]) / (double)(rows->n * k)
                       : (p - (i % k == (size_t)labels[row])) / (double)rows->n;
    }
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
    for (size_t t = 0; t < mlpbn_network_tensors(network); t++) {
        const mlpbn_tensor tensor = api_describe(network, t);
        size_t n;
        if (!(o->penalty_kinds & MLPBN_KIND_BIT(tensor.kind)))
            continue;
        double *values = api_tensor(network, tensor.layer, tensor.kind, &n);
        for (size_t i = 0; i < n; i++)
            sum += values[i] * values[i];
    }
    return (o->penalty == MLPBN_HALF_SUM_OF_SQUARES ? o->lambda / 2 : o->lambda) * sum;
}

double reference_tolerance(const mlpbn_network *network)
{
    size_t terms = 0;
    for (size_t l = 0; l < mlpbn_network_layers(network); l++)
        terms += mlpbn_layer_inputs(mlpbn_network_layer(network, l)) + 8;
    return (double)terms * api_epsilon(mlpbn_network_dtype(network));
}
