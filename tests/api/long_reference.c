#include "long_reference.h"

#include <stdlib.h>

static long double logistic(long double z)
{
    return 1 / (1 + expl(-z));
}

static long double elu(long double z, long double alpha)
{
    return z > 0 ? z : alpha * expm1l(z);
}

static long double activate(mlpbn_activation activation, long double alpha, long double z)
{
    switch (activation) {
    case MLPBN_RELU:
        return z > 0 ? z : 0;
    case MLPBN_LEAKY_RELU:
        return z > 0 ? z : alpha * z;
    case MLPBN_ELU:
        return elu(z, alpha);
    case MLPBN_SELU:
        return 1.0507009873554804934193349852946L *
               elu(z, 1.6732632423543772848170429916717L);
    case MLPBN_SIGMOID:
        return logistic(z);
    case MLPBN_TANH:
        return tanhl(z);
    case MLPBN_SOFTPLUS:
        return log1pl(expl(z));
    case MLPBN_SILU:
        return z * logistic(z);
    case MLPBN_GELU:
        return z * erfcl(-z / sqrtl(2)) / 2;
    case MLPBN_GELU_TANH:
        return z * logistic(2 * sqrtl(2 / acosl(-1)) * (z + 0.044715L * z * z * z));
    case MLPBN_IDENTITY:
    case MLPBN_SOFTMAX:
        break;
    }
    return z;
}

static void softmax(long double *y, size_t n)
{
    long double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += y[k] = expl(y[k]);
    for (size_t k = 0; k < n; k++)
        y[k] /= sum;
}

/* The numbers of a layer; NULL where it has none. */
struct numbers {
    double *weight, *bias, *gamma, *beta, *mean, *var;
};

static struct numbers read_numbers(const mlpbn_network *network, size_t l)
{
    return (struct numbers){.weight = api_tensor(network, l, MLPBN_WEIGHT, NULL),
                            .bias = api_tensor(network, l, MLPBN_BIAS, NULL),
                            .gamma = api_tensor(network, l, MLPBN_GAMMA, NULL),
                            .beta = api_tensor(network, l, MLPBN_BETA, NULL),
                            .mean = api_tensor(network, l, MLPBN_RUNNING_MEAN, NULL),
                            .var = api_tensor(network, l, MLPBN_RUNNING_VAR, NULL)};
}

static void free_numbers(struct numbers *numbers)
{
    free(numbers->weight);
    free(numbers->bias);
    free(numbers->gamma);
    free(numbers->beta);
    free(numbers->mean);
    free(numbers->var);
}

static long double normalize(const struct numbers *p, size_t u, double eps, long double z)
{
    const long double xhat =
        (z - (long double)p->mean[u]) / sqrtl((long double)p->var[u] + (long double)eps);
    return p->gamma ? (long double)p->gamma[u] * xhat + (long double)p->beta[u] : xhat;
}

static void run_layer(const mlpbn_layer *layer, const struct numbers *p,
                      const long double *x, long double *y)
{
    const mlpbn_batchnorm *batchnorm = mlpbn_layer_batchnorm(layer);
    const int after = batchnorm && mlpbn_batchnorm_after_activation(batchnorm);
    const double eps = batchnorm ? mlpbn_batchnorm_eps(batchnorm) : 0;
    const size_t inputs = mlpbn_layer_inputs(layer), units = mlpbn_layer_units(layer);

    for (size_t u = 0; u < units; u++) {
        long double z = p->bias ? (long double)p->bias[u] : 0;
        for (size_t j = 0; j < inputs; j++)
            z += (long double)p->weight[u * inputs + j] * x[j];
        if (batchnorm && !after)
            z = normalize(p, u, eps, z);
        z = activate(mlpbn_layer_activation(layer), (long double)mlpbn_layer_alpha(layer),
                     z);
        y[u] = after ? normalize(p, u, eps, z) : z;
    }
    if (mlpbn_layer_activation(layer) == MLPBN_SOFTMAX)
        softmax(y, units);
}

/* x of all rows, standardized. */
static long double *read_inputs(const mlpbn_network *network, const mlpbn_rows *rows)
{
    const size_t inputs = mlpbn_network_inputs(network);
    double *x = data_x(rows), *mean = api_alloc(inputs, sizeof *mean);
    double *std = api_alloc(inputs, sizeof *std);
    long double *result = api_alloc(rows->n * inputs, sizeof *result);

    OK(mlpbn_network_get_standardization(network, mean, std, inputs));
    for (size_t i = 0; i < rows->n * inputs; i++)
        result[i] = ((long double)x[i] - (long double)mean[i % inputs]) /
                    (long double)std[i % inputs];
    free(x);
    free(mean);
    free(std);
    return result;
}

long double *long_outputs(const mlpbn_network *network, const mlpbn_rows *rows)
{
    long double *x = read_inputs(network, rows);
    for (size_t l = 0; l < mlpbn_network_layers(network); l++) {
        const mlpbn_layer *layer = mlpbn_network_layer(network, l);
        const size_t inputs = mlpbn_layer_inputs(layer), units = mlpbn_layer_units(layer);
        struct numbers numbers = read_numbers(network, l);
        long double *y = api_alloc(rows->n * units, sizeof *y);
        for (size_t i = 0; i < rows->n; i++)
            run_layer(layer, &numbers, x + i * inputs, y + i * units);
        free_numbers(&numbers);
        free(x);
        x = y;
    }
    return x;
}

double long_error(const double *y, const long double *exact, size_t n)
{
    long double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmaxl(largest, fabsl((long double)y[i] - exact[i]));
    return (double)largest;
}
