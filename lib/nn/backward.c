/* The backward pass: the gradients of all parameters, from the last layer to the first. */
#include "nn/backward.h"

#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/layer.h"
#include "nn/matmul.h"

#include <math.h>
#include <string.h>

/* Converts the derivatives by the standardized inputs, in ws->x, to derivatives by the
 * caller's inputs, and copies them to dx[n][inputs]. */
static mlpbn_status write_input_gradient(const mlpbn__pass *pass, real *dx)
{
    const mlpbn_network *network = pass->network;
    const mlpbn_workspace *ws = pass->ws;
    const real *scale = network->standardized ? network->scale : NULL;
    for (size_t i = 0; i < pass->n; i++) {
        real *row = (real *)ws->x + i * ws->ldx;
        for (size_t j = 0; scale && j < network->inputs; j++)
            row[j] *= scale[j];
        if (!(R(select_kernels)()->max_abs(network->inputs, row) <= REAL_MAX))
            return mlpbn__fail(MLPBN_ENONFINITE,
                               "dx[%zu]: the derivative by this row is not finite", i);
    }
    for (size_t i = 0; i < pass->n; i++)
        memcpy(dx + i * network->inputs, (const real *)ws->x + i * ws->ldx,
               network->inputs * sizeof *dx);
    return MLPBN_OK;
}

typedef struct max_abs_args {
    const real *values;
    _Atomic(real) max_abs; /* NaN if any value is */
} max_abs_args;

static void max_abs_block(void *context, size_t begin, size_t end)
{
    max_abs_args *args = context;
    R(atomic_max)(&args->max_abs,
                  R(select_kernels)()->max_abs(end - begin, args->values + begin));
}

/* The number of weights of the input layer, whose gradients come first. */
static size_t n_input_weights(const mlpbn_network *network)
{
    return network->tensors->rows * network->tensors->stride;
}

/* Includes the padding of the input layer's gradient that the product does not write, because
 * the caller may have written to it. */
static void max_abs_padding(const mlpbn_network *network, max_abs_args *args)
{
    const mlpbn__tensor *first = network->tensors;
    size_t written = R(padded)(first->columns);
    for (size_t u = 0; u < first->rows && written < first->stride; u++)
        max_abs_block(args, u * first->stride + written, (u + 1) * first->stride);
}

/* Checks all gradients but those of the input layer's weights. max_abs: the largest of these,
 * already known. */
static mlpbn_status check_other_gradients(const mlpbn_network *network,
                                          mlpbn_workspace *ws, real max_abs)
{
    size_t first = n_input_weights(network);
    max_abs_args args = {ws->gradients, max_abs};
    max_abs_padding(network, &args);
    args.values += first;
    mlpbn__parallel_blocks(ws->pool, ws->n_gradients - first, MLPBN__LONG_BLOCK,
                           max_abs_block, &args);
    ws->gradient_max_abs = (double)args.max_abs;
    if (ws->gradient_max_abs <= (double)REAL_MAX)
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
    max_abs_args args = {ws->gradients, 0};
    mlpbn__parallel_blocks(ws->pool, n_input_weights(network), MLPBN__LONG_BLOCK,
                           max_abs_block, &args);
    return check_other_gradients(network, ws, args.max_abs);
}

mlpbn_status R(backward)(const mlpbn__pass *pass, const mlpbn__l2_penalty *penalty,
                         real *dx)
{
    mlpbn_workspace *ws = pass->ws;
    real max_abs = 0, *d = ws->d[0], *d_input = ws->d[1];
    for (size_t l = pass->network->n_layers; l-- > 0;) {
        if (l == 0)
            d_input = dx ? ws->x : NULL; /* overwrites x after its last use */
        R(layer_backward)(pass, pass->network->layers + l, penalty, &max_abs, d, d_input);
        real *swap = d;
        d = d_input;
        d_input = swap;
    }
    mlpbn_status status = check_other_gradients(pass->network, ws, max_abs);
    if (!status && dx)
        status = write_input_gradient(pass, dx);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_CHECK);
    return status;
}

mlpbn_status R(write_output_gradient)(const mlpbn__pass *pass, const real *dy)
{
    size_t outputs = mlpbn__network_outputs(pass->network), ld = pass->ld;
    real *d = pass->ws->d[0];
    for (size_t u = 0; u < outputs; u++) {
        for (size_t i = 0; i < pass->n; i++) {
            real value = dy[i * outputs + u];
            if (!isfinite(value))
                return mlpbn__fail(MLPBN_ENONFINITE,
                                   "dy[%zu][%zu]: expected a finite number, got %g", i, u,
                                   (double)value);
            d[u * ld + i] = value;
        }
        for (size_t i = pass->n; i < R(padded)(pass->n); i++)
            d[u * ld + i] = 0;
    }
    return MLPBN_OK;
}
