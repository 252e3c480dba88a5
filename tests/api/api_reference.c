#include "api_reference.h"

#include <math.h>
#include <stdlib.h>

static void standardize(double *x, const mlpbn_network *network, size_t n)
{
    const size_t columns = mlpbn_network_inputs(network);
    double *mean = api_alloc(columns, sizeof *mean);
    double *std = api_alloc(columns, sizeof *std);

    OK(mlpbn_network_get_standardization(network, mean, std, columns));
    for (size_t i = 0; i < n * columns; i++)
        x[i] = (x[i] - mean[i % columns]) / std[i % columns];
    free(mean);
    free(std);
}

/* z = x W^T + b, to be freed. */
static double *dense(const mlpbn_network *network, size_t l, const double *x, size_t n)
{
    const mlpbn_layer *layer = mlpbn_network_layer(network, l);
    const size_t inputs = mlpbn_layer_inputs(layer), units = mlpbn_layer_units(layer);
    double *weight = api_tensor(network, l, MLPBN_WEIGHT, NULL);
    double *bias = api_tensor(network, l, MLPBN_BIAS, NULL);
    double *z = api_alloc(n * units, sizeof *z);

    for (size_t i = 0; i < n; i++)
        for (size_t u = 0; u < units; u++) {
            double sum = bias ? bias[u] : 0;
            for (size_t j = 0; j < inputs; j++)
                sum += x[i * inputs + j] * weight[u * inputs + j];
            z[i * units + u] = sum;
        }
    free(weight);
    free(bias);
    return z;
}

static void batch_statistics(double *mean, double *var, const double *z, size_t n,
                             size_t units)
{
    for (size_t u = 0; u < units; u++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += z[i * units + u];
        mean[u] = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += (z[i * units + u] - mean[u]) * (z[i * units + u] - mean[u]);
        var[u] = squares / (double)n;
    }
}

static void normalize(const mlpbn_network *network, size_t l, double *z, size_t n,
                      const double *mean, const double *var)
{
    const size_t units = mlpbn_layer_units(mlpbn_network_layer(network, l));
    double *gamma = api_tensor(network, l, MLPBN_GAMMA, NULL);
    double *beta = api_tensor(network, l, MLPBN_BETA, NULL);
    const double eps =
        mlpbn_batchnorm_eps(mlpbn_layer_batchnorm(mlpbn_network_layer(network, l)));

    for (size_t i = 0; i < n * units; i++) {
        const size_t u = i % units;
        z[i] = (z[i] - mean[u]) / sqrt(var[u] + eps);
        if (gamma)
            z[i] = gamma[u] * z[i] + beta[u];
    }
    free(gamma);
    free(beta);
}

static void batchnorm(struct reference *reference, const mlpbn_network *network, size_t l,
                      double *z, size_t n, enum reference_mode mode)
{
    size_t units;
    double *mean = api_tensor(network, l, MLPBN_RUNNING_MEAN, &units);
    double *var = api_tensor(network, l, MLPBN_RUNNING_VAR, NULL);

    if (mode == REFERENCE_TRAIN)
        batch_statistics(mean, var, z, n, units);
    normalize(network, l, z, n, mean, var);
    reference->mean[l] = mean;
    reference->var[l] = var;
}

/* As mlpbn/layer.h has it, for z of ordinary size. */
static double activation(mlpbn_activation f, double alpha, double z)
{
    const double s = 1 / (1 + exp(-z)), pi = acos(-1);
    switch (f) {
    case MLPBN_RELU:
        return fmax(z, 0);
    case MLPBN_LEAKY_RELU:
        return z > 0 ? z : alpha * z;
    case MLPBN_ELU:
        return z > 0 ? z : alpha * (exp(z) - 1);
    case MLPBN_SELU:
        return 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * (exp(z) - 1));
    case MLPBN_SIGMOID:
        return s;
    case MLPBN_TANH:
        return (exp(z) - exp(-z)) / (exp(z) + exp(-z));
    case MLPBN_SOFTPLUS:
        return log(1 + exp(z));
    case MLPBN_SILU:
        return z * s;
    case MLPBN_GELU:
        return z * (1 + erf(z / sqrt(2))) / 2;
    case MLPBN_GELU_TANH:
        return z * (1 + tanh(sqrt(2 / pi) * (z + 0.044715 * z * z * z))) / 2;
    case MLPBN_IDENTITY:
    case MLPBN_SOFTMAX:
        break;
    }
    return z;
}

