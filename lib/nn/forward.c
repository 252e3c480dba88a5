/* The forward pass, in training and in prediction, layer by layer:
 *
 *   z = W x (+ b)     first layer: input_layer.c; others: gemm_outer
 *   batchnorm         of the batch, or by the running statistics
 *   a = f(z)
 */
#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/activation.h"
#include "nn/matmul.h"
#include "nn/real_ops.h"

#include <math.h>

/* z[units][n] = W times the layer's input, which for the first layer is done before. */
static void multiply_weights(const mlpbn_layer *layer, mlpbn_workspace *ws, int by_blas)
{
    if (layer->index == 0)
        return;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    R(gemm_args) args = {.m = layer->options.units,
                         .n = ws->ld == 1 ? 1 : R(padded)(ws->n),
                         .k = layer->inputs,
                         .a = mlpbn__tensor_data(layer->network, weight),
                         .rs_a = weight->stride,
                         .cs_a = 1,
                         .b = ws->traces[layer->index - 1].a,
                         .rs_b = ws->ld,
                         .cs_b = 1,
                         .c = ws->traces[layer->index].z,
                         .ldc = ws->ld};
    R(matmul_outer)(ws->pool, &args, by_blas);
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
static void normalize_frozen(const mlpbn_layer *layer, mlpbn_workspace *ws,
                             const R(numbers) *numbers, size_t u, real *row)
{
    const R(kernels) *kernels = R(select_kernels)();
    const mlpbn__layer_cache *trace = ws->traces + layer->index;
    mlpbn__moments *moments = trace->moments + u;
    real bias =
        layer->batchnorm.options.after_activation ? 0 : R(number)(numbers->bias, u, 0);
    double variance = (double)numbers->variance[u];
    *moments = (mlpbn__moments){(double)numbers->mean[u], variance,
                                1 / sqrt(variance + layer->batchnorm.options.eps)};
    real mean = numbers->mean[u] - bias, scale = (real)moments->inverse_deviation;
    kernels->affine(1, ws->n, ws->ld, row, &mean, &scale, NULL, row);
    kernels->affine(1, ws->n, ws->ld, row, NULL, R(number_at)(numbers->gamma, u),
                    R(number_at)(numbers->beta, u), (real *)trace->a + u * ws->ld);
}

/* Batchnorm of a unit's row, in place, in training: row becomes xhat. */
static mlpbn_status normalize(const mlpbn_layer *layer, mlpbn_workspace *ws,
                              const R(numbers) *numbers, size_t u, real *row)
{
    const mlpbn__layer_cache *trace = ws->traces + layer->index;
    if (layer->batchnorm.frozen) {
        normalize_frozen(layer, ws, numbers, u, row);
        return MLPBN_OK;
    }
    R(select_kernels)()->batchnorm_forward(
        ws->n, row, R(number)(numbers->gamma, u, 1), R(number)(numbers->beta, u, 0),
        layer->batchnorm.options.eps, (real *)trace->a + u * ws->ld, trace->moments + u);
    /* A bias right before only moves the mean: the batch's is subtracted again. */
    if (numbers->bias && !layer->batchnorm.options.after_activation)
        trace->moments[u].mean += (double)numbers->bias[u];
    return check_moments(layer, u, trace->moments + u);
}

/* Neighbouring units, which are done at once. */
typedef struct group {
    size_t first, units;
    real *z, *a;
} group;

static mlpbn_status normalize_group(const mlpbn_layer *layer, mlpbn_workspace *ws,
                                    const R(numbers) *numbers, const group *g, real *rows)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t u = 0; u < g->units && !status; u++)
        status = normalize(layer, ws, numbers, g->first + u, rows + u * ws->ld);
    return status;
}

/* The same in prediction, to a. */
static void normalize_by_running(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                                 const R(numbers) *numbers, const group *g,
                                 const real *biases, const real *rows)
{
    const R(kernels) *kernels = R(select_kernels)();
    real centre[R(MOST_UNITS)], scale[R(MOST_UNITS)];
    kernels->running_affine(g->units, numbers->mean + g->first,
                            numbers->variance + g->first, R(number_at)(biases, g->first),
                            R(number_at)(numbers->gamma, g->first),
                            layer->batchnorm.options.eps, centre, scale);
    kernels->affine(g->units, ws->n, ws->ld, rows, centre, scale,
                    R(number_at)(numbers->beta, g->first), g->a);
}

