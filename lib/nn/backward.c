/* The backward pass, from the derivatives by the outputs to all gradients, last layer to
 * first. d holds the derivatives by what the forward pass computed, in reverse:
 *
 *   d by a -> activation -> d by batchnorm's output -> batchnorm -> d by z
 *   db = sum of d     dW = d x^T     d by the layer's input = W^T d
 */
#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/activation.h"
#include "nn/matmul.h"
#include "nn/real_ops.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* The gradient that belongs to a layer's tensor; NULL if it has no such tensor. */
static real *gradient_of(const mlpbn_layer *layer, mlpbn_workspace *ws,
                         mlpbn_tensor_kind kind)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    return tensor ? (real *)ws->gradients + tensor->offset : NULL;
}

/* d by batchnorm's output becomes d by its input; gradients of gamma and beta. */
static void through_batchnorm(const mlpbn_layer *layer, mlpbn_workspace *ws, size_t u,
                              real *du)
{
    const mlpbn__layer_cache *trace = ws->traces + layer->index;
    const real *gamma = mlpbn__layer_data(layer, MLPBN_GAMMA);
    const R(kernels) *kernels = R(select_kernels)();
    real gradients[2];
    (layer->batchnorm.frozen ? kernels->frozen_backward : kernels->batchnorm_backward)(
        ws->n, (const real *)trace->xhat + u * ws->ld, R(number)(gamma, u, 1),
        trace->moments + u, du, gradients);
    if (gamma) {
        gradient_of(layer, ws, MLPBN_GAMMA)[u] = gradients[0];
        gradient_of(layer, ws, MLPBN_BETA)[u] = gradients[1];
    }
}

/* d by a becomes d by z, unit by unit; gradients of gamma, beta and bias on the way. */
static void through_units(const mlpbn_layer *layer, mlpbn_workspace *ws, real *d)
{
    int has = layer->options.batchnorm != NULL,
        after = layer->batchnorm.options.after_activation;
    int centred = has && !after && !layer->batchnorm.frozen;
    real *d_bias = gradient_of(layer, ws, MLPBN_BIAS);
    R(drop)(layer, ws, d);
    R(derive_layer)(layer, ws, d);
    for (size_t u = 0; u < layer->options.units; u++) {
        real *du = d + u * ws->ld;
        if (after)
            through_batchnorm(layer, ws, u, du);
        R(derive_unit)(layer, ws, u, du);
        if (has && !after)
            through_batchnorm(layer, ws, u, du);
        if (d_bias) /* right before batch statistics it changes nothing */
            d_bias[u] = centred ? 0 : (real)R(select_kernels)()->sum(ws->n, du);
    }
}

/* The factor of a penalty on tensors of this kind; 0: none. */
static real penalty_factor(const mlpbn__decay *decay, mlpbn_tensor_kind kind)
{
    return mlpbn__decays(decay, kind) ? (real)decay->factor : 0;
}

static void add_penalty(const mlpbn_layer *layer, mlpbn_workspace *ws,
                        const mlpbn__decay *decay, mlpbn_tensor_kind kind)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    real factor = penalty_factor(decay, kind);
    if (tensor && factor > 0)
        R(select_kernels)()->axpy(tensor->rows * tensor->stride, factor,
                                  mlpbn__tensor_data(layer->network, tensor),
                                  gradient_of(layer, ws, kind));
}

/* dW[units][inputs] = d times the layer's input transposed, and the penalty: in the first
 * layer, which may be very wide, the product starts from that, and *largest becomes its
 * largest magnitude. */
static void weight_gradient(const mlpbn_layer *layer, mlpbn_workspace *ws, const real *d,
                            const mlpbn__decay *decay, real *largest)
{
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    real factor = penalty_factor(decay, MLPBN_WEIGHT);
    R(gemm_args) args = {.m = layer->options.units,
                         .a = d,
                         .rs_a = ws->ld,
                         .cs_a = 1,
                         .c = gradient_of(layer, ws, MLPBN_WEIGHT),
                         .ldc = weight->stride};
    if (layer->index == 0) {
        args.n = R(padded)(layer->inputs);
        args.k = ws->n;
        args.b = ws->x;
        args.rs_b = ws->ldx;
        args.cs_b = 1;
        args.c0 = factor > 0 ? mlpbn__tensor_data(layer->network, weight) : NULL;
        args.beta = factor;
        args.max_abs = largest;
        R(matmul_outer)(ws->pool, &args, 1);
    } else {
        args.n = layer->inputs;
        args.k = R(padded)(ws->n);
        args.b = ws->traces[layer->index - 1].a;
        args.rs_b = 1;
        args.cs_b = ws->ld;
        R(matmul_dot)(ws->pool, &args, 1);
        add_penalty(layer, ws, decay, MLPBN_WEIGHT);
    }
}

/* W^T d: for the layer before, feature-major; for the network's input, batch-major. */
static void input_derivatives(const mlpbn_layer *layer, mlpbn_workspace *ws,
                              const real *d, real *d_input)
{
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    const real *w = mlpbn__tensor_data(layer->network, weight);
    R(gemm_args) args = {.k = layer->options.units, .rs_a = 1, .cs_b = 1, .c = d_input};
    if (layer->index == 0) {
        args.m = ws->n;
        args.n = R(padded)(layer->inputs);
        args.a = d;
        args.cs_a = ws->ld;
        args.b = w;
        args.rs_b = weight->stride;
        args.ldc = ws->ldx;
    } else {
        args.m = layer->inputs;
        args.n = R(padded)(ws->n);
        args.a = w;
        args.cs_a = weight->stride;
        args.b = d;
        args.rs_b = ws->ld;
        args.ldc = ws->ld;
    }
    R(matmul_outer)(ws->pool, &args, 1);
}

