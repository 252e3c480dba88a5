#include "io/onnx/onnx_graph.h"

#include "base/error.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_message.h"

#include <stdlib.h>

enum { MAX_NODES = 4096, MAX_INITIALIZERS = MAX_NODES, MIN_OPSET = 7 };

/* --- Inputs and outputs: all functions with a parameter context are mlpbn__field_fns ----- */

/* A ValueInfoProto. */
typedef struct value_info {
    mlpbn__bytes name;
    uint64_t type, n_dims, columns;
    int has_shape;
} value_info;

static mlpbn_status read_dim(void *context, const mlpbn__proto_field *field,
                             mlpbn__bytes file)
{
    (void)file;
    if (mlpbn__field_is(field, ONNX_DIM_VALUE, MLPBN__VARINT))
        ((value_info *)context)->columns = field->value;
    return MLPBN_OK;
}

static mlpbn_status read_shape(void *context, const mlpbn__proto_field *field,
                               mlpbn__bytes file)
{
    value_info *v = context;
    if (!mlpbn__field_is(field, ONNX_SHAPE_DIM, MLPBN__BYTES))
        return MLPBN_OK;
    v->n_dims++;
    v->columns = 0;
    return mlpbn__for_each_field(field->bytes, read_dim, v, file);
}

static mlpbn_status read_tensor_type(void *context, const mlpbn__proto_field *field,
                                     mlpbn__bytes file)
{
    value_info *v = context;
    if (mlpbn__field_is(field, ONNX_TENSOR_TYPE_ELEMENT, MLPBN__VARINT))
        v->type = field->value;
    if (!mlpbn__field_is(field, ONNX_TENSOR_TYPE_SHAPE, MLPBN__BYTES))
        return MLPBN_OK;
    v->has_shape = 1;
    return mlpbn__for_each_field(field->bytes, read_shape, v, file);
}

static mlpbn_status read_type(void *context, const mlpbn__proto_field *field,
                              mlpbn__bytes file)
{
    return mlpbn__field_is(field, ONNX_TYPE_TENSOR, MLPBN__BYTES)
               ? mlpbn__for_each_field(field->bytes, read_tensor_type, context, file)
               : MLPBN_OK;
}

static mlpbn_status read_value(void *context, const mlpbn__proto_field *field,
                               mlpbn__bytes file)
{
    value_info *v = context;
    if (mlpbn__field_is(field, ONNX_VALUE_NAME, MLPBN__BYTES))
        v->name = field->bytes;
    return mlpbn__field_is(field, ONNX_VALUE_TYPE, MLPBN__BYTES)
               ? mlpbn__for_each_field(field->bytes, read_type, v, file)
               : MLPBN_OK;
}

static mlpbn_status check_input(const value_info *v)
{
    char name[MLPBN__PRINTABLE_SIZE];
    mlpbn__printable(name, &v->name);
    if (v->type != ONNX_FLOAT && v->type != ONNX_DOUBLE)
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "input \"%s\": expected float or double (1 or 11), got type "
                           "%.0f",
                           name, (double)v->type);
    if (v->has_shape && v->n_dims != 2)
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "input \"%s\": expected 2 dimensions, got %.0f", name,
                           (double)v->n_dims);
    return MLPBN_OK;
}

/* Reads an input or output of the graph. Old files list initializers among the inputs, too;
 * these are skipped. */
static mlpbn_status read_input_or_output(void *context, const mlpbn__proto_field *field,
                                         mlpbn__bytes file)
{
    mlpbn__onnx_graph *graph = context;
    value_info v = {.type = 0};
    int is_input = mlpbn__field_is(field, ONNX_GRAPH_INPUT, MLPBN__BYTES);
    if (!is_input && !mlpbn__field_is(field, ONNX_GRAPH_OUTPUT, MLPBN__BYTES))
        return MLPBN_OK;
    RETURN_IF_ERROR(mlpbn__for_each_field(field->bytes, read_value, &v, file));
    if (is_input && mlpbn__onnx_find(graph, v.name))
        return MLPBN_OK;
    mlpbn__bytes *name = is_input ? &graph->input : &graph->output;
    if (name->begin)
        return mlpbn__fail(MLPBN_EUNSUPPORTED, "expected one %s of the graph, got more",
                           is_input ? "input" : "output");
    *name = v.name;
    if (!is_input)
        return MLPBN_OK;
    graph->inputs = v.columns;
    graph->dtype = v.type == ONNX_FLOAT ? MLPBN_F32 : MLPBN_F64;
    return check_input(&v);
}

/* --- Nodes and tensors ----------------------------------------------------------------- */

typedef struct node_counts {
    size_t nodes, initializers;
} node_counts;

static mlpbn_status count_nodes(void *context, const mlpbn__proto_field *field,
                                mlpbn__bytes file)
{
    node_counts *counts = context;
    (void)file;
    if (mlpbn__field_is(field, ONNX_GRAPH_NODE, MLPBN__BYTES))
        counts->nodes++;
    if (mlpbn__field_is(field, ONNX_GRAPH_INITIALIZER, MLPBN__BYTES))
        counts->initializers++;
    if (mlpbn__field_is(field, ONNX_GRAPH_SPARSE, MLPBN__BYTES))
        return mlpbn__fail(MLPBN_EUNSUPPORTED, "the graph has a sparse initializer");
    return MLPBN_OK;
}

