/* The products of a layer, on the workspace's threads. */
#include "nn/linear.h"

#include "kernel/kernels.h"
#include "nn/matmul.h"

#include <stdatomic.h>

void R(linear_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer)
{
    if (layer->index == 0)
        return;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    R(product) p = {.m = layer->options.units,
                    .n = pass->ld == 1 ? 1 : R(padded)(pass->n),
                    .k = layer->inputs,
                    .a = mlpbn__tensor_data(layer->network, weight),
                    .a_row = weight->stride,
                    .a_column = 1,
                    .b = pass->ws->caches[layer->index - 1].a,
                    .ldb = pass->ld,
                    .c = pass->ws->caches[layer->index].z,
                    .ldc = pass->ld,
                    .by_blas = pass->training};
    R(multiply_broadcast)(pass->ws->pool, &p);
}

static void add_penalty(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                        const mlpbn__l2_penalty *penalty, mlpbn_tensor_kind kind)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    real factor = (real)mlpbn__l2_factor(penalty, kind);
    if (tensor && factor > 0)
        R(select_kernels)()->add_scaled(tensor->rows * tensor->stride, factor,
                                        mlpbn__tensor_data(layer->network, tensor),
                                        R(gradient_of)(layer, ws, kind));
}

/* The product of the input layer, which may be very wide, begins with the penalty; others add
 * it. */
void R(weight_gradient)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                        R(weight_gradient_args) *args, const real *dz)
{
    const mlpbn_workspace *ws = pass->ws;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    real factor = (real)mlpbn__l2_factor(&args->penalty, MLPBN_WEIGHT);
    R(product) p = {.m = layer->options.units,
                    .a = dz,
                    .a_row = pass->ld,
                    .a_column = 1,
                    .c = R(gradient_of)(layer, ws, MLPBN_WEIGHT),
                    .ldc = weight->stride,
                    .by_blas = 1};
    if (layer->index == 0) {
        p.n = R(padded)(layer->inputs);
        p.k = pass->n;
        p.b = ws->x;
        p.ldb = ws->ldx;
        p.start = factor > 0 ? mlpbn__tensor_data(layer->network, weight) : NULL;
        p.factor = factor;
        p.largest = &args->max_abs;
        p.ahead = args->next_rows;
        p.ahead_column = args->next_rows ? args->next_rows->width / layer->inputs : 0;
        R(multiply_broadcast)(ws->pool, &p);
    } else {
        p.n = layer->inputs;
        p.k = R(padded)(pass->n);
        p.b = ws->caches[layer->index - 1].a;
        p.ldb = pass->ld;
        R(multiply_dot)(ws->pool, &p);
        add_penalty(layer, ws, &args->penalty, MLPBN_WEIGHT);
    }
    for (mlpbn_tensor_kind kind = MLPBN_BIAS; kind <= MLPBN_BETA; kind++)
        add_penalty(layer, ws, &args->penalty, kind);
}

void R(input_gradient)(const mlpbn__pass *pass, const mlpbn_layer *layer, const real *dz,
                       real *dx)
{
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    const real *w = mlpbn__tensor_data(layer->network, weight);
    R(product) p = {.k = layer->options.units, .c = dx, .by_blas = 1};
    if (layer->index == 0) { /* dz^T W */
        p.m = pass->n;
        p.n = R(padded)(layer->inputs);
        p.a = dz;
        p.a_row = 1;
        p.a_column = pass->ld;
        p.b = w;
        p.ldb = weight->stride;
        p.ldc = pass->ws->ldx;
    } else {
        p.m = layer->inputs;
        p.n = R(padded)(pass->n);
        p.a = w;
        p.a_row = 1;
        p.a_column = weight->stride;
        p.b = dz;
        p.ldb = pass->ld;
        p.ldc = pass->ld;
    }
    R(multiply_broadcast)(pass->ws->pool, &p);
}
