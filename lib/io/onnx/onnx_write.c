#include "io/onnx/onnx_write.h"

#include "base/error.h"
#include "base/dtype.h"
#include "io/onnx/onnx_activations.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/protobuf.h"

#include <mlpbn/version.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OPSET = 13, IR_VERSION = 7, NAME = 48, MOST_INPUTS = 5 };

/* --- Initializers ---------------------------------------------------------------------- */

/* The numbers of one: of an array, row by row, or all `otherwise`; each plus `more`. */
typedef struct initializer {
    char name[NAME];
    mlpbn_dtype dtype;
    int n_dims;
    size_t rows, columns; /* [rows][columns], [columns] or one */
    const void *data;     /* NULL: none */
    mlpbn_dtype of_data;
    size_t stride;
    double otherwise, more;
} initializer;

static void add_tensor(mlpbn__message *m, const void *what)
{
    const initializer *t = what;
    const size_t dims[] = {t->rows, t->columns};
    for (int i = 2 - t->n_dims; i < 2; i++)
        mlpbn__add_int(m, ONNX_TENSOR_DIMS, dims[i]);
    mlpbn__add_int(m, ONNX_TENSOR_TYPE, t->dtype == MLPBN_F32 ? ONNX_FLOAT : ONNX_DOUBLE);
    mlpbn__add_text(m, ONNX_TENSOR_NAME, t->name);
    uint64_t n = (uint64_t)t->rows * t->columns * mlpbn__sizeof(t->dtype);
    mlpbn__add_bytes(m, ONNX_TENSOR_RAW, n);
    if (!m->output) {
        m->size += n;
        return;
    }
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < t->columns && !m->status; j++) {
            double value = t->data ? mlpbn__load(t->of_data, t->data, i * t->stride + j)
                                   : t->otherwise;
            value = mlpbn__round(t->dtype, value + t->more);
            if (!isfinite(value))
                m->status = mlpbn__fail(MLPBN_ENONFINITE,
                                        "%s[%zu][%zu]: expected a finite number, got %g",
                                        t->name, i, j, value);
            mlpbn__add_number(m, t->dtype, value);
        }
}

static void add_initializer(mlpbn__message *m, const initializer *t)
{
    mlpbn__add_message(m, ONNX_GRAPH_INITIALIZER, add_tensor, t);
}

static void add_vector(mlpbn__message *m, const mlpbn_network *network, const char *name,
                       const void *data, mlpbn_dtype of_data)
{
    initializer t = {.dtype = network->dtype,
                     .n_dims = 1,
                     .rows = 1,
                     .columns = network->inputs,
                     .data = data,
                     .of_data = of_data};
    snprintf(t.name, sizeof t.name, "%s", name);
    add_initializer(m, &t);
}

/* ONNX has no batchnorm without scale and bias. */
static const struct {
    mlpbn_tensor_kind kind;
    const char *name;
    double otherwise;
} layer_tensors[] = {
    {MLPBN_WEIGHT, "weight", 0},
    {MLPBN_BIAS, "bias", 0},
    {MLPBN_GAMMA, "gamma", 1},
    {MLPBN_BETA, "beta", 0},
    {MLPBN_RUNNING_MEAN, "running_mean", 0},
    {MLPBN_RUNNING_VAR, "running_var", 0},
};

/* epsilon as a float that is not above eps */
static float epsilon_of(const mlpbn_layer *layer)
{
    double eps = layer->batchnorm.options.eps;
    float rounded = (float)eps;
    return (double)rounded > eps ? nextafterf(rounded, 0) : rounded;
}

