/* The wire format of protocol buffers (protobuf.dev/programming-guides/encoding): a message
 * consists of fields; each has a number, a wire type and a value, which may be a message.
 *
 * It is written by hand because ONNX files need ten messages of onnx.proto here, with some
 * forty fields. protobuf-c and code generated from onnx.proto would be another library to
 * install, 10 000 lines to trust, and a copy of every weight on the way. */
#ifndef MLPBN_IO_ONNX_PROTOBUF_H
#define MLPBN_IO_ONNX_PROTOBUF_H

#include "io/output.h"

#include <mlpbn/common.h>

/* --- Reading: nothing is copied, values point into the file ------------------------------ */

typedef enum mlpbn__wire_type {
    MLPBN__VARINT = 0,
    MLPBN__FIXED64 = 1,
    MLPBN__BYTES = 2,
    MLPBN__FIXED32 = 5
} mlpbn__wire_type;

typedef struct mlpbn__bytes {
    const unsigned char *begin;
    size_t n;
} mlpbn__bytes;

typedef struct mlpbn__proto_field {
    uint64_t number;
    mlpbn__wire_type type;
    uint64_t value;     /* bits of a VARINT, FIXED32 or FIXED64 */
    mlpbn__bytes bytes; /* value of BYTES */
} mlpbn__proto_field;

/* Reads the next field and moves the beginning of *message behind it. Returns 1; 0 at the
 * end; -1 if the bytes are not a field, and then *message begins with these bytes. */
int mlpbn__next_field(mlpbn__proto_field *field, mlpbn__bytes *message);

/* Reads the next value of a packed field in the same way. */
int mlpbn__next_varint(uint64_t *value, mlpbn__bytes *packed);

/* Returns element i of an array of little-endian floats or doubles. */
double mlpbn__load_little_endian(mlpbn_dtype dtype, const unsigned char *bytes, size_t i);

int mlpbn__bytes_equal_text(const mlpbn__bytes *bytes, const char *text);
int mlpbn__bytes_equal(mlpbn__bytes a, mlpbn__bytes b);

/* --- Writing: every message is measured first, since its length comes before it ---------- */

typedef struct mlpbn__message {
    mlpbn__output *output; /* NULL: the message is only measured */
    uint64_t size;
    mlpbn_status status; /* once it is not MLPBN_OK nothing more is written */
} mlpbn__message;

void mlpbn__add_int(mlpbn__message *message, unsigned field, uint64_t value);
void mlpbn__add_float(mlpbn__message *message, unsigned field, float value);
void mlpbn__add_text(mlpbn__message *message, unsigned field, const char *text);

/* Adds a nested message. add_fields adds its fields; it is called twice. */
typedef void mlpbn__add_fields_fn(mlpbn__message *message, const void *context);
void mlpbn__add_message(mlpbn__message *message, unsigned field,
                        mlpbn__add_fields_fn *add_fields, const void *context);

/* Begins a field of n bytes, which the caller adds as elements of an array. */
void mlpbn__add_bytes(mlpbn__message *message, unsigned field, uint64_t n);

/* Adds one element of an array, little-endian. */
void mlpbn__add_element(mlpbn__message *message, mlpbn_dtype dtype, double value);

#endif
