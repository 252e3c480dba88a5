/* Functions that read all messages of an ONNX file. */
#ifndef MLPBN_IO_ONNX_ONNX_MESSAGE_H
#define MLPBN_IO_ONNX_ONNX_MESSAGE_H

#include "io/onnx/protobuf.h"

/* Reads one field of a message. file: the whole file, for byte offsets in
 * error texts. */
typedef mlpbn_status mlpbn__field_fn(void *context, const mlpbn__proto_field *field,
                                     mlpbn__bytes file);

/* Calls read for each field of a message until it fails. MLPBN_EFORMAT if the bytes are not a
 * field. */
mlpbn_status mlpbn__for_each_field(mlpbn__bytes message, mlpbn__field_fn *read,
                                   void *context, mlpbn__bytes file);

/* Returns MLPBN_EFORMAT; the error text says that the bytes from `at` on are not a field. */
mlpbn_status mlpbn__fail_malformed(mlpbn__bytes file, const unsigned char *at);

static inline int mlpbn__field_is(const mlpbn__proto_field *field, unsigned number,
                                  mlpbn__wire_type type)
{
    return field->number == number && field->type == type;
}

/* Writes a name for an error text: shortened, and with ? in place of characters that are not
 * printable. */
enum { MLPBN__PRINTABLE_SIZE = 60 };
const char *mlpbn__printable(char text[MLPBN__PRINTABLE_SIZE], const mlpbn__bytes *name);

#endif