static void add_layer_tensors(mlpbn__message *m, const mlpbn_layer *layer)
{
    const mlpbn_network *network = layer->network;
    for (size_t i = 0; i < sizeof layer_tensors / sizeof *layer_tensors; i++) {
        mlpbn_tensor_kind kind = layer_tensors[i].kind;
        const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
        if (!tensor && (kind == MLPBN_BIAS || !layer->options.batchnorm))
            continue;
        initializer t = {.dtype = network->dtype,
                         .n_dims = kind == MLPBN_WEIGHT ? 2 : 1,
                         .rows = tensor ? tensor->rows : 1,
                         .columns = tensor ? tensor->columns : layer->options.units,
                         .data = mlpbn__layer_data(layer, kind),
                         .of_data = network->dtype,
                         .stride = tensor ? tensor->stride : 0,
                         .otherwise = layer_tensors[i].otherwise};
        if (kind == MLPBN_RUNNING_VAR)
            t.more = layer->batchnorm.options.eps - (double)epsilon_of(layer);
        snprintf(t.name, sizeof t.name, "layer%zu.%s", layer->index,
                 layer_tensors[i].name);
        add_initializer(m, &t);
    }
}

static int uses(const mlpbn_network *network, mlpbn__operand constant)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn__recipe *recipe =
            mlpbn__recipe_of(network->layers[l].options.activation);
        for (int i = 0; recipe && i < MLPBN__MOST_STEPS; i++)
            if (recipe->steps[i].a == constant || recipe->steps[i].b == constant)
                return 1;
    }
    return 0;
}

static void add_initializers(mlpbn__message *m, const mlpbn_network *network)
{
    if (network->standardized) {
        add_vector(m, network, "x.mean", network->mean_hi, network->dtype);
        if (network->dtype == MLPBN_F32)
            add_vector(m, network, "x.mean_rest", network->mean_lo, network->dtype);
        add_vector(m, network, "x.scale", network->scale, network->dtype);
    }
    for (size_t l = 0; l < network->n_layers; l++)
        add_layer_tensors(m, network->layers + l);
    for (int c = MLPBN__ONE; c < MLPBN__OPERANDS; c++) {
        initializer t = {.dtype = network->dtype,
                         .rows = 1,
                         .columns = 1,
                         .otherwise = mlpbn__constants[c].value};
        snprintf(t.name, sizeof t.name, "%s", mlpbn__constants[c].name);
        if (uses(network, (mlpbn__operand)c))
            add_initializer(m, &t);
    }
}

/* --- Nodes ----------------------------------------------------------------------------- */

typedef struct attribute {
    const char *name; /* NULL: none */
    int is_int;
    double value;
} attribute;

typedef struct node {
    const char *op;
    char name[NAME];
    char inputs[MOST_INPUTS][NAME]; /* up to the first empty one */
    char output[NAME];
    attribute attributes[2];
} node;

/* The chain in the making: value i of `total` is "x" for the first and "y" for the last. */
typedef struct chain {
    mlpbn__message *message; /* NULL: counting */
    size_t made, total;
} chain;

static void add_attribute(mlpbn__message *m, const void *what)
{
    const attribute *a = what;
    mlpbn__add_text(m, ONNX_ATTRIBUTE_NAME, a->name);
    if (a->is_int)
        mlpbn__add_int(m, ONNX_ATTRIBUTE_INT, (uint64_t)a->value);
    else
        mlpbn__add_float(m, ONNX_ATTRIBUTE_FLOAT, (float)a->value);
    mlpbn__add_int(m, ONNX_ATTRIBUTE_TYPE, a->is_int ? ONNX_TYPE_INT : ONNX_TYPE_FLOAT);
}

static void add_node(mlpbn__message *m, const void *what)
{
    const node *n = what;
    for (int i = 0; i < MOST_INPUTS && n->inputs[i][0]; i++)
        mlpbn__add_text(m, ONNX_NODE_INPUT, n->inputs[i]);
    mlpbn__add_text(m, ONNX_NODE_OUTPUT, n->output);
    mlpbn__add_text(m, ONNX_NODE_NAME, n->name);
    mlpbn__add_text(m, ONNX_NODE_OP, n->op);
    for (int i = 0; i < 2 && n->attributes[i].name; i++)
        mlpbn__add_message(m, ONNX_NODE_ATTRIBUTE, add_attribute, n->attributes + i);
}

