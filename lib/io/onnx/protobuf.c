#include "io/onnx/protobuf.h"

#include "base/dtype.h"

#include <string.h>

int mlpbn__next_varint(uint64_t *value, mlpbn__bytes *packed)
{
    uint64_t bits = 0;
    if (packed->n == 0)
        return 0;
    for (size_t i = 0; i < packed->n && i < 10; i++) {
        unsigned char byte = packed->begin[i];
        if (i == 9 && byte > 1) /* the value has more than 64 bits */
            return -1;
        bits |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte < 0x80) {
            *value = bits;
            packed->begin += i + 1;
            packed->n -= i + 1;
            return 1;
        }
    }
    return -1;
}

static int read_fixed(uint64_t *value, mlpbn__bytes *rest, size_t n)
{
    if (rest->n < n)
        return -1;
    *value = 0;
    for (size_t i = 0; i < n; i++)
        *value |= (uint64_t)rest->begin[i] << 8 * i;
    rest->begin += n;
    rest->n -= n;
    return 1;
}

static int read_bytes(mlpbn__bytes *bytes, mlpbn__bytes *rest)
{
    uint64_t n;
    if (mlpbn__next_varint(&n, rest) != 1 || n > rest->n)
        return -1;
    *bytes = (mlpbn__bytes){rest->begin, (size_t)n};
    rest->begin += n;
    rest->n -= (size_t)n;
    return 1;
}

int mlpbn__next_field(mlpbn__proto_field *field, mlpbn__bytes *message)
{
    uint64_t tag;
    mlpbn__bytes rest = *message;
    int found = mlpbn__next_varint(&tag, &rest);
    if (found != 1)
        return found;
    *field =
        (mlpbn__proto_field){.number = tag >> 3, .type = (mlpbn__wire_type)(tag & 7)};
    switch (tag & 7) {
    case MLPBN__VARINT:
        found = mlpbn__next_varint(&field->value, &rest);
        break;
    case MLPBN__FIXED64:
        found = read_fixed(&field->value, &rest, 8);
        break;
    case MLPBN__FIXED32:
        found = read_fixed(&field->value, &rest, 4);
        break;
    case MLPBN__BYTES:
        found = read_bytes(&field->bytes, &rest);
        break;
    default: /* groups, which are deprecated */
        return -1;
    }
    if (found != 1 || field->number == 0)
        return -1;
    *message = rest;
    return 1;
}

double mlpbn__load_little_endian(mlpbn_dtype dtype, const unsigned char *bytes, size_t i)
{
    uint64_t bits;
    size_t size = mlpbn__sizeof(dtype);
    mlpbn__bytes element = {bytes + i * size, size};
    read_fixed(&bits, &element, size);
    if (dtype == MLPBN_F64)
        return mlpbn__load(MLPBN_F64, &bits, 0);
    uint32_t low = (uint32_t)bits;
    return mlpbn__load(MLPBN_F32, &low, 0);
}

int mlpbn__bytes_equal_text(const mlpbn__bytes *bytes, const char *text)
{
    return bytes->n == strlen(text) && memcmp(bytes->begin, text, bytes->n) == 0;
}

int mlpbn__bytes_equal(mlpbn__bytes a, mlpbn__bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.begin, b.begin, a.n) == 0);
}

/* --- Writing ---------------------------------------------------------------------------- */

static void add(mlpbn__message *message, const void *bytes, size_t n)
{
    message->size += n;
    if (message->output && message->status == MLPBN_OK)
        message->status = mlpbn__output_write(message->output, bytes, n);
}

static void add_varint(mlpbn__message *message, uint64_t value)
{
    unsigned char bytes[10];
    size_t n = 0;
    for (; value >= 0x80 && n < sizeof bytes - 1; value >>= 7)
        bytes[n++] = (unsigned char)(value | 0x80);
    bytes[n++] = (unsigned char)value;
    add(message, bytes, n);
}

static void add_tag(mlpbn__message *message, unsigned field, mlpbn__wire_type type)
{
    add_varint(message, (uint64_t)field << 3 | type);
}

static void add_fixed(mlpbn__message *message, uint64_t bits, size_t n)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(bits >> 8 * i);
    add(message, bytes, n);
}

void mlpbn__add_int(mlpbn__message *message, unsigned field, uint64_t value)
{
    add_tag(message, field, MLPBN__VARINT);
    add_varint(message, value);
}

void mlpbn__add_float(mlpbn__message *message, unsigned field, float value)
{
    add_tag(message, field, MLPBN__FIXED32);
    mlpbn__add_element(message, MLPBN_F32, (double)value);
}

void mlpbn__add_bytes(mlpbn__message *message, unsigned field, uint64_t n)
{
    add_tag(message, field, MLPBN__BYTES);
    add_varint(message, n);
}

void mlpbn__add_text(mlpbn__message *message, unsigned field, const char *text)
{
    size_t n = strlen(text);
    mlpbn__add_bytes(message, field, n);
    add(message, text, n);
}

void mlpbn__add_message(mlpbn__message *message, unsigned field,
                        mlpbn__add_fields_fn *add_fields, const void *context)
{
    mlpbn__message measured = {.output = NULL};
    add_fields(&measured, context);
    if (message->status == MLPBN_OK)
        message->status = measured.status;
    mlpbn__add_bytes(message, field, measured.size);
    if (message->output)
        add_fields(message, context);
    else
        message->size += measured.size;
}

void mlpbn__add_element(mlpbn__message *message, mlpbn_dtype dtype, double value)
{
    uint64_t bits = 0;
    uint32_t low;
    float single = (float)value;
    memcpy(&bits, &value, sizeof bits);
    memcpy(&low, &single, sizeof low);
    add_fixed(message, dtype == MLPBN_F32 ? low : bits, mlpbn__sizeof(dtype));
}
