#include "io/onnx/onnx_node.h"

#include "base/dtype.h"
#include "base/error.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_message.h"

/* All functions in this file with a parameter context are mlpbn__field_fns. */

static mlpbn_status read_node(void *context, const mlpbn__proto_field *field,
                              mlpbn__bytes file)
{
    mlpbn__onnx_node *node = context;
    (void)file;
    if (mlpbn__field_is(field, ONNX_NODE_INPUT, MLPBN__BYTES)) {
        if (node->n_inputs < MLPBN__NODE_INPUTS)
            node->inputs[node->n_inputs] = field->bytes;
        node->n_inputs++;
    } else if (mlpbn__field_is(field, ONNX_NODE_OUTPUT, MLPBN__BYTES)) {
        if (!node->output.begin)
            node->output = field->bytes;
        node->n_outputs += field->bytes.n > 0;
    } else if (mlpbn__field_is(field, ONNX_NODE_NAME, MLPBN__BYTES)) {
        node->name = field->bytes;
    } else if (mlpbn__field_is(field, ONNX_NODE_OP, MLPBN__BYTES)) {
        node->op = field->bytes;
    } else if (mlpbn__field_is(field, ONNX_NODE_DOMAIN, MLPBN__BYTES)) {
        node->domain = field->bytes;
    }
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_read_node(mlpbn__onnx_node *node, mlpbn__bytes message,
                                   mlpbn__bytes file)
{
    *node = (mlpbn__onnx_node){.message = message};
    return mlpbn__for_each_field(message, read_node, node, file);
}

mlpbn__bytes mlpbn__onnx_input(const mlpbn__onnx_node *node, size_t i)
{
    static const mlpbn__bytes none = {(const unsigned char *)"", 0};
    return i < node->n_inputs && i < MLPBN__NODE_INPUTS ? node->inputs[i] : none;
}

/* --- Attributes ------------------------------------------------------------------------- */

typedef struct attribute {
    mlpbn__bytes name, tensor;
    int has_tensor, has_number;
    double number;
} attribute;

static mlpbn_status read_attribute(void *context, const mlpbn__proto_field *field,
                                   mlpbn__bytes file)
{
    attribute *a = context;
    (void)file;
    if (mlpbn__field_is(field, ONNX_ATTRIBUTE_NAME, MLPBN__BYTES)) {
        a->name = field->bytes;
    } else if (mlpbn__field_is(field, ONNX_ATTRIBUTE_TENSOR, MLPBN__BYTES)) {
        a->tensor = field->bytes;
        a->has_tensor = 1;
    } else if (mlpbn__field_is(field, ONNX_ATTRIBUTE_INT, MLPBN__VARINT)) {
        a->number = field->value <= INT64_MAX ? (double)field->value
                                              : -(double)(~field->value + 1);
        a->has_number = 1;
    } else if (mlpbn__field_is(field, ONNX_ATTRIBUTE_FLOAT, MLPBN__FIXED32)) {
        uint32_t bits = (uint32_t)field->value;
        a->number = mlpbn__load(MLPBN_F32, &bits, 0);
        a->has_number = 1;
    }
    return MLPBN_OK;
}

typedef struct attribute_search {
    const char *name;
    attribute result; /* all 0 until the attribute is found */
} attribute_search;

static mlpbn_status find_attribute(void *context, const mlpbn__proto_field *field,
                                   mlpbn__bytes file)
{
    attribute_search *s = context;
    attribute a = {.number = 0};
    if (!mlpbn__field_is(field, ONNX_NODE_ATTRIBUTE, MLPBN__BYTES))
        return MLPBN_OK;
    RETURN_IF_ERROR(mlpbn__for_each_field(field->bytes, read_attribute, &a, file));
    if (mlpbn__bytes_equal_text(&a.name, s->name))
        s->result = a;
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_attribute(double *value, const mlpbn__onnx_node *node,
                                   const char *name, mlpbn__bytes file)
{
    attribute_search s = {.name = name};
    RETURN_IF_ERROR(mlpbn__for_each_field(node->message, find_attribute, &s, file));
    if (s.result.has_number)
        *value = s.result.number;
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_constant(mlpbn__bytes *tensor, const mlpbn__onnx_node *node,
                                  mlpbn__bytes file)
{
    attribute_search s = {.name = "value"};
    RETURN_IF_ERROR(mlpbn__for_each_field(node->message, find_attribute, &s, file));
    if (!s.result.has_tensor)
        return mlpbn__onnx_fail(MLPBN_EUNSUPPORTED, node,
                                "expected a tensor as its value, got none");
    *tensor = s.result.tensor;
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_fail(mlpbn_status status, const mlpbn__onnx_node *node,
                              const char *reason)
{
    char name[MLPBN__PRINTABLE_SIZE], op[MLPBN__PRINTABLE_SIZE];
    const mlpbn__bytes *known = node->name.n > 0 ? &node->name : &node->output;
    return mlpbn__fail(status, "node \"%s\" (%s): %s", mlpbn__printable(name, known),
                       mlpbn__printable(op, &node->op), reason);
}