static void name_value(const chain *c, size_t i, char name[NAME])
{
    if (i == 0 || i == c->total)
        snprintf(name, NAME, "%s", i == 0 ? "x" : "y");
    else
        snprintf(name, NAME, "v%zu", i);
}

/* A node whose input `hole` is the last value, and whose output the next. */
static void link(chain *c, node *n, int hole)
{
    name_value(c, c->made, n->inputs[hole]);
    name_value(c, ++c->made, n->output);
    snprintf(n->name, sizeof n->name, "%s%zu", n->op, c->made);
    if (c->message)
        mlpbn__add_message(c->message, ONNX_GRAPH_NODE, add_node, n);
}

static void set_input(node *n, int i, const mlpbn_layer *layer, const char *name)
{
    snprintf(n->inputs[i], NAME, "layer%zu.%s", layer->index, name);
}

static void link_standardization(chain *c, const mlpbn_network *network)
{
    node mean = {.op = "Sub"}, rest = {.op = "Sub"}, scale = {.op = "Mul"};
    strcpy(mean.inputs[1], "x.mean");
    strcpy(rest.inputs[1], "x.mean_rest");
    strcpy(scale.inputs[1], "x.scale");
    link(c, &mean, 0);
    if (network->dtype == MLPBN_F32)
        link(c, &rest, 0);
    link(c, &scale, 0);
}

static void link_product(chain *c, const mlpbn_layer *layer)
{
    node gemm = {.op = "Gemm", .attributes = {{"transB", 1, 1}}};
    set_input(&gemm, 1, layer, "weight");
    if (layer->options.bias)
        set_input(&gemm, 2, layer, "bias");
    link(c, &gemm, 0);
}

static void link_batchnorm(chain *c, const mlpbn_layer *layer)
{
    node n = {.op = "BatchNormalization",
              .attributes = {{"epsilon", 0, (double)epsilon_of(layer)},
                             {"momentum", 0, layer->batchnorm.options.decay}}};
    for (int i = 1; i < MOST_INPUTS; i++)
        set_input(&n, i, layer, layer_tensors[i + 1].name);
    link(c, &n, 0);
}

static void link_activation(chain *c, mlpbn_activation activation, double alpha)
{
    const mlpbn__recipe *recipe = mlpbn__recipe_of(activation);
    size_t x = c->made;
    for (int i = 0; recipe && i < MLPBN__MOST_STEPS && recipe->steps[i].op; i++) {
        node n = {.op = recipe->steps[i].op};
        const mlpbn__operand operands[] = {recipe->steps[i].a, recipe->steps[i].b};
        int hole = 0;
        for (int k = 0; k < 2; k++) {
            if (operands[k] == MLPBN__X)
                name_value(c, x, n.inputs[k]);
            else if (operands[k] == MLPBN__P)
                hole = k;
            else if (operands[k] != MLPBN__NO_OPERAND)
                snprintf(n.inputs[k], NAME, "%s", mlpbn__constants[operands[k]].name);
        }
        if (recipe->default_alpha > 0)
            n.attributes[0] = (attribute){"alpha", 0, alpha};
        link(c, &n, hole);
    }
}

static void link_all(chain *c, const mlpbn__onnx_source *source)
{
    const mlpbn_network *network = source->network;
    if (network->standardized)
        link_standardization(c, network);
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn_layer *layer = network->layers + l;
        link_product(c, layer);
        if (layer->options.batchnorm && !layer->batchnorm.options.after_activation)
            link_batchnorm(c, layer);
        link_activation(c, layer->options.activation, layer->options.alpha);
        if (layer->options.batchnorm && layer->batchnorm.options.after_activation)
            link_batchnorm(c, layer);
    }
    if (source->softmax)
        link_activation(c, MLPBN_SOFTMAX, 0);
}

