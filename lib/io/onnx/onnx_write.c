#include "io/onnx/onnx_write.h"

#include "base/error.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_write_graph.h"
#include "io/onnx/protobuf.h"

#include <mlpbn/version.h>

#include <stdio.h>

enum { OPSET = 13, IR_VERSION = 7 };

/* --- Input and output ------------------------------------------------------------------- */

/* "x" or "y": [N][columns] */
typedef struct value {
    const char *name;
    mlpbn_dtype dtype;
    size_t columns;
} value;

static void add_batch_dim(mlpbn__message *m, const void *name)
{
    mlpbn__add_text(m, ONNX_DIM_PARAM, name);
}

static void add_column_dim(mlpbn__message *m, const void *context)
{
    mlpbn__add_int(m, ONNX_DIM_VALUE, ((const value *)context)->columns);
}

static void add_shape(mlpbn__message *m, const void *context)
{
    mlpbn__add_message(m, ONNX_SHAPE_DIM, add_batch_dim, "N");
    mlpbn__add_message(m, ONNX_SHAPE_DIM, add_column_dim, context);
}

static void add_tensor_type(mlpbn__message *m, const void *context)
{
    mlpbn_dtype dtype = ((const value *)context)->dtype;
    mlpbn__add_int(m, ONNX_TENSOR_TYPE_ELEMENT,
                   dtype == MLPBN_F32 ? ONNX_FLOAT : ONNX_DOUBLE);
    mlpbn__add_message(m, ONNX_TENSOR_TYPE_SHAPE, add_shape, context);
}

static void add_type(mlpbn__message *m, const void *context)
{
    mlpbn__add_message(m, ONNX_TYPE_TENSOR, add_tensor_type, context);
}

static void add_value(mlpbn__message *m, const void *context)
{
    mlpbn__add_text(m, ONNX_VALUE_NAME, ((const value *)context)->name);
    mlpbn__add_message(m, ONNX_VALUE_TYPE, add_type, context);
}

/* --- The model -------------------------------------------------------------------------- */

static void add_graph(mlpbn__message *m, const void *context)
{
    const mlpbn__onnx_export *model = context;
    const mlpbn_network *network = model->network;
    const mlpbn_layer *last = network->layers + network->n_layers - 1;
    const value x = {"x", network->dtype, network->inputs},
                y = {"y", network->dtype, last->options.units};
    mlpbn__onnx_add_nodes(m, model);
    mlpbn__add_text(m, ONNX_GRAPH_NAME, "mlpbn");
    mlpbn__onnx_add_initializers(m, network);
    mlpbn__add_message(m, ONNX_GRAPH_INPUT, add_value, &x);
    mlpbn__add_message(m, ONNX_GRAPH_OUTPUT, add_value, &y);
}

static void add_opset(mlpbn__message *m, const void *context)
{
    (void)context;
    mlpbn__add_text(m, ONNX_OPSET_DOMAIN, "");
    mlpbn__add_int(m, ONNX_OPSET_VERSION, OPSET);
}

static void add_model(mlpbn__message *m, const void *context)
{
    char version[40];
    snprintf(version, sizeof version, "%d.%d.%d", MLPBN_VERSION_MAJOR,
             MLPBN_VERSION_MINOR, MLPBN_VERSION_PATCH);
    mlpbn__add_int(m, ONNX_MODEL_IR_VERSION, IR_VERSION);
    mlpbn__add_text(m, ONNX_MODEL_PRODUCER, "libmlpbn");
    mlpbn__add_text(m, ONNX_MODEL_PRODUCER_VERSION, version);
    mlpbn__add_message(m, ONNX_MODEL_GRAPH, add_graph, context);
    mlpbn__add_message(m, ONNX_MODEL_OPSET, add_opset, NULL);
}

mlpbn_status mlpbn__write_onnx(mlpbn__output *output, const void *context)
{
    mlpbn__message measured = {.output = NULL}, message = {.output = output};
    add_model(&measured, context);
    if (measured.size > INT32_MAX)
        return mlpbn__fail(MLPBN_ESIZE,
                           "an ONNX file holds at most %d bytes, this network takes %.0f",
                           INT32_MAX, (double)measured.size);
    add_model(&message, context);
    return message.status;
}
