/* Writes the initializers of the graph: standardization, the layers' tensors, constants. */
#include "base/array.h"
#include "base/dtype.h"
#include "base/error.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_write_graph.h"
#include "model/activation_table.h"

#include <math.h>
#include <stdio.h>

/* A TensorProto. Its elements are data[row * stride + column] or, if data is NULL, fallback;
 * offset is added to each. */
typedef struct initializer {
    char name[MLPBN__ONNX_NAME_SIZE];
    mlpbn_dtype dtype; /* of the TensorProto and of data */
    int n_dims;
    size_t rows, columns; /* shape: [rows][columns], [columns] or [] */
    const void *data;
    size_t stride;
    double fallback, offset;
} initializer;

static double element(const initializer *t, size_t i, size_t j)
{
    double value =
        t->data ? mlpbn__load(t->dtype, t->data, i * t->stride + j) : t->fallback;
    return mlpbn__round(t->dtype, value + t->offset);
}

static void add_elements(mlpbn__message *m, const initializer *t)
{
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < t->columns && m->status == MLPBN_OK; j++) {
            double value = element(t, i, j);
            if (!isfinite(value))
                m->status = mlpbn__fail(MLPBN_ENONFINITE,
                                        "%s[%zu][%zu]: expected a finite number, got %g",
                                        t->name, i, j, value);
            mlpbn__add_element(m, t->dtype, value);
        }
}

static void add_tensor(mlpbn__message *m, const void *context)
{
    const initializer *t = context;
    const size_t dims[] = {t->rows, t->columns};
    for (int i = 2 - t->n_dims; i < 2; i++)
        mlpbn__add_int(m, ONNX_TENSOR_DIMS, dims[i]);
    mlpbn__add_int(m, ONNX_TENSOR_TYPE, t->dtype == MLPBN_F32 ? ONNX_FLOAT : ONNX_DOUBLE);
    mlpbn__add_text(m, ONNX_TENSOR_NAME, t->name);
    uint64_t size = (uint64_t)t->rows * t->columns * mlpbn__sizeof(t->dtype);
    mlpbn__add_bytes(m, ONNX_TENSOR_RAW, size);
    if (m->output)
        add_elements(m, t);
    else
        m->size += size;
}

static void add_initializer(mlpbn__message *m, const initializer *t)
{
    mlpbn__add_message(m, ONNX_GRAPH_INITIALIZER, add_tensor, t);
}

/* --- Standardization -------------------------------------------------------------------- */

/* Adds an array, [inputs]. */
static void add_columns(mlpbn__message *m, const mlpbn_network *network, const char *name,
                        const void *data)
{
    initializer t = {.dtype = network->dtype,
                     .n_dims = 1,
                     .rows = 1,
                     .columns = network->inputs,
                     .data = data};
    snprintf(t.name, sizeof t.name, "%s", name);
    add_initializer(m, &t);
}

static void add_standardization(mlpbn__message *m, const mlpbn_network *network)
{
    add_columns(m, network, "x.mean", network->mean_hi);
    if (network->dtype == MLPBN_F32)
        add_columns(m, network, "x.mean_rest", network->mean_lo);
    add_columns(m, network, "x.scale", network->scale);
}

/* --- Layers ----------------------------------------------------------------------------- */

/* The names of tensors. fallback: the value of the elements of gamma or beta if a batchnorm
 * does not have them, because ONNX requires both. */
static const struct {
    const char *name;
    double fallback;
} tensors[] = {
    [MLPBN_WEIGHT] = {"weight", 0},
    [MLPBN_BIAS] = {"bias", 0},
    [MLPBN_GAMMA] = {"gamma", 1},
    [MLPBN_BETA] = {"beta", 0},
    [MLPBN_RUNNING_MEAN] = {"running_mean", 0},
    [MLPBN_RUNNING_VAR] = {"running_var", 0},
};
_Static_assert(sizeof tensors / sizeof *tensors == MLPBN__TENSOR_KINDS,
               "a row for each kind of tensor");

