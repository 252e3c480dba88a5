#include "io/onnx/onnx_graph.h"

#include "base/error.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_message.h"

#include <stdlib.h>

enum { MOST = 4096, OLDEST_OPSET = 7 };

/* --- Inputs and outputs ---------------------------------------------------------------- */

typedef struct value {
    mlpbn__bytes name;
    uint64_t type, n_dims, columns;
    int has_shape;
} value;

static mlpbn_status take_dim(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    (void)file;
    if (mlpbn__is(field, ONNX_DIM_VALUE, MLPBN__VARINT))
        ((value *)what)->columns = field->value;
    return MLPBN_OK;
}

static mlpbn_status take_shape(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    value *v = what;
    if (!mlpbn__is(field, ONNX_SHAPE_DIM, MLPBN__BYTES))
        return MLPBN_OK;
    v->n_dims++;
    v->columns = 0;
    return mlpbn__each_field(field->bytes, take_dim, v, file);
}

static mlpbn_status take_tensor_type(void *what, const mlpbn__field *field,
                                     mlpbn__bytes file)
{
    value *v = what;
    if (mlpbn__is(field, ONNX_TENSOR_TYPE_ELEMENT, MLPBN__VARINT))
        v->type = field->value;
    if (!mlpbn__is(field, ONNX_TENSOR_TYPE_SHAPE, MLPBN__BYTES))
        return MLPBN_OK;
    v->has_shape = 1;
    return mlpbn__each_field(field->bytes, take_shape, v, file);
}

static mlpbn_status take_type(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    return mlpbn__is(field, ONNX_TYPE_TENSOR, MLPBN__BYTES)
               ? mlpbn__each_field(field->bytes, take_tensor_type, what, file)
               : MLPBN_OK;
}

static mlpbn_status take_value(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    value *v = what;
    if (mlpbn__is(field, ONNX_VALUE_NAME, MLPBN__BYTES))
        v->name = field->bytes;
    return mlpbn__is(field, ONNX_VALUE_TYPE, MLPBN__BYTES)
               ? mlpbn__each_field(field->bytes, take_type, v, file)
               : MLPBN_OK;
}

