/* Writes the nodes of the graph: a chain, in which each node reads the output of the one
 * before. */
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_write_graph.h"
#include "model/activation_table.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = MLPBN__ONNX_NAME_SIZE, MAX_INPUTS = 5, MAX_ATTRIBUTES = 2 };

/* --- One node --------------------------------------------------------------------------- */

typedef struct attribute {
    const char *name; /* NULL: there is none */
    int is_int;
    double value;
} attribute;

typedef struct node {
    const char *op;
    char name[NAME_SIZE];
    char inputs[MAX_INPUTS][NAME_SIZE]; /* those before the first empty one */
    char output[NAME_SIZE];
    attribute attributes[MAX_ATTRIBUTES];
} node;

static void add_attribute(mlpbn__message *m, const void *context)
{
    const attribute *a = context;
    mlpbn__add_text(m, ONNX_ATTRIBUTE_NAME, a->name);
    if (a->is_int)
        mlpbn__add_int(m, ONNX_ATTRIBUTE_INT, (uint64_t)a->value);
    else
        mlpbn__add_float(m, ONNX_ATTRIBUTE_FLOAT, (float)a->value);
    mlpbn__add_int(m, ONNX_ATTRIBUTE_TYPE, a->is_int ? ONNX_TYPE_INT : ONNX_TYPE_FLOAT);
}

static void add_node(mlpbn__message *m, const void *context)
{
    const node *n = context;
    for (int i = 0; i < MAX_INPUTS && n->inputs[i][0]; i++)
        mlpbn__add_text(m, ONNX_NODE_INPUT, n->inputs[i]);
    mlpbn__add_text(m, ONNX_NODE_OUTPUT, n->output);
    mlpbn__add_text(m, ONNX_NODE_NAME, n->name);
    mlpbn__add_text(m, ONNX_NODE_OP, n->op);
    for (int i = 0; i < MAX_ATTRIBUTES && n->attributes[i].name; i++)
        mlpbn__add_message(m, ONNX_NODE_ATTRIBUTE, add_attribute, n->attributes + i);
}

/* --- The chain -------------------------------------------------------------------------- */

/* A chain of nodes. Its value 0 is the input "x", value i the output of node i, and value total
 * the output "y". */
typedef struct chain {
    mlpbn__message *message; /* NULL: nodes are only counted */
    size_t n_nodes;          /* appended so far */
    size_t total;            /* in the complete chain */
} chain;

static void name_value(const chain *c, size_t i, char name[NAME_SIZE])
{
    if (i == 0 || i == c->total)
        snprintf(name, NAME_SIZE, "%s", i == 0 ? "x" : "y");
    else
        snprintf(name, NAME_SIZE, "v%zu", i);
}

/* Appends a node, one input of which is the last value. */
static void append(chain *c, node *n, int input)
{
    name_value(c, c->n_nodes, n->inputs[input]);
    name_value(c, ++c->n_nodes, n->output);
    snprintf(n->name, sizeof n->name, "%s%zu", n->op, c->n_nodes);
    if (c->message)
        mlpbn__add_message(c->message, ONNX_GRAPH_NODE, add_node, n);
}

static void append_standardization(chain *c, const mlpbn_network *network)
{
    node mean = {.op = "Sub"}, mean_lo = {.op = "Sub"}, scale = {.op = "Mul"};
    strcpy(mean.inputs[1], "x.mean");
    strcpy(mean_lo.inputs[1], "x.mean_rest");
    strcpy(scale.inputs[1], "x.scale");
    append(c, &mean, 0);
    if (network->dtype == MLPBN_F32)
        append(c, &mean_lo, 0);
    append(c, &scale, 0);
}

static void append_gemm(chain *c, const mlpbn_layer *layer)
{
    node gemm = {.op = "Gemm", .attributes = {{"transB", 1, 1}}};
    mlpbn__onnx_tensor_name(gemm.inputs[1], layer, MLPBN_WEIGHT);
    if (layer->options.bias)
        mlpbn__onnx_tensor_name(gemm.inputs[2], layer, MLPBN_BIAS);
    append(c, &gemm, 0);
}

static void append_batchnorm(chain *c, const mlpbn_layer *layer)
{
    node n = {.op = "BatchNormalization",
              .attributes = {{"epsilon", 0, (double)mlpbn__onnx_epsilon(layer)},
                             {"momentum", 0, layer->batchnorm.options.decay}}};
    mlpbn__onnx_tensor_name(n.inputs[1], layer, MLPBN_GAMMA);
    mlpbn__onnx_tensor_name(n.inputs[2], layer, MLPBN_BETA);
    mlpbn__onnx_tensor_name(n.inputs[3], layer, MLPBN_RUNNING_MEAN);
    mlpbn__onnx_tensor_name(n.inputs[4], layer, MLPBN_RUNNING_VAR);
    append(c, &n, 0);
}

/* Appends a node of an activation whose input is value x of the chain. */
static void append_op_node(chain *c, const mlpbn__op_node *op, size_t x, attribute alpha)
{
    node n = {.op = op->op, .attributes = {alpha}};
    int input = 0;
    for (int k = 0; k < MLPBN__MAX_NODE_OPERANDS; k++) {
        mlpbn__operand operand = op->operands[k];
        if (operand == MLPBN__X)
            name_value(c, x, n.inputs[k]);
        else if (operand == MLPBN__PREV)
            input = k;
        else if (operand != MLPBN__NO_OPERAND)
            snprintf(n.inputs[k], NAME_SIZE, "%s", mlpbn__onnx_constant_name(operand));
    }
    for (int i = 0; i < MLPBN__MAX_OP_ATTRIBUTES; i++) {
        const mlpbn__op_attribute *a = op->attributes + i;
        if (a->name && a->value != a->onnx_default)
            n.attributes[i] = (attribute){a->name, 0, a->value};
    }
    append(c, &n, input);
}

static void append_activation(chain *c, mlpbn_activation activation, double alpha)
{
    const mlpbn__activation_traits *traits = mlpbn__activations + activation;
    size_t x = c->n_nodes, n = mlpbn__n_op_nodes(activation);
    attribute a = {traits->default_alpha > 0 ? "alpha" : NULL, 0, alpha};
    for (size_t i = 0; i < n; i++)
        append_op_node(c, traits->onnx + i, x, a);
}

static void append_layer(chain *c, const mlpbn_layer *layer)
{
    const mlpbn_layer_options *options = &layer->options;
    append_gemm(c, layer);
    if (options->batchnorm && !options->batchnorm->after_activation)
        append_batchnorm(c, layer);
    append_activation(c, options->activation, options->alpha);
    if (options->batchnorm && options->batchnorm->after_activation)
        append_batchnorm(c, layer);
}

/* Appends all nodes of the model. */
static void append_all(chain *c, const mlpbn__onnx_export *model)
{
    const mlpbn_network *network = model->network;
    if (network->standardized)
        append_standardization(c, network);
    for (size_t l = 0; l < network->n_layers; l++)
        append_layer(c, network->layers + l);
    if (model->softmax)
        append_activation(c, MLPBN_SOFTMAX, 0);
}

void mlpbn__onnx_add_nodes(mlpbn__message *m, const mlpbn__onnx_export *model)
{
    chain counted = {.total = SIZE_MAX};
    append_all(&counted, model);
    chain c = {.message = m, .total = counted.n_nodes};
    append_all(&c, model);
}
