/* The forward pass, in training and in prediction, layer by layer:
 *
 *   z = W x (+ b)     first layer: first_product.c; others: broadcast form
 *   batchnorm         of the batch, or by the running statistics
 *   a = f(z)
 */
#include "base/fail.h"
#include "kernel/kernels.h"
#include "train/activate.h"
#include "train/products.h"
#include "train/real_passes.h"

#include <math.h>

/* z[units][n] = W times the layer's input, which for the first layer is done before. */
static void multiply_weights(const mlpbn_layer *layer, mlpbn_workspace *ws, int by_blas)
{
    if (layer->index == 0)
        return;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    R(product) p = {.m = layer->spec.units,
                    .n = R(padded)(ws->n),
                    .k = layer->inputs,
                    .a = mlpbn__tensor_data(layer->network, weight),
                    .a_row = weight->stride,
                    .a_column = 1,
                    .b = ws->traces[layer->index - 1].a,
                    .ldb = ws->ld,
                    .c = ws->traces[layer->index].z,
                    .ldc = ws->ld,
                    .by_blas = by_blas};
    R(multiply_broadcast)(ws->pool, &p);
}

/* The running variance must be able to take the batch's, so that a commit cannot fail. */
static mlpbn_status check_moments(const mlpbn_layer *layer, size_t unit,
                                  const mlpbn__moments *moments)
{
    double largest = (double)REAL_MAX / 2;
    if (fabs(moments->mean) <= largest && moments->variance <= largest)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_ENONFINITE,
        "layer %zu: batch mean %g and variance %g of unit %zu are too large "
        "or not finite (is the learning rate too high?)",
        layer->index, moments->mean, moments->variance, unit);
}

/* Frozen batchnorm of a unit's row in training: by the running statistics, but xhat is kept
 * for the backward pass. */
static void normalise_frozen(const mlpbn_layer *layer, mlpbn_workspace *ws,
                             const R(numbers) *numbers, size_t u, real *row)
{
    const R(kernels) *kernels = R(select_kernels)();
    const mlpbn__trace *trace = ws->traces + layer->index;
    mlpbn__moments *moments = trace->moments + u;
    real bias = layer->spec.after_activation ? 0 : R(number)(numbers->bias, u, 0);
    double variance = (double)numbers->variance[u];
    *moments = (mlpbn__moments){(double)numbers->mean[u], variance,
                                1 / sqrt(variance + layer->spec.eps)};
    kernels->affine(ws->n, row, numbers->mean[u] - bias, (real)moments->inverse_deviation,
                    0, row);
    kernels->affine(ws->n, row, 0, R(number)(numbers->gamma, u, 1),
                    R(number)(numbers->beta, u, 0), (real *)trace->a + u * ws->ld);
}

/* Batchnorm of a unit's row, in place, in training: row becomes xhat. */
static mlpbn_status normalise(const mlpbn_layer *layer, mlpbn_workspace *ws,
                              const R(numbers) *numbers, size_t u, real *row)
{
    const mlpbn__trace *trace = ws->traces + layer->index;
    if (layer->batchnorm.frozen) {
        normalise_frozen(layer, ws, numbers, u, row);
        return MLPBN_OK;
    }
    R(select_kernels)()->batchnorm_forward(
        ws->n, row, R(number)(numbers->gamma, u, 1), R(number)(numbers->beta, u, 0),
        layer->spec.eps, (real *)trace->a + u * ws->ld, trace->moments + u);
    /* A bias right before only moves the mean: the batch's is subtracted again. */
    if (numbers->bias && !layer->spec.after_activation)
        trace->moments[u].mean += (double)numbers->bias[u];
    return check_moments(layer, u, trace->moments + u);
}

/* The same in prediction. */
static void normalise_by_running(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                                 const R(numbers) *numbers, size_t u, const real *row,
                                 real bias)
{
    double deviation = sqrt((double)numbers->variance[u] + layer->spec.eps);
    real scale = (real)((double)R(number)(numbers->gamma, u, 1) / deviation);
    R(select_kernels)()->affine(ws->n, row, numbers->mean[u] - bias, scale,
                                R(number)(numbers->beta, u, 0),
                                (real *)ws->traces[layer->index].a + u * ws->ld);
}

/* From z to what the activation takes: batchnorm before it, or the bias. */
static mlpbn_status before_activation(const mlpbn_layer *layer, mlpbn_workspace *ws,
                                      const R(numbers) *numbers, size_t u, real *z,
                                      real *input, int in_training)
{
    real bias = R(number)(numbers->bias, u, 0);
    if (!layer->spec.has_batchnorm || layer->spec.after_activation)
        R(select_kernels)()->affine(ws->n, z, 0, 1, bias, input);
    else if (in_training)
        return normalise(layer, ws, numbers, u, z);
    else
        normalise_by_running(layer, ws, numbers, u, z, bias);
    return MLPBN_OK;
}

