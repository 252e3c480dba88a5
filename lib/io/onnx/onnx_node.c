#include "io/onnx/onnx_node.h"

#include "base/error.h"
#include "base/dtype.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_message.h"

static mlpbn_status take_node(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    mlpbn__onnx_node *node = what;
    (void)file;
    if (mlpbn__is(field, ONNX_NODE_INPUT, MLPBN__BYTES)) {
        if (node->n_inputs < MLPBN__NODE_INPUTS)
            node->inputs[node->n_inputs] = field->bytes;
        node->n_inputs++;
    } else if (mlpbn__is(field, ONNX_NODE_OUTPUT, MLPBN__BYTES) && !node->output.at) {
        node->output = field->bytes;
    } else if (mlpbn__is(field, ONNX_NODE_NAME, MLPBN__BYTES)) {
        node->name = field->bytes;
    } else if (mlpbn__is(field, ONNX_NODE_OP, MLPBN__BYTES)) {
        node->op = field->bytes;
    } else if (mlpbn__is(field, ONNX_NODE_DOMAIN, MLPBN__BYTES)) {
        node->domain = field->bytes;
    }
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_read_node(mlpbn__onnx_node *node, mlpbn__bytes body,
                                   mlpbn__bytes file)
{
    *node = (mlpbn__onnx_node){.body = body};
    return mlpbn__each_field(body, take_node, node, file);
}

mlpbn__bytes mlpbn__onnx_input(const mlpbn__onnx_node *node, size_t i)
{
    static const mlpbn__bytes none = {(const unsigned char *)"", 0};
    return i < node->n_inputs && i < MLPBN__NODE_INPUTS ? node->inputs[i] : none;
}

typedef struct attribute {
    mlpbn__bytes name, tensor;
    int has_tensor, has_number;
    double number;
} attribute;

static mlpbn_status take_attribute(void *what, const mlpbn__field *field,
                                   mlpbn__bytes file)
{
    attribute *a = what;
    (void)file;
    if (mlpbn__is(field, ONNX_ATTRIBUTE_NAME, MLPBN__BYTES)) {
        a->name = field->bytes;
    } else if (mlpbn__is(field, ONNX_ATTRIBUTE_TENSOR, MLPBN__BYTES)) {
        a->tensor = field->bytes;
        a->has_tensor = 1;
    } else if (mlpbn__is(field, ONNX_ATTRIBUTE_INT, MLPBN__VARINT)) {
        a->number = field->value <= INT64_MAX ? (double)field->value
                                              : -(double)(~field->value + 1);
        a->has_number = 1;
    } else if (mlpbn__is(field, ONNX_ATTRIBUTE_FLOAT, MLPBN__FIXED32)) {
        uint32_t bits = (uint32_t)field->value;
        a->number = mlpbn__load(MLPBN_F32, &bits, 0);
        a->has_number = 1;
    }
    return MLPBN_OK;
}

typedef struct search {
    const char *name;
    attribute found; /* empty until it is */
} search;

static mlpbn_status take_attributes(void *what, const mlpbn__field *field,
                                    mlpbn__bytes file)
{
    search *s = what;
    attribute a = {.number = 0};
    if (!mlpbn__is(field, ONNX_NODE_ATTRIBUTE, MLPBN__BYTES))
        return MLPBN_OK;
    mlpbn_status status = mlpbn__each_field(field->bytes, take_attribute, &a, file);
    if (!status && mlpbn__bytes_are(&a.name, s->name))
        s->found = a;
    return status;
}

mlpbn_status mlpbn__onnx_attribute(double *value, const mlpbn__onnx_node *node,
                                   const char *name, mlpbn__bytes file)
{
    search s = {.name = name};
    mlpbn_status status = mlpbn__each_field(node->body, take_attributes, &s, file);
    if (!status && s.found.has_number)
        *value = s.found.number;
    return status;
}

mlpbn_status mlpbn__onnx_constant(mlpbn__bytes *tensor, const mlpbn__onnx_node *node,
                                  mlpbn__bytes file)
{
    search s = {.name = "value"};
    mlpbn_status status = mlpbn__each_field(node->body, take_attributes, &s, file);
    if (!status && !s.found.has_tensor)
        status = mlpbn__onnx_fail(MLPBN_EUNSUPPORTED, node,
                                  "expected a tensor as its value, got none");
    *tensor = s.found.tensor;
    return status;
}

mlpbn_status mlpbn__onnx_fail(mlpbn_status status, const mlpbn__onnx_node *node,
                              const char *what)
{
    char name[MLPBN__SHOWN], op[MLPBN__SHOWN];
    const mlpbn__bytes *known = node->name.n > 0 ? &node->name : &node->output;
    return mlpbn__fail(status, "node \"%s\" (%s): %s", mlpbn__show(name, known),
                       mlpbn__show(op, &node->op), what);
}