void mlpbn__onnx_tensor_name(char name[MLPBN__ONNX_NAME_SIZE], const mlpbn_layer *layer,
                             mlpbn_tensor_kind kind)
{
    snprintf(name, MLPBN__ONNX_NAME_SIZE, "layer%zu.%s", layer->index,
             tensors[kind].name);
}

float mlpbn__onnx_epsilon(const mlpbn_layer *layer)
{
    double eps = layer->batchnorm.options.eps;
    float rounded = (float)eps;
    return (double)rounded > eps ? nextafterf(rounded, 0) : rounded;
}

static void add_layer_tensor(mlpbn__message *m, const mlpbn_layer *layer,
                             mlpbn_tensor_kind kind)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    initializer t = {.dtype = layer->network->dtype,
                     .n_dims = kind == MLPBN_WEIGHT ? 2 : 1,
                     .rows = tensor ? tensor->rows : 1,
                     .columns = tensor ? tensor->columns : layer->options.units,
                     .data = mlpbn__layer_data(layer, kind),
                     .stride = tensor ? tensor->stride : 0,
                     .fallback = tensors[kind].fallback};
    if (kind ==
        MLPBN_RUNNING_VAR) /* the remainder of eps, which epsilon cannot represent */
        t.offset = layer->batchnorm.options.eps - (double)mlpbn__onnx_epsilon(layer);
    mlpbn__onnx_tensor_name(t.name, layer, kind);
    add_initializer(m, &t);
}

static void add_layer_tensors(mlpbn__message *m, const mlpbn_layer *layer)
{
    add_layer_tensor(m, layer, MLPBN_WEIGHT);
    if (layer->options.bias)
        add_layer_tensor(m, layer, MLPBN_BIAS);
    if (layer->options.batchnorm)
        for (int kind = MLPBN_GAMMA; kind <= MLPBN_RUNNING_VAR; kind++)
            add_layer_tensor(m, layer, (mlpbn_tensor_kind)kind);
}

/* --- Constants -------------------------------------------------------------------------- */

const char *mlpbn__onnx_constant_name(mlpbn__operand operand)
{
    static const char *const names[] = {
        [MLPBN__ONE] = "one",        [MLPBN__HALF] = "half",
        [MLPBN__SQRT_2] = "root2",   [MLPBN__GELU_KAPPA] = "kappa",
        [MLPBN__GELU_BETA] = "beta", [MLPBN__ZERO] = "zero",
        [MLPBN__SIX] = "six",
    };
    MLPBN__ASSERT_ROWS(names, MLPBN__OPERANDS);
    return names[operand];
}

static int uses_operand(mlpbn_activation activation, mlpbn__operand operand)
{
    const mlpbn__op_node *nodes = mlpbn__activations[activation].onnx;
    for (size_t i = 0; i < mlpbn__n_op_nodes(activation); i++)
        for (int k = 0; k < MLPBN__MAX_NODE_OPERANDS; k++)
            if (nodes[i].operands[k] == operand)
                return 1;
    return 0;
}

/* Adds a constant operand if an activation of the network uses it. */
static void add_constant(mlpbn__message *m, const mlpbn_network *network,
                         mlpbn__operand operand)
{
    initializer t = {.dtype = network->dtype,
                     .rows = 1,
                     .columns = 1,
                     .fallback = mlpbn__operand_value(operand)};
    for (size_t l = 0; l < network->n_layers; l++)
        if (uses_operand(network->layers[l].options.activation, operand)) {
            snprintf(t.name, sizeof t.name, "%s", mlpbn__onnx_constant_name(operand));
            add_initializer(m, &t);
            return;
        }
}

void mlpbn__onnx_add_initializers(mlpbn__message *m, const mlpbn_network *network)
{
    if (network->standardized)
        add_standardization(m, network);
    for (size_t l = 0; l < network->n_layers; l++)
        add_layer_tensors(m, network->layers + l);
    for (int c = MLPBN__ONE; c < MLPBN__OPERANDS; c++)
        add_constant(m, network, (mlpbn__operand)c);
}
