#include "io/onnx/onnx_network.h"

#include "base/error.h"
#include "io/onnx/onnx_cursor.h"

#include <stdlib.h>

/* --- Products --------------------------------------------------------------------------- */

static mlpbn_status add_layer(mlpbn__walk *w, mlpbn__onnx_layer layer, size_t nodes)
{
    const mlpbn__onnx_node *node = mlpbn__next_node(w);
    const mlpbn__onnx_layer *last = mlpbn__last_layer(w);
    const mlpbn__onnx_tensor *weight = layer.weight;
    if (!mlpbn__reads_value(w, node, 0) || !weight || weight->n_dims != 2)
        return mlpbn__unsupported(
            node, "expected the output of the node before times a constant "
                  "matrix of the input's type");
    layer.inputs = weight->dims[layer.transposed];
    layer.units = weight->dims[!layer.transposed];
    if (weight->n == 0 || layer.inputs != (last ? last->units : w->plan->inputs))
        return mlpbn__onnx_fail(MLPBN_EFORMAT, node,
                                "its matrix does not fit what comes before");
    if (layer.bias && !mlpbn__fits(layer.bias, layer.units))
        return mlpbn__unsupported(node, "expected a bias for each unit");
    layer.activation = MLPBN_IDENTITY;
    w->plan->layers[w->plan->n_layers++] = layer;
    mlpbn__go_on(w, nodes);
    return MLPBN_OK;
}

static mlpbn_status take_gemm(mlpbn__walk *w)
{
    const mlpbn__onnx_node *node = mlpbn__next_node(w);
    double trans_a = 0, trans_b = 0, alpha = 1, beta = 1;
    mlpbn_status status = mlpbn__walk_attribute(&trans_a, w, "transA");
    if (!status)
        status = mlpbn__walk_attribute(&trans_b, w, "transB");
    if (!status)
        status = mlpbn__walk_attribute(&alpha, w, "alpha");
    if (!status)
        status = mlpbn__walk_attribute(&beta, w, "beta");
    if (status)
        return status;
    int has_bias = mlpbn__onnx_input(node, 2).n > 0;
    mlpbn__onnx_layer layer = {.weight = mlpbn__walk_constant(w, node, 1),
                               .bias = mlpbn__walk_constant(w, node, 2),
                               .transposed = trans_b != 0,
                               .weight_factor = alpha,
                               .bias_factor = beta};
    if (trans_a != 0)
        return mlpbn__unsupported(node, "expected transA 0");
    if (has_bias && !layer.bias)
        return mlpbn__unsupported(node,
                                  "expected a constant of the input's type as bias");
    return add_layer(w, layer, 1);
}

/* With the bias that the next node adds, if it is one. */
static mlpbn_status take_matmul(mlpbn__walk *w)
{
    const mlpbn__onnx_node *node = mlpbn__next_node(w), *next = node + 1;
    mlpbn__onnx_layer layer = {
        .weight = mlpbn__walk_constant(w, node, 1), .weight_factor = 1, .bias_factor = 1};
    size_t nodes = 1;
    if (w->at + 1 < w->graph->n_nodes && mlpbn__bytes_are(&next->op, "Add") &&
        next->domain.n == 0)
        for (size_t i = 0; i < 2 && nodes == 1; i++)
            if (mlpbn__bytes_same(mlpbn__onnx_input(next, i), node->output)) {
                layer.bias = mlpbn__walk_constant(w, next, 1 - i);
                nodes = layer.bias ? 2 : 1;
            }
    return add_layer(w, layer, nodes);
}

/* --- The chain -------------------------------------------------------------------------- */

static mlpbn_status take_identity(mlpbn__walk *w)
{
    if (!mlpbn__reads_value(w, mlpbn__next_node(w), 0))
        return mlpbn__unsupported(mlpbn__next_node(w),
                                  "expected it of the output of the node before");
    mlpbn__go_on(w, 1);
    return MLPBN_OK;
}

