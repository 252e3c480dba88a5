/* The matrix products of a layer, on the workspace's threads. */
#include "nn/linear.h"

#include "kernel/kernels.h"
#include "nn/matmul.h"

void R(linear_forward)(const mlpbn__pass *pass, const mlpbn_layer *layer)
{
    if (layer->index == 0)
        return;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    R(gemm_args) args = {.m = layer->options.units,
                         .n = pass->ld == 1 ? 1 : R(padded)(pass->n),
                         .k = layer->inputs,
                         .a = mlpbn__tensor_data(layer->network, weight),
                         .rs_a = weight->stride,
                         .cs_a = 1,
                         .b = pass->ws->caches[layer->index - 1].a,
                         .rs_b = pass->ld,
                         .cs_b = 1,
                         .c = pass->ws->caches[layer->index].z,
                         .ldc = pass->ld};
    R(matmul_outer)(pass->ws->pool, &args, pass->training);
}

/* Adds the derivative of the penalty to the gradient of a tensor. */
static void add_penalty(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                        const mlpbn__l2_penalty *penalty, mlpbn_tensor_kind kind)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    real factor = (real)mlpbn__l2_factor(penalty, kind);
    if (tensor && factor > 0)
        R(select_kernels)()->axpy(tensor->rows * tensor->stride, factor,
                                  mlpbn__tensor_data(layer->network, tensor),
                                  R(gradient_of)(layer, ws, kind));
}

/* In the input layer, whose weight may be large, the penalty is C0 of the product, which saves
 * a pass over the gradient. */
void R(weight_gradient)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                        const mlpbn__l2_penalty *penalty, const real *dz, real *max_abs)
{
    const mlpbn_workspace *ws = pass->ws;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    real factor = (real)mlpbn__l2_factor(penalty, MLPBN_WEIGHT);
    R(gemm_args) args = {.m = layer->options.units,
                         .a = dz,
                         .rs_a = pass->ld,
                         .cs_a = 1,
                         .c = R(gradient_of)(layer, ws, MLPBN_WEIGHT),
                         .ldc = weight->stride};
    if (layer->index == 0) { /* x is [n][inputs] */
        args.n = R(padded)(layer->inputs);
        args.k = pass->n;
        args.b = ws->x;
        args.rs_b = ws->ldx;
        args.cs_b = 1;
        args.c0 = factor > 0 ? mlpbn__tensor_data(layer->network, weight) : NULL;
        args.beta = factor;
        args.max_abs = max_abs;
        R(matmul_outer)(ws->pool, &args, 1);
    } else {
        args.n = layer->inputs;
        args.k = R(padded)(pass->n);
        args.b = ws->caches[layer->index - 1].a;
        args.rs_b = 1;
        args.cs_b = pass->ld;
        R(matmul_dot)(ws->pool, &args, 1);
        add_penalty(layer, ws, penalty, MLPBN_WEIGHT);
    }
    for (mlpbn_tensor_kind kind = MLPBN_BIAS; kind <= MLPBN_BETA; kind++)
        add_penalty(layer, ws, penalty, kind);
}

void R(input_gradient)(const mlpbn__pass *pass, const mlpbn_layer *layer, const real *dz,
                       real *dx)
{
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    const real *w = mlpbn__tensor_data(layer->network, weight);
    R(gemm_args) args = {.k = layer->options.units, .rs_a = 1, .cs_b = 1, .c = dx};
    if (layer->index == 0) { /* [n][inputs] = dz^T W */
        args.m = pass->n;
        args.n = R(padded)(layer->inputs);
        args.a = dz;
        args.cs_a = pass->ld;
        args.b = w;
        args.rs_b = weight->stride;
        args.ldc = pass->ws->ldx;
    } else {
        args.m = layer->inputs;
        args.n = R(padded)(pass->n);
        args.a = w;
        args.cs_a = weight->stride;
        args.b = dz;
        args.rs_b = pass->ld;
        args.ldc = pass->ld;
    }
    R(matmul_outer)(pass->ws->pool, &args, 1);
}
