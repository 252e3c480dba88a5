#include "io/onnx/onnx_network.h"

#include "base/error.h"
#include "io/onnx/onnx_cursor.h"

#include <stdlib.h>

/* --- Gemm, MatMul------------------------------------------------------------------------ */

/* Checks a matrix product, which is the next n_nodes nodes, and appends it as a layer. */
static mlpbn_status append_layer(mlpbn__onnx_cursor *c, mlpbn__onnx_layer layer,
                                 size_t n_nodes)
{
    const mlpbn__onnx_node *node = mlpbn__cursor_node(c);
    const mlpbn__onnx_layer *last = mlpbn__cursor_last_layer(c);
    const mlpbn__onnx_tensor *weight = layer.weight;
    if (!mlpbn__input_is_current_value(c, node, 0) || !weight || weight->n_dims != 2)
        return mlpbn__onnx_unsupported(
            node, "expected the output of the node before times a constant "
                  "matrix of the input's type");
    layer.inputs = weight->dims[layer.transposed];
    layer.units = weight->dims[!layer.transposed];
    if (weight->n == 0 || layer.inputs != (last ? last->units : c->network->inputs))
        return mlpbn__onnx_fail(MLPBN_EFORMAT, node,
                                "its matrix does not fit what comes before");
    if (layer.bias && !mlpbn__onnx_broadcasts(layer.bias, layer.units))
        return mlpbn__onnx_unsupported(node, "expected a bias for each unit");
    layer.activation = MLPBN_IDENTITY;
    c->network->layers[c->network->n_layers++] = layer;
    mlpbn__cursor_advance(c, n_nodes);
    return MLPBN_OK;
}

static mlpbn_status read_gemm(mlpbn__onnx_cursor *c)
{
    const mlpbn__onnx_node *node = mlpbn__cursor_node(c);
    double trans_a = 0, trans_b = 0, alpha = 1, beta = 1;
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&trans_a, c, "transA"));
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&trans_b, c, "transB"));
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&alpha, c, "alpha"));
    RETURN_IF_ERROR(mlpbn__cursor_attribute(&beta, c, "beta"));
    int has_bias = mlpbn__onnx_input(node, 2).n > 0;
    mlpbn__onnx_layer layer = {.weight = mlpbn__cursor_constant(c, node, 1),
                               .bias = mlpbn__cursor_constant(c, node, 2),
                               .transposed = trans_b != 0,
                               .weight_factor = alpha,
                               .bias_factor = beta};
    if (trans_a != 0)
        return mlpbn__onnx_unsupported(node, "expected transA 0");
    if (has_bias && !layer.bias)
        return mlpbn__onnx_unsupported(node,
                                       "expected a constant of the input's type as bias");
    return append_layer(c, layer, 1);
}

/* Reads a MatMul and the bias that the next node may add to its output. */
static mlpbn_status read_matmul(mlpbn__onnx_cursor *c)
{
    const mlpbn__onnx_node *node = mlpbn__cursor_node(c), *next = node + 1;
    mlpbn__onnx_layer layer = {.weight = mlpbn__cursor_constant(c, node, 1),
                               .weight_factor = 1,
                               .bias_factor = 1};
    int is_add = c->next + 1 < c->graph->n_nodes &&
                 mlpbn__bytes_equal_text(&next->op, "Add") && next->domain.n == 0;
    for (size_t i = 0; is_add && !layer.bias && i < 2; i++)
        if (mlpbn__bytes_equal(mlpbn__onnx_input(next, i), node->output))
            layer.bias = mlpbn__cursor_constant(c, next, 1 - i);
    return append_layer(c, layer, layer.bias ? 2 : 1);
}

/* --- The chain -------------------------------------------------------------------------- */

static mlpbn_status read_identity(mlpbn__onnx_cursor *c)
{
    if (!mlpbn__input_is_current_value(c, mlpbn__cursor_node(c), 0))
        return mlpbn__onnx_unsupported(mlpbn__cursor_node(c),
                                       "expected it of the output of the node before");
    mlpbn__cursor_advance(c, 1);
    return MLPBN_OK;
}