/* From z to what the activation takes: batchnorm before it, or the bias. */
static mlpbn_status before_activation(const mlpbn_layer *layer, mlpbn_workspace *ws,
                                      const R(numbers) *numbers, const group *g,
                                      real *input, int in_training)
{
    if (!layer->options.batchnorm || layer->batchnorm.options.after_activation)
        R(select_kernels)()->affine(g->units, ws->n, ws->ld, g->z, NULL, NULL,
                                    R(number_at)(numbers->bias, g->first), input);
    else if (in_training)
        return normalize_group(layer, ws, numbers, g, g->z);
    else
        normalize_by_running(layer, ws, numbers, g, numbers->bias, g->z);
    return MLPBN_OK;
}

/* From z to a: batchnorm, if there is one, before or after the activation. */
static mlpbn_status activate_group(const mlpbn_layer *layer, mlpbn_workspace *ws,
                                   const R(numbers) *numbers, const group *g,
                                   int in_training)
{
    int after = layer->batchnorm.options.after_activation && layer->options.batchnorm;
    real *input = g->a;
    if (after && in_training)
        input = (real *)ws->traces[layer->index].xhat + g->first * ws->ld;
    mlpbn_status status = before_activation(layer, ws, numbers, g, input, in_training);
    if (!status)
        status = R(activate_units)(layer, ws, g->first, g->units, input);
    if (status || !after)
        return status;
    if (in_training)
        status = normalize_group(layer, ws, numbers, g, input);
    else
        normalize_by_running(layer, ws, numbers, g, NULL, input);
    return status ? status
                  : R(check_units)(layer, ws, g->first, g->units, g->a,
                                   "behind its batchnorm");
}

static mlpbn_status activate(const mlpbn_layer *layer, mlpbn_workspace *ws,
                             int in_training)
{
    const R(numbers) numbers = R(numbers_of)(layer);
    const mlpbn__layer_cache *trace = ws->traces + layer->index;
    size_t units = layer->options.units, most = R(group_units)(ws);
    mlpbn_status status = MLPBN_OK;
    for (size_t u = 0; u < units && !status; u += most) {
        group g = {.first = u,
                   .units = units - u < most ? units - u : most,
                   .z = (real *)trace->z + u * ws->ld,
                   .a = (real *)trace->a + u * ws->ld};
        status = activate_group(layer, ws, &numbers, &g, in_training);
    }
    return status;
}

mlpbn_status R(forward_pass)(const mlpbn_network *network, mlpbn_workspace *ws)
{
    mlpbn_status status = MLPBN_OK;
    ws->dropout_step = network->steps;
    for (size_t l = 0; l < network->n_layers && !status; l++) {
        const mlpbn_layer *layer = network->layers + l;
        multiply_weights(layer, ws, 1);
        mlpbn__phase_end(ws->profile, MLPBN_PHASE_FORWARD_MATMUL);
        status = activate(layer, ws, 1);
        R(activate_layer)(layer, ws);
        R(drop)(layer, ws, ws->traces[l].a);
        mlpbn__phase_end(ws->profile, MLPBN_PHASE_FORWARD_EPILOGUE);
    }
    return status;
}

mlpbn_status R(predict_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                             size_t n_layers)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t l = 0; l < n_layers && !status; l++) {
        multiply_weights(network->layers + l, ws, 0);
        mlpbn__phase_end(ws->profile, MLPBN_PHASE_FORWARD_MATMUL);
        status = activate(network->layers + l, ws, 0);
        R(activate_layer)(network->layers + l, ws);
        mlpbn__phase_end(ws->profile, MLPBN_PHASE_FORWARD_EPILOGUE);
    }
    return status;
}

mlpbn_status R(batchnorm_input_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                                     size_t l)
{
    const mlpbn_layer *layer = network->layers + l;
    const mlpbn__layer_cache *trace = ws->traces + l;
    const real *biases = mlpbn__layer_data(layer, MLPBN_BIAS);
    mlpbn_status status = R(predict_pass)(network, ws, l);
    if (status)
        return status;
    multiply_weights(layer, ws, 0);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_FORWARD_MATMUL);
    for (size_t u = 0; u < layer->options.units && !status; u++) {
        real *a = (real *)trace->a + u * ws->ld;
        R(select_kernels)()->affine(1, ws->n, ws->ld, (const real *)trace->z + u * ws->ld,
                                    NULL, NULL, R(number_at)(biases, u), a);
        status = layer->batchnorm.options.after_activation
                     ? R(activate_units)(layer, ws, u, 1, a)
                     : R(check_units)(layer, ws, u, 1, a, "before its batchnorm");
    }
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_FORWARD_EPILOGUE);
    return status;
}

void R(read_outputs)(const mlpbn_network *network, const mlpbn_workspace *ws, void *y)
{
    const mlpbn_layer *last = network->layers + network->n_layers - 1;
    const real *a = ws->traces[last->index].a;
    for (size_t i = 0; i < ws->n; i++)
        for (size_t u = 0; u < last->options.units; u++)
            ((real *)y)[i * last->options.units + u] = a[u * ws->ld + i];
}
