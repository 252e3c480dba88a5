#include "io/onnx/onnx_tensor.h"

#include "base/error.h"
#include "base/dtype.h"
#include "io/onnx/onnx_fields.h"
#include "io/onnx/onnx_message.h"

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* Negative sizes are huge ones, which no data fits. */
static void add_dim(mlpbn__onnx_tensor *tensor, uint64_t size)
{
    tensor->n_dims++;
    tensor->dims[0] = tensor->dims[1];
    tensor->dims[1] = size;
    tensor->n = saturating_product(tensor->n, size);
}

static mlpbn_status take_packed_dims(mlpbn__onnx_tensor *tensor, mlpbn__bytes packed,
                                     mlpbn__bytes file)
{
    uint64_t size;
    int taken;
    while ((taken = mlpbn__next_varint(&size, &packed)) == 1)
        add_dim(tensor, size);
    return taken < 0 ? mlpbn__malformed(file, packed.at) : MLPBN_OK;
}

static mlpbn_status take_tensor(void *what, const mlpbn__field *field, mlpbn__bytes file)
{
    mlpbn__onnx_tensor *tensor = what;
    if (mlpbn__is(field, ONNX_TENSOR_DIMS, MLPBN__VARINT))
        add_dim(tensor, field->value);
    else if (mlpbn__is(field, ONNX_TENSOR_DIMS, MLPBN__BYTES))
        return take_packed_dims(tensor, field->bytes, file);
    else if (mlpbn__is(field, ONNX_TENSOR_TYPE, MLPBN__VARINT))
        tensor->dtype = field->value == ONNX_FLOAT    ? MLPBN_F32
                        : field->value == ONNX_DOUBLE ? MLPBN_F64
                                                      : MLPBN_NO_DTYPE;
    else if (mlpbn__is(field, ONNX_TENSOR_NAME, MLPBN__BYTES))
        tensor->name = field->bytes;
    else if (mlpbn__is(field, ONNX_TENSOR_RAW, MLPBN__BYTES) ||
             mlpbn__is(field, ONNX_TENSOR_FLOATS, MLPBN__BYTES) ||
             mlpbn__is(field, ONNX_TENSOR_DOUBLES, MLPBN__BYTES))
        tensor->data = field->bytes;
    else if (mlpbn__is(field, ONNX_TENSOR_LOCATION, MLPBN__VARINT))
        tensor->is_external = field->value != 0;
    return MLPBN_OK;
}

mlpbn_status mlpbn__onnx_read_tensor(mlpbn__onnx_tensor *tensor, mlpbn__bytes body,
                                     mlpbn__bytes file)
{
    char name[MLPBN__SHOWN];
    *tensor = (mlpbn__onnx_tensor){.n = 1};
    mlpbn_status status = mlpbn__each_field(body, take_tensor, tensor, file);
    if (status || tensor->dtype == MLPBN_NO_DTYPE)
        return status;
    mlpbn__show(name, &tensor->name);
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

double mlpbn__onnx_number(const mlpbn__onnx_tensor *tensor, uint64_t i)
{
    return mlpbn__little_endian(tensor->dtype, tensor->data.at, (size_t)i);
}