static const struct {
    const char *op;
    mlpbn_status (*read)(mlpbn__onnx_cursor *c);
    int before_layers; /* 1: only before the first layer; later, an activation has such nodes */
} operators[] = {
    {"Gemm", read_gemm, 0},
    {"MatMul", read_matmul, 0},
    {"BatchNormalization", mlpbn__read_batchnorm, 0},
    {"Identity", read_identity, 0},
    {"Sub", mlpbn__read_scaling, 1},
    {"Div", mlpbn__read_scaling, 1},
    {"Mul", mlpbn__read_scaling, 1},
};

/* Reads the next node, or the next nodes if they are an activation or a MatMul with Add. */
static mlpbn_status read_next(mlpbn__onnx_cursor *c)
{
    const mlpbn__onnx_node *node = mlpbn__cursor_node(c);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (mlpbn__bytes_equal_text(&node->op, operators[i].op) && node->domain.n == 0 &&
            (!operators[i].before_layers || c->network->n_layers == 0))
            return operators[i].read(c);
    return mlpbn__read_activation(c);
}

/* Reads the number of the network's inputs from the matrix of its first Gemm or MatMul. */
static mlpbn_status read_inputs(size_t *inputs, const mlpbn__onnx_graph *graph,
                                const mlpbn__onnx_node *node, int is_gemm)
{
    double transposed = 0;
    if (is_gemm)
        RETURN_IF_ERROR(mlpbn__onnx_attribute(&transposed, node, "transB", graph->file));
    const mlpbn__onnx_tensor *weight =
        mlpbn__onnx_find(graph, mlpbn__onnx_input(node, 1));
    if (!weight || weight->dtype != graph->dtype || weight->n_dims != 2 || weight->n == 0)
        return mlpbn__onnx_unsupported(node,
                                       "expected a constant matrix of the input's type");
    uint64_t n = weight->dims[transposed != 0];
    if (graph->inputs != 0 && graph->inputs != n)
        return mlpbn__onnx_fail(MLPBN_EFORMAT, node,
                                "its matrix does not fit the graph's input");
    *inputs = (size_t)n;
    return MLPBN_OK;
}

/* Finds the first Gemm or MatMul, and reads the number of the network's inputs from it. */
static mlpbn_status find_inputs(size_t *inputs, const mlpbn__onnx_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const mlpbn__onnx_node *node = graph->nodes + i;
        int is_gemm = mlpbn__bytes_equal_text(&node->op, "Gemm");
        if (is_gemm || mlpbn__bytes_equal_text(&node->op, "MatMul"))
            return read_inputs(inputs, graph, node, is_gemm);
    }
    return mlpbn__fail(MLPBN_EUNSUPPORTED, "expected a Gemm or MatMul, got none");
}

static mlpbn_status check_end(const mlpbn__onnx_cursor *c)
{
    const mlpbn__onnx_network *network = c->network;
    for (size_t l = 0; l + 1 < network->n_layers; l++)
        if (network->layers[l].activation == MLPBN_SOFTMAX)
            return mlpbn__fail(MLPBN_EUNSUPPORTED,
                               "expected Softmax in the last layer only, got it in %zu",
                               l);
    if (!mlpbn__bytes_equal(c->value, c->graph->output))
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "expected the last node's output to be the graph's");
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_network_new(mlpbn__onnx_network *network,
                                     const mlpbn__onnx_graph *graph)
{
    mlpbn__onnx_cursor c = {.graph = graph, .network = network, .value = graph->input};
    *network = (mlpbn__onnx_network){.n_layers = 0};
    RETURN_IF_ERROR(find_inputs(&network->inputs, graph));
    network->layers = calloc(graph->n_nodes, sizeof *network->layers);
    network->mean = calloc(network->inputs, sizeof *network->mean);
    network->std = calloc(network->inputs, sizeof *network->std);
    if (!network->layers || !network->mean || !network->std)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu inputs and %zu nodes",
                           network->inputs, graph->n_nodes);
    for (size_t j = 0; j < network->inputs; j++)
        network->std[j] = 1;
    while (c.next < graph->n_nodes)
        RETURN_IF_ERROR(read_next(&c));
    return check_end(&c);
}

void mlpbn__onnx_network_free(mlpbn__onnx_network *network)
{
    free(network->layers);
    free(network->mean);
    free(network->std);
}
