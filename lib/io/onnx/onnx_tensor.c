#include "io/onnx/onnx_tensor.h"

#include "base/dtype.h"
#include "base/error.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_message.h"

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* Appends a dimension. A negative one is a huge unsigned number, which no data fits. */
static void append_dim(mlpbn__onnx_tensor *tensor, uint64_t dim)
{
    tensor->n_dims++;
    tensor->dims[0] = tensor->dims[1];
    tensor->dims[1] = dim;
    tensor->n = saturating_product(tensor->n, dim);
}

static mlpbn_status read_packed_dims(mlpbn__onnx_tensor *tensor, mlpbn__bytes packed,
                                     mlpbn__bytes file)
{
    uint64_t dim;
    int found;
    while ((found = mlpbn__next_varint(&dim, &packed)) == 1)
        append_dim(tensor, dim);
    return found < 0 ? mlpbn__fail_malformed(file, packed.begin) : MLPBN_OK;
}

/* A mlpbn__field_fn. */
static mlpbn_status read_tensor(void *context, const mlpbn__proto_field *field,
                                mlpbn__bytes file)
{
    mlpbn__onnx_tensor *tensor = context;
    if (mlpbn__field_is(field, ONNX_TENSOR_DIMS, MLPBN__VARINT))
        append_dim(tensor, field->value);
    else if (mlpbn__field_is(field, ONNX_TENSOR_DIMS, MLPBN__BYTES))
        return read_packed_dims(tensor, field->bytes, file);
    else if (mlpbn__field_is(field, ONNX_TENSOR_TYPE, MLPBN__VARINT))
        tensor->dtype = field->value == ONNX_FLOAT    ? MLPBN_F32
                        : field->value == ONNX_DOUBLE ? MLPBN_F64
                                                      : MLPBN_NO_DTYPE;
    else if (mlpbn__field_is(field, ONNX_TENSOR_NAME, MLPBN__BYTES))
        tensor->name = field->bytes;
    else if (mlpbn__field_is(field, ONNX_TENSOR_RAW, MLPBN__BYTES) ||
             mlpbn__field_is(field, ONNX_TENSOR_FLOATS, MLPBN__BYTES) ||
             mlpbn__field_is(field, ONNX_TENSOR_DOUBLES, MLPBN__BYTES))
        tensor->data = field->bytes;
    else if (mlpbn__field_is(field, ONNX_TENSOR_LOCATION, MLPBN__VARINT))
        tensor->is_external = field->value != 0;
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_read_tensor(mlpbn__onnx_tensor *tensor, mlpbn__bytes message,
                                     mlpbn__bytes file)
{
    char name[MLPBN__PRINTABLE_SIZE];
    *tensor = (mlpbn__onnx_tensor){.n = 1};
    RETURN_IF_ERROR(mlpbn__for_each_field(message, read_tensor, tensor, file));
    if (tensor->dtype == MLPBN_NO_DTYPE)
        return MLPBN_OK;
    mlpbn__printable(name, &tensor->name);
    if (tensor->is_external)
        return mlpbn__fail(MLPBN_EUNSUPPORTED,
                           "tensor \"%s\": its numbers are in another file", name);
    uint64_t bytes = saturating_product(tensor->n, mlpbn__sizeof(tensor->dtype));
    if (bytes == tensor->data.n)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EFORMAT,
        "tensor \"%s\": expected %.0f bytes of numbers for its dimensions, "
        "got %zu",
        name, (double)bytes, tensor->data.n);
}

double mlpbn__onnx_element(const mlpbn__onnx_tensor *tensor, uint64_t i)
{
    return mlpbn__load_little_endian(tensor->dtype, tensor->data.begin, (size_t)i);
}