/* Derivatives by the standardized inputs, in x, to those by the inputs as given. */
static mlpbn_status read_input_derivatives(const mlpbn_network *network,
                                           const mlpbn_workspace *ws, real *dx)
{
    const real *scale = network->standardized ? network->scale : NULL;
    for (size_t i = 0; i < ws->n; i++) {
        real *row = (real *)ws->x + i * ws->ldx;
        for (size_t j = 0; scale && j < network->inputs; j++)
            row[j] *= scale[j];
        if (!(R(select_kernels)()->max_abs(network->inputs, row) <= REAL_MAX))
            return mlpbn__fail(MLPBN_ENONFINITE,
                               "dx[%zu]: the derivative by this row is not finite", i);
    }
    for (size_t i = 0; i < ws->n; i++)
        memcpy(dx + i * network->inputs, (const real *)ws->x + i * ws->ldx,
               network->inputs * sizeof *dx);
    return MLPBN_OK;
}

typedef struct measuring {
    const real *values;
    _Atomic(real) largest; /* NaN once one is */
} measuring;

static void measure_block(void *context, size_t begin, size_t end)
{
    measuring *m = context;
    R(atomic_max)(&m->largest,
                  R(select_kernels)()->max_abs(end - begin, m->values + begin));
}

/* The first layer's weights come first. */
static size_t size_of_first(const mlpbn_network *network)
{
    return network->tensors->rows * network->tensors->stride;
}

/* The padding of those that a product does not write: the caller may have. */
static void measure_padding(const mlpbn_network *network, measuring *m)
{
    const mlpbn__tensor *first = network->tensors;
    size_t written = R(padded)(first->columns);
    for (size_t u = 0; u < first->rows && written < first->stride; u++)
        measure_block(m, u * first->stride + written, (u + 1) * first->stride);
}

/* Whether all gradients are finite; largest: magnitude of those by the first layer's weights,
 * which are most, maybe. */
static mlpbn_status check(const mlpbn_network *network, mlpbn_workspace *ws, real largest)
{
    size_t first = size_of_first(network);
    measuring m = {ws->gradients, largest};
    measure_padding(network, &m);
    m.values += first;
    mlpbn__parallel_blocks(ws->pool, ws->n_gradients - first, MLPBN__LONG_BLOCK,
                           measure_block, &m);
    ws->gradient_magnitude = (double)m.largest;
    if (ws->gradient_magnitude <= (double)REAL_MAX)
        return MLPBN_OK;
    for (size_t t = 0; t < network->n_tensors; t++) {
        const mlpbn__tensor *tensor = network->tensors + t;
        const real *g = (const real *)ws->gradients + tensor->offset;
        if (tensor->is_parameter &&
            !(R(select_kernels)()->max_abs(tensor->rows * tensor->stride, g) <= REAL_MAX))
            return mlpbn__fail(MLPBN_ENONFINITE, "the gradient of %s is not finite",
                               tensor->name);
    }
    return mlpbn__fail(MLPBN_ENONFINITE, "the padding of the gradients is not finite");
}

mlpbn_status R(check_gradients)(const mlpbn_network *network, mlpbn_workspace *ws)
{
    measuring m = {ws->gradients, 0};
    mlpbn__parallel_blocks(ws->pool, size_of_first(network), MLPBN__LONG_BLOCK,
                           measure_block, &m);
    return check(network, ws, m.largest);
}

mlpbn_status R(backward_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                              const mlpbn__decay *decay, void *dx)
{
    real *d = ws->d[0], *d_input = ws->d[1];
    real largest = 0;
    for (size_t l = network->n_layers; l-- > 0;) {
        const mlpbn_layer *layer = network->layers + l;
        through_units(layer, ws, d);
        mlpbn__phase_end(ws->profile, MLPBN_PHASE_BACKWARD_EPILOGUE);
        weight_gradient(layer, ws, d, decay, &largest);
        for (mlpbn_tensor_kind kind = MLPBN_BIAS; kind <= MLPBN_BETA; kind++)
            add_penalty(layer, ws, decay, kind);
        mlpbn__phase_end(ws->profile, MLPBN_PHASE_WEIGHT_GRADIENT);
        if (l > 0)
            input_derivatives(layer, ws, d, d_input);
        else if (dx)
            input_derivatives(layer, ws, d, ws->x); /* x has served */
        mlpbn__phase_end(ws->profile, MLPBN_PHASE_INPUT_GRADIENT);
        real *swap = d;
        d = d_input;
        d_input = swap;
    }
    mlpbn_status status = check(network, ws, largest);
    if (!status && dx)
        status = read_input_derivatives(network, ws, dx);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_CHECK);
    return status;
}

mlpbn_status R(write_derivatives)(const mlpbn_network *network, mlpbn_workspace *ws,
                                  const void *dy)
{
    size_t outputs = network->layers[network->n_layers - 1].options.units;
    real *d = ws->d[0];
    for (size_t u = 0; u < outputs; u++) {
        for (size_t i = 0; i < ws->n; i++) {
            real value = ((const real *)dy)[i * outputs + u];
            if (!isfinite(value))
                return mlpbn__fail(MLPBN_ENONFINITE,
                                   "dy[%zu][%zu]: expected a finite number, got %g", i, u,
                                   (double)value);
            d[u * ws->ld + i] = value;
        }
        for (size_t i = ws->n; i < R(padded)(ws->n); i++)
            d[u * ws->ld + i] = 0;
    }
    return MLPBN_OK;
}
