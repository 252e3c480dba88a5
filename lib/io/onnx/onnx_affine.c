/* Nodes that scale and shift: standardization before the first layer, batchnorm. */
#include "io/onnx/onnx_cursor.h"

#include <math.h>

/* --- Standardization -------------------------------------------------------------------- */

/* x <- (x - c) / d on top of what is there. */
static mlpbn_status standardize(mlpbn__walk *w, size_t j, double c, double d)
{
    mlpbn__onnx_plan *plan = w->plan;
    plan->mean[j] += c * plan->std[j];
    plan->std[j] *= d;
    if (!isfinite(plan->mean[j]) || !isfinite(plan->std[j]))
        return mlpbn__onnx_fail(MLPBN_ENONFINITE, mlpbn__next_node(w),
                                "its numbers, or what they come to, are not finite");
    if (plan->std[j] <= 0)
        return mlpbn__unsupported(mlpbn__next_node(w),
                                  "expected scales above 0 before the first layer");
    return MLPBN_OK;
}

mlpbn_status mlpbn__take_scaling(mlpbn__walk *w)
{
    const mlpbn__onnx_node *node = mlpbn__next_node(w);
    int is_sub = mlpbn__bytes_are(&node->op, "Sub");
    int is_mul = mlpbn__bytes_are(&node->op, "Mul");
    size_t other = is_mul && mlpbn__reads_value(w, node, 1) ? 0 : 1;
    const mlpbn__onnx_tensor *factors = mlpbn__walk_constant(w, node, other);
    if (!mlpbn__reads_value(w, node, 1 - other) || !factors ||
        !mlpbn__fits(factors, w->plan->inputs))
        return mlpbn__unsupported(node,
                                  "expected the input and a constant for each column");
    mlpbn_status status = MLPBN_OK;
    for (size_t j = 0; j < w->plan->inputs && !status; j++) {
        double number = mlpbn__onnx_number(factors, factors->n == 1 ? 0 : j);
        if (is_sub)
            status = standardize(w, j, number, 1);
        else
            status = standardize(w, j, 0, is_mul ? 1 / number : number);
    }
    w->plan->standardized = 1;
    mlpbn__go_on(w, 1);
    return status;
}

/* (x - mean) gamma / deviation + beta, as (x - c) / d */
static mlpbn_status standardize_by(mlpbn__walk *w, const mlpbn__onnx_batchnorm *b)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t j = 0; j < w->plan->inputs && !status; j++) {
        double numbers[4];
        for (int i = 0; i < 4; i++)
            numbers[i] = mlpbn__onnx_number(b->tensors[i], j);
        double d = sqrt(numbers[3] + b->eps) / numbers[0];
        status = standardize(w, j, numbers[2] - numbers[1] * d, d);
    }
    w->plan->standardized = 1;
    return status;
}

/* --- Batchnorm -------------------------------------------------------------------------- */

static mlpbn_status read_batchnorm(mlpbn__onnx_batchnorm *b, const mlpbn__walk *w,
                                   uint64_t units)
{
    const mlpbn__onnx_node *node = mlpbn__next_node(w);
    double training = 0;
    *b = (mlpbn__onnx_batchnorm){.eps = (double)1e-5F, .decay = (double)0.9F};
    mlpbn_status status = mlpbn__walk_attribute(&b->eps, w, "epsilon");
    if (!status)
        status = mlpbn__walk_attribute(&b->decay, w, "momentum");
    if (!status)
        status = mlpbn__walk_attribute(&training, w, "training_mode");
    if (status)
        return status;
    if (!mlpbn__reads_value(w, node, 0) || training != 0)
        return mlpbn__unsupported(node,
                                  "expected one of the output of the node before, not in "
                                  "training mode");
    for (size_t i = 0; i < 4; i++) {
        b->tensors[i] = mlpbn__walk_constant(w, node, i + 1);
        if (!b->tensors[i] || b->tensors[i]->n_dims != 1 || b->tensors[i]->n != units)
            return mlpbn__unsupported(node,
                                      "expected a constant for each unit, four times");
    }
    if (!mlpbn__eps_fits(b->eps, w->graph->dtype) || !(b->decay >= 0 && b->decay <= 1))
        return mlpbn__unsupported(node,
                                  "expected epsilon above 0 and momentum in [0, 1]");
    return MLPBN_OK;
}

mlpbn_status mlpbn__take_batchnorm(mlpbn__walk *w)
{
    mlpbn__onnx_layer *layer = mlpbn__last_layer(w);
    mlpbn__onnx_batchnorm b;
    mlpbn_status status = read_batchnorm(&b, w, layer ? layer->units : w->plan->inputs);
    if (status)
        return status;
    if (!layer) {
        status = standardize_by(w, &b);
    } else if (layer->batchnorm.tensors[0] || layer->activation == MLPBN_SOFTMAX) {
        return mlpbn__unsupported(mlpbn__next_node(w),
                                  "a layer has one batchnorm, and none after softmax");
    } else {
        layer->batchnorm = b;
        layer->after_activation = layer->has_activation;
    }
    mlpbn__go_on(w, 1);
    return status;
}