static void softmax(double *z, size_t n, size_t units)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t u = 0; u < units; u++)
            sum += z[i * units + u] = exp(z[i * units + u]);
        for (size_t u = 0; u < units; u++)
            z[i * units + u] /= sum;
    }
}

static void activate(struct reference *reference, const mlpbn_layer *layer, double *z,
                     size_t n)
{
    const mlpbn_activation f = mlpbn_layer_activation(layer);
    const size_t units = mlpbn_layer_units(layer);
    const int has_kink =
        f == MLPBN_RELU || f == MLPBN_LEAKY_RELU || f == MLPBN_ELU || f == MLPBN_SELU;
    for (size_t i = 0; i < n * units; i++) {
        if (has_kink)
            reference->kink = fmin(reference->kink, fabs(z[i]));
        z[i] = activation(f, mlpbn_layer_alpha(layer), z[i]);
    }
    if (f == MLPBN_SOFTMAX)
        softmax(z, n, units);
}

struct reference reference_run(const mlpbn_network *network, const mlpbn_rows *rows,
                               enum reference_mode mode)
{
    struct reference reference = {.kink = HUGE_VAL};
    double *x = data_x(rows);

    standardize(x, network, rows->n);
    for (size_t l = 0; l < mlpbn_network_layers(network); l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(network, l);
        double *z = dense(network, l, x, rows->n);
        const mlpbn_batchnorm *normalizes = mlpbn_layer_batchnorm(layer);
        const int after = normalizes && mlpbn_batchnorm_after_activation(normalizes);
        if (normalizes && !after)
            batchnorm(&reference, network, l, z, rows->n, mode);
        activate(&reference, layer, z, rows->n);
        if (after)
            batchnorm(&reference, network, l, z, rows->n, mode);
        free(x);
        x = z;
    }
    reference.y = x;
    return reference;
}

void reference_free(struct reference *reference)
{
    free(reference->y);
    for (size_t l = 0; l < MAX_LAYERS; l++) {
        free(reference->mean[l]);
        free(reference->var[l]);
    }
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
    free(targets);
    free(labels);
    return sum / divisor;
}

static double *cross_entropy_dy(const double *y, const mlpbn_rows *rows, size_t k)
{
    int32_t *labels = data_labels(rows);
    double *dy = api_alloc(rows->n * k, sizeof *dy);
    for (size_t i = 0; i < rows->n * k; i++) {
        const size_t row = i / k;
        const double p = exp(y[i] - log_sum_exp(y + row * k, k));
        dy[i] = (p - (i % k == (size_t)labels[row])) / (double)rows->n;
    }
    free(labels);
    return dy;
}

static double *mean_squared_error_dy(const double *y, const mlpbn_rows *rows, size_t k)
{
    double *dy = data_targets(rows);
    for (size_t i = 0; i < rows->n * k; i++)
        dy[i] = 2 * (y[i] - dy[i]) / (double)(rows->n * k);
    return dy;
}

double *reference_dy(mlpbn_loss loss, const double *y, const mlpbn_rows *rows)
{
    const size_t k = rows->target_columns;
    return loss == MLPBN_MEAN_SQUARED_ERROR ? mean_squared_error_dy(y, rows, k)
                                            : cross_entropy_dy(y, rows, k);
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
    free(labels);
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
        free(values);
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