/* --- The rest -------------------------------------------------------------------------- */

/* "x" or "y": [N][columns] */
typedef struct value {
    const char *name;
    mlpbn_dtype dtype;
    size_t columns;
} value;

static void add_batch(mlpbn__message *m, const void *what)
{
    mlpbn__add_text(m, ONNX_DIM_PARAM, what);
}

static void add_columns(mlpbn__message *m, const void *what)
{
    mlpbn__add_int(m, ONNX_DIM_VALUE, ((const value *)what)->columns);
}

static void add_shape(mlpbn__message *m, const void *what)
{
    mlpbn__add_message(m, ONNX_SHAPE_DIM, add_batch, "N");
    mlpbn__add_message(m, ONNX_SHAPE_DIM, add_columns, what);
}

static void add_tensor_type(mlpbn__message *m, const void *what)
{
    mlpbn_dtype dtype = ((const value *)what)->dtype;
    mlpbn__add_int(m, ONNX_TENSOR_TYPE_ELEMENT,
                   dtype == MLPBN_F32 ? ONNX_FLOAT : ONNX_DOUBLE);
    mlpbn__add_message(m, ONNX_TENSOR_TYPE_SHAPE, add_shape, what);
}

static void add_type(mlpbn__message *m, const void *what)
{
    mlpbn__add_message(m, ONNX_TYPE_TENSOR, add_tensor_type, what);
}

static void add_value(mlpbn__message *m, const void *what)
{
    mlpbn__add_text(m, ONNX_VALUE_NAME, ((const value *)what)->name);
    mlpbn__add_message(m, ONNX_VALUE_TYPE, add_type, what);
}

static void add_graph(mlpbn__message *m, const void *what)
{
    const mlpbn__onnx_source *source = what;
    const mlpbn_network *network = source->network;
    const value x = {"x", network->dtype, network->inputs},
                y = {"y", network->dtype,
                     network->layers[network->n_layers - 1].options.units};
    chain counted = {.total = SIZE_MAX};
    link_all(&counted, source);
    chain c = {.message = m, .total = counted.made};
    link_all(&c, source);
    mlpbn__add_text(m, ONNX_GRAPH_NAME, "mlpbn");
    add_initializers(m, network);
    mlpbn__add_message(m, ONNX_GRAPH_INPUT, add_value, &x);
    mlpbn__add_message(m, ONNX_GRAPH_OUTPUT, add_value, &y);
}

static void add_opset(mlpbn__message *m, const void *what)
{
    (void)what;
    mlpbn__add_text(m, ONNX_OPSET_DOMAIN, "");
    mlpbn__add_int(m, ONNX_OPSET_VERSION, OPSET);
}

static void add_model(mlpbn__message *m, const void *source)
{
    char version[40];
    snprintf(version, sizeof version, "%d.%d.%d", MLPBN_VERSION_MAJOR,
             MLPBN_VERSION_MINOR, MLPBN_VERSION_PATCH);
    mlpbn__add_int(m, ONNX_MODEL_IR_VERSION, IR_VERSION);
    mlpbn__add_text(m, ONNX_MODEL_PRODUCER, "libmlpbn");
    mlpbn__add_text(m, ONNX_MODEL_PRODUCER_VERSION, version);
    mlpbn__add_message(m, ONNX_MODEL_GRAPH, add_graph, source);
    mlpbn__add_message(m, ONNX_MODEL_OPSET, add_opset, NULL);
}

mlpbn_status mlpbn__write_onnx(mlpbn__output *output, const void *source)
{
    mlpbn__message measuring = {.output = NULL}, message = {.output = output};
    add_model(&measuring, source);
    if (measuring.size > INT32_MAX)
        return mlpbn__fail(MLPBN_ESIZE,
                           "an ONNX file holds at most %d bytes, this network takes %.0f",
                           INT32_MAX, (double)measuring.size);
    add_model(&message, source);
    return message.status;
}