/* From the activation to a. */
static mlpbn_status after_activation(const mlpbn_layer *layer, mlpbn_workspace *ws,
                                     const R(numbers) *numbers, size_t u, real *input,
                                     int in_training)
{
    if (in_training)
        return normalise(layer, ws, numbers, u, input);
    normalise_by_running(layer, ws, numbers, u, input, 0);
    return MLPBN_OK;
}

/* From z to a of some units: batchnorm, if there is one, before or after the activation. */
static mlpbn_status activate_group(const mlpbn_layer *layer, mlpbn_workspace *ws,
                                   const R(numbers) *numbers, size_t first, size_t units,
                                   int in_training)
{
    const mlpbn__trace *trace = ws->traces + layer->index;
    size_t ld = ws->ld;
    real *z = (real *)trace->z + first * ld, *a = (real *)trace->a + first * ld;
    int after = layer->spec.after_activation && layer->spec.has_batchnorm;
    real *input = after && in_training ? (real *)trace->xhat + first * ld : a;
    mlpbn_status status = MLPBN_OK;
    for (size_t u = 0; u < units && !status; u++)
        status = before_activation(layer, ws, numbers, first + u, z + u * ld,
                                   input + u * ld, in_training);
    if (!status)
        status = R(activate_units)(layer, ws, first, units, input);
    if (status || !after)
        return status;
    for (size_t u = 0; u < units && !status; u++)
        status =
            after_activation(layer, ws, numbers, first + u, input + u * ld, in_training);
    return status ? status
                  : R(check_units)(layer, ws, first, units, a, "behind its batchnorm");
}

static mlpbn_status activate(const mlpbn_layer *layer, mlpbn_workspace *ws,
                             int in_training)
{
    const R(numbers) numbers = R(numbers_of)(layer);
    size_t units = layer->spec.units, group = R(group_units)(ws);
    mlpbn_status status = MLPBN_OK;
    for (size_t u = 0; u < units && !status; u += group)
        status = activate_group(layer, ws, &numbers, u,
                                units - u < group ? units - u : group, in_training);
    return status;
}

mlpbn_status R(forward_pass)(const mlpbn_network *network, mlpbn_workspace *ws)
{
    mlpbn_status status = MLPBN_OK;
    ws->dropout_step = network->steps;
    for (size_t l = 0; l < network->n_layers && !status; l++) {
        const mlpbn_layer *layer = network->layers + l;
        multiply_weights(layer, ws, 1);
        mlpbn__phase_end(ws->timing, MLPBN_PHASE_FORWARD_PRODUCT);
        status = activate(layer, ws, 1);
        R(activate_layer)(layer, ws);
        R(drop)(layer, ws, ws->traces[l].a);
        mlpbn__phase_end(ws->timing, MLPBN_PHASE_FORWARD_UNITS);
    }
    return status;
}

mlpbn_status R(predict_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                             size_t n_layers)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t l = 0; l < n_layers && !status; l++) {
        multiply_weights(network->layers + l, ws, 0);
        mlpbn__phase_end(ws->timing, MLPBN_PHASE_FORWARD_PRODUCT);
        status = activate(network->layers + l, ws, 0);
        R(activate_layer)(network->layers + l, ws);
        mlpbn__phase_end(ws->timing, MLPBN_PHASE_FORWARD_UNITS);
    }
    return status;
}

mlpbn_status R(batchnorm_input_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                                     size_t l)
{
    const mlpbn_layer *layer = network->layers + l;
    const mlpbn__trace *trace = ws->traces + l;
    const real *biases = mlpbn__layer_data(layer, MLPBN_BIAS);
    mlpbn_status status = R(predict_pass)(network, ws, l);
    if (status)
        return status;
    multiply_weights(layer, ws, 0);
    mlpbn__phase_end(ws->timing, MLPBN_PHASE_FORWARD_PRODUCT);
    for (size_t u = 0; u < layer->spec.units && !status; u++) {
        real *a = (real *)trace->a + u * ws->ld;
        R(select_kernels)()->affine(ws->n, (const real *)trace->z + u * ws->ld, 0, 1,
                                    R(number)(biases, u, 0), a);
        status = layer->spec.after_activation
                     ? R(activate_units)(layer, ws, u, 1, a)
                     : R(check_units)(layer, ws, u, 1, a, "before its batchnorm");
    }
    mlpbn__phase_end(ws->timing, MLPBN_PHASE_FORWARD_UNITS);
    return status;
}

void R(read_outputs)(const mlpbn_network *network, const mlpbn_workspace *ws, void *y)
{
    const mlpbn_layer *last = network->layers + network->n_layers - 1;
    const real *a = ws->traces[last->index].a;
    for (size_t i = 0; i < ws->n; i++)
        for (size_t u = 0; u < last->spec.units; u++)
            ((real *)y)[i * last->spec.units + u] = a[u * ws->ld + i];
}
