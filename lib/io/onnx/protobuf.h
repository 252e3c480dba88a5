/* The wire format of protocol buffers (protobuf.dev/programming-guides/encoding): a message
 * is fields, each a number, a wire type and a value, which may be a message again.
 *
 * By hand, because of onnx.proto's messages ONNX files here need ten, with some forty
 * fields; protobuf-c and code generated from onnx.proto would be another library to
 * install, 10 000 lines to trust, and a copy of every weight on the way. */
#ifndef MLPBN_IO_ONNX_PROTOBUF_H
#define MLPBN_IO_ONNX_PROTOBUF_H

#include "io/output.h"

#include <mlpbn/common.h>

/* --- Reading: views into a block that stays as it is, nothing is copied --------------- */

typedef enum mlpbn__wire_type {
    MLPBN__VARINT = 0,
    MLPBN__FIXED64 = 1,
    MLPBN__BYTES = 2,
    MLPBN__FIXED32 = 5
} mlpbn__wire_type;

typedef struct mlpbn__bytes {
    const unsigned char *at;
    size_t n;
} mlpbn__bytes;

typedef struct mlpbn__field {
    uint64_t number;
    mlpbn__wire_type type;
    uint64_t value;     /* of VARINT, FIXED32 and FIXED64: its bits */
    mlpbn__bytes bytes; /* of BYTES */
} mlpbn__field;

/* Takes the next field off the front: 1; 0 at the end; -1 where the bytes are no field, and
 * *message begins with what was not understood. */
int mlpbn__next_field(mlpbn__field *field, mlpbn__bytes *message);

/* Takes the next number of a packed field off the front; as above. */
int mlpbn__next_varint(uint64_t *value, mlpbn__bytes *packed);

/* Number i of little-endian floats or doubles. */
double mlpbn__little_endian(mlpbn_dtype dtype, const unsigned char *bytes, size_t i);

int mlpbn__bytes_are(const mlpbn__bytes *bytes, const char *text);
int mlpbn__bytes_same(mlpbn__bytes a, mlpbn__bytes b);

/* --- Writing: measured first, for lengths come before what they measure --------------- */

typedef struct mlpbn__message {
    mlpbn__output *output; /* NULL: measuring */
    uint64_t size;
    mlpbn_status status; /* once it is not MLPBN_OK nothing more is written */
} mlpbn__message;

void mlpbn__add_int(mlpbn__message *message, unsigned field, uint64_t value);
void mlpbn__add_float(mlpbn__message *message, unsigned field, float value);
void mlpbn__add_text(mlpbn__message *message, unsigned field, const char *text);

/* A message within: write(message, what) adds its fields, twice. */
typedef void mlpbn__add(mlpbn__message *message, const void *what);
void mlpbn__add_message(mlpbn__message *message, unsigned field, mlpbn__add *add,
                        const void *what);

/* Begins a field of n bytes, which then follow as little-endian numbers. */
void mlpbn__add_bytes(mlpbn__message *message, unsigned field, uint64_t n);
void mlpbn__add_number(mlpbn__message *message, mlpbn_dtype dtype, double value);

#endif