/* Appends the value of a Constant node to the tensors, under the name of its output. */
static mlpbn_status append_constant(mlpbn__onnx_graph *graph,
                                    const mlpbn__onnx_node *node)
{
    mlpbn__bytes message;
    mlpbn__onnx_tensor *tensor = graph->tensors + graph->n_tensors;
    RETURN_IF_ERROR(mlpbn__onnx_constant(&message, node, graph->file));
    RETURN_IF_ERROR(mlpbn__onnx_read_tensor(tensor, message, graph->file));
    tensor->name = node->output;
    graph->n_tensors++;
    return MLPBN_OK;
}

/* Appends a node or an initializer. */
static mlpbn_status read_node_or_initializer(void *context,
                                             const mlpbn__proto_field *field,
                                             mlpbn__bytes file)
{
    mlpbn__onnx_graph *graph = context;
    if (mlpbn__field_is(field, ONNX_GRAPH_INITIALIZER, MLPBN__BYTES))
        return mlpbn__onnx_read_tensor(graph->tensors + graph->n_tensors++, field->bytes,
                                       file);
    if (!mlpbn__field_is(field, ONNX_GRAPH_NODE, MLPBN__BYTES))
        return MLPBN_OK;
    mlpbn__onnx_node *node = graph->nodes + graph->n_nodes;
    RETURN_IF_ERROR(mlpbn__onnx_read_node(node, field->bytes, file));
    if (mlpbn__bytes_equal_text(&node->op, "Constant") && node->domain.n == 0)
        return append_constant(graph, node);
    graph->n_nodes++;
    return MLPBN_OK;
}

static mlpbn_status parse_graph(mlpbn__onnx_graph *graph, mlpbn__bytes message)
{
    node_counts n = {0};
    RETURN_IF_ERROR(mlpbn__for_each_field(message, count_nodes, &n, graph->file));
    if (n.nodes > MAX_NODES || n.initializers > MAX_INITIALIZERS)
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "expected at most %d nodes and initializers, got %zu and %zu",
                           (int)MAX_NODES, n.nodes, n.initializers);
    graph->nodes = calloc(n.nodes + 1, sizeof *graph->nodes);
    graph->tensors = calloc(n.nodes + n.initializers + 1, sizeof *graph->tensors);
    if (!graph->nodes || !graph->tensors)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a graph of %zu nodes", n.nodes);
    RETURN_IF_ERROR(
        mlpbn__for_each_field(message, read_node_or_initializer, graph, graph->file));
    return mlpbn__for_each_field(message, read_input_or_output, graph, graph->file);
}

/* --- The model ------------------------------------------------------------------------- */

typedef struct model {
    mlpbn__bytes graph;
    uint64_t opset; /* version of the operators of domain ai.onnx */
    /* domain and version of the last OperatorSetIdProto */
    mlpbn__bytes domain;
    uint64_t version;
} model;

static mlpbn_status read_opset(void *context, const mlpbn__proto_field *field,
                               mlpbn__bytes file)
{
    model *m = context;
    (void)file;
    if (mlpbn__field_is(field, ONNX_OPSET_DOMAIN, MLPBN__BYTES))
        m->domain = field->bytes;
    if (mlpbn__field_is(field, ONNX_OPSET_VERSION, MLPBN__VARINT))
        m->version = field->value;
    return MLPBN_OK;
}

static mlpbn_status read_model(void *context, const mlpbn__proto_field *field,
                               mlpbn__bytes file)
{
    model *m = context;
    if (mlpbn__field_is(field, ONNX_MODEL_GRAPH, MLPBN__BYTES))
        m->graph = field->bytes;
    if (!mlpbn__field_is(field, ONNX_MODEL_OPSET, MLPBN__BYTES))
        return MLPBN_OK;
    m->domain.n = 0;
    RETURN_IF_ERROR(mlpbn__for_each_field(field->bytes, read_opset, m, file));
    if (m->domain.n == 0 || mlpbn__bytes_equal_text(&m->domain, "ai.onnx"))
        m->opset = m->version;
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_parse(mlpbn__onnx_graph *graph, mlpbn__bytes file)
{
    model m = {.opset = 0};
    *graph = (mlpbn__onnx_graph){.file = file};
    RETURN_IF_ERROR(mlpbn__for_each_field(file, read_model, &m, file));
    if (!m.graph.begin)
        return mlpbn__fail(MLPBN_EFORMAT, "expected a graph, got none: is it ONNX?");
    graph->opset = m.opset;
    if (m.opset < MIN_OPSET)
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "expected an operator set of at least version %d, got %.0f",
                           (int)MIN_OPSET, (double)m.opset);
    RETURN_IF_ERROR(parse_graph(graph, m.graph));
    if (!graph->input.begin || !graph->output.begin)
        return mlpbn__fail(MLPBN_EFORMAT, "expected an input and an output, got none");
    return MLPBN_OK;
}

void mlpbn__onnx_free(mlpbn__onnx_graph *graph)
{
    free(graph->nodes);
    free(graph->tensors);
}

const mlpbn__onnx_tensor *mlpbn__onnx_find(const mlpbn__onnx_graph *graph,
                                           mlpbn__bytes name)
{
    for (size_t i = 0; i < graph->n_tensors; i++)
        if (mlpbn__bytes_equal(graph->tensors[i].name, name))
            return graph->tensors + i;
    return NULL;
}