static const struct {
    const char *op;
    mlpbn_status (*take)(mlpbn__walk *w);
    int before_layers; /* only there: later such nodes are parts of activations */
} operators[] = {
    {"Gemm", take_gemm, 0},
    {"MatMul", take_matmul, 0},
    {"BatchNormalization", mlpbn__take_batchnorm, 0},
    {"Identity", take_identity, 0},
    {"Sub", mlpbn__take_scaling, 1},
    {"Div", mlpbn__take_scaling, 1},
    {"Mul", mlpbn__take_scaling, 1},
};

static mlpbn_status take_next(mlpbn__walk *w)
{
    const mlpbn__onnx_node *node = mlpbn__next_node(w);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (mlpbn__bytes_are(&node->op, operators[i].op) && node->domain.n == 0 &&
            (!operators[i].before_layers || w->plan->n_layers == 0))
            return operators[i].take(w);
    return mlpbn__take_activation(w);
}

/* The rows of the first product's matrix, or columns. */
static mlpbn_status find_inputs(size_t *inputs, const mlpbn__onnx_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const mlpbn__onnx_node *node = graph->nodes + i;
        double transposed = 0;
        int is_gemm = mlpbn__bytes_are(&node->op, "Gemm");
        if (!is_gemm && !mlpbn__bytes_are(&node->op, "MatMul"))
            continue;
        mlpbn_status status =
            is_gemm ? mlpbn__onnx_attribute(&transposed, node, "transB", graph->file)
                    : MLPBN_OK;
        const mlpbn__onnx_tensor *weight =
            mlpbn__onnx_find(graph, mlpbn__onnx_input(node, 1));
        if (!status && (!weight || weight->dtype != graph->dtype || weight->n_dims != 2 ||
                        weight->n == 0))
            status = mlpbn__unsupported(node,
                                        "expected a constant matrix of the input's type");
        if (status)
            return status;
        uint64_t n = weight->dims[transposed != 0];
        if (graph->inputs != 0 && graph->inputs != n)
            return mlpbn__onnx_fail(MLPBN_EFORMAT, node,
                                    "its matrix does not fit the graph's input");
        *inputs = (size_t)n;
        return MLPBN_OK;
    }
    return mlpbn__fail(MLPBN_EUNSUPPORTED, "expected a Gemm or MatMul, got none");
}

static mlpbn_status check_end(const mlpbn__walk *w)
{
    const mlpbn__onnx_plan *plan = w->plan;
    for (size_t l = 0; l + 1 < plan->n_layers; l++)
        if (plan->layers[l].activation == MLPBN_SOFTMAX)
            return mlpbn__fail(MLPBN_EUNSUPPORTED,
                               "expected Softmax in the last layer only, got it in %zu",
                               l);
    if (!mlpbn__bytes_same(w->value, w->graph->output))
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "expected the last node's output to be the graph's");
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_plan_make(mlpbn__onnx_plan *plan, const mlpbn__onnx_graph *graph)
{
    mlpbn__walk w = {.graph = graph, .plan = plan, .value = graph->input};
    *plan = (mlpbn__onnx_plan){.n_layers = 0};
    mlpbn_status status = find_inputs(&plan->inputs, graph);
    if (status)
        return status;
    plan->layers = calloc(graph->n_nodes, sizeof *plan->layers);
    plan->mean = calloc(plan->inputs, sizeof *plan->mean);
    plan->std = calloc(plan->inputs, sizeof *plan->std);
    if (!plan->layers || !plan->mean || !plan->std)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu inputs and %zu nodes",
                           plan->inputs, graph->n_nodes);
    for (size_t j = 0; j < plan->inputs; j++)
        plan->std[j] = 1;
    while (w.at < graph->n_nodes && !status)
        status = take_next(&w);
    return status ? status : check_end(&w);
}

void mlpbn__onnx_plan_free(mlpbn__onnx_plan *plan)
{
    free(plan->layers);
    free(plan->mean);
    free(plan->std);
}