static mlpbn_status check_input(const value *v)
{
    char name[MLPBN__SHOWN];
    mlpbn__show(name, &v->name);
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

/* Old files list initializers among the inputs. */
static mlpbn_status take_ends(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    mlpbn__onnx_graph *graph = what;
    value v = {.type = 0};
    int is_input = mlpbn__is(field, ONNX_GRAPH_INPUT, MLPBN__BYTES);
    if (!is_input && !mlpbn__is(field, ONNX_GRAPH_OUTPUT, MLPBN__BYTES))
        return MLPBN_OK;
    mlpbn_status status = mlpbn__each_field(field->bytes, take_value, &v, file);
    if (status || (is_input && mlpbn__onnx_find(graph, v.name)))
        return status;
    mlpbn__bytes *name = is_input ? &graph->input : &graph->output;
    if (name->at)
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

static mlpbn_status count_parts(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    size_t *counts = what;
    (void)file;
    if (mlpbn__is(field, ONNX_GRAPH_NODE, MLPBN__BYTES))
        counts[0]++;
    if (mlpbn__is(field, ONNX_GRAPH_INITIALIZER, MLPBN__BYTES))
        counts[1]++;
    if (mlpbn__is(field, ONNX_GRAPH_SPARSE, MLPBN__BYTES))
        return mlpbn__fail(MLPBN_EUNSUPPORTED, "the graph has a sparse initializer");
    return MLPBN_OK;
}

static mlpbn_status add_constant(mlpbn__onnx_graph *graph, const mlpbn__onnx_node *node)
{
    mlpbn__bytes body;
    mlpbn__onnx_tensor *tensor = graph->tensors + graph->n_tensors;
    mlpbn_status status = mlpbn__onnx_constant(&body, node, graph->file);
    if (!status)
        status = mlpbn__onnx_read_tensor(tensor, body, graph->file);
    tensor->name = node->output;
    graph->n_tensors++;
    return status;
}

static mlpbn_status take_parts(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    mlpbn__onnx_graph *graph = what;
    if (mlpbn__is(field, ONNX_GRAPH_INITIALIZER, MLPBN__BYTES))
        return mlpbn__onnx_read_tensor(graph->tensors + graph->n_tensors++, field->bytes,
                                       file);
    if (!mlpbn__is(field, ONNX_GRAPH_NODE, MLPBN__BYTES))
        return MLPBN_OK;
    mlpbn__onnx_node *node = graph->nodes + graph->n_nodes;
    mlpbn_status status = mlpbn__onnx_read_node(node, field->bytes, file);
    if (status)
        return status;
    if (mlpbn__bytes_are(&node->op, "Constant") && node->domain.n == 0)
        return add_constant(graph, node);
    graph->n_nodes++;
    return MLPBN_OK;
}

static mlpbn_status parse_graph(mlpbn__onnx_graph *graph, mlpbn__bytes body)
{
    size_t counts[2] = {0};
    mlpbn_status status = mlpbn__each_field(body, count_parts, counts, graph->file);
    if (!status && (counts[0] > MOST || counts[1] > MOST))
        status =
            mlpbn__fail(MLPBN_EUNSUPPORTED,
                        "expected at most %d nodes and initializers, got %zu and %zu",
                        (int)MOST, counts[0], counts[1]);
    if (status)
        return status;
    graph->nodes = calloc(counts[0] + 1, sizeof *graph->nodes);
    graph->tensors = calloc(counts[0] + counts[1] + 1, sizeof *graph->tensors);
    if (!graph->nodes || !graph->tensors)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a graph of %zu nodes", counts[0]);
    status = mlpbn__each_field(body, take_parts, graph, graph->file);
    return status ? status : mlpbn__each_field(body, take_ends, graph, graph->file);
}

/* --- The model ------------------------------------------------------------------------- */

typedef struct model {
    mlpbn__bytes graph, domain; /* domain: of the operator set at hand */
    uint64_t opset, version;
} model;

static mlpbn_status take_opset(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    model *m = what;
    (void)file;
    if (mlpbn__is(field, ONNX_OPSET_DOMAIN, MLPBN__BYTES))
        m->domain = field->bytes;
    if (mlpbn__is(field, ONNX_OPSET_VERSION, MLPBN__VARINT))
        m->version = field->value;
    return MLPBN_OK;
}

static mlpbn_status take_model(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    model *m = what;
    if (mlpbn__is(field, ONNX_MODEL_GRAPH, MLPBN__BYTES))
        m->graph = field->bytes;
    if (!mlpbn__is(field, ONNX_MODEL_OPSET, MLPBN__BYTES))
        return MLPBN_OK;
    m->domain.n = 0;
    mlpbn_status status = mlpbn__each_field(field->bytes, take_opset, m, file);
    if (m->domain.n == 0 || mlpbn__bytes_are(&m->domain, "ai.onnx"))
        m->opset = m->version;
    return status;
}

mlpbn_status mlpbn__onnx_parse(mlpbn__onnx_graph *graph, mlpbn__bytes file)
{
    model m = {.opset = 0};
    *graph = (mlpbn__onnx_graph){.file = file};
    mlpbn_status status = mlpbn__each_field(file, take_model, &m, file);
    if (status)
        return status;
    if (!m.graph.at)
        return mlpbn__fail(MLPBN_EFORMAT, "expected a graph, got none: is it ONNX?");
    graph->opset = m.opset;
    if (m.opset < OLDEST_OPSET)
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "expected an operator set of at least version %d, got %.0f",
                           (int)OLDEST_OPSET, (double)m.opset);
    status = parse_graph(graph, m.graph);
    if (!status && (!graph->input.at || !graph->output.at))
        status = mlpbn__fail(MLPBN_EFORMAT, "expected an input and an output, got none");
    return status;
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
        if (mlpbn__bytes_same(graph->tensors[i].name, name))
            return graph->tensors + i;
    return NULL;
}
