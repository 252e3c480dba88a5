/* What reading the parts of an ONNX file has in common. */
#ifndef MLPBN_IO_ONNX_ONNX_MESSAGE_H
#define MLPBN_IO_ONNX_ONNX_MESSAGE_H

#include "io/onnx/protobuf.h"

/* Called for each field of a message; file: all of it, to say where something is. */
typedef mlpbn_status mlpbn__take_field(void *what, const mlpbn__field *field,
                                       mlpbn__bytes file);

/* MLPBN_EFORMAT where bytes are no field; or what the first call that fails returns. */
mlpbn_status mlpbn__each_field(mlpbn__bytes message, mlpbn__take_field *take, void *what,
                               mlpbn__bytes file);

mlpbn_status mlpbn__malformed(mlpbn__bytes file, const unsigned char *at);

static inline int mlpbn__is(const mlpbn__field *field, unsigned number,
                            mlpbn__wire_type type)
{
    return field->number == number && field->type == type;
}

/* A name for an error text: what is not printable becomes '?', and a long one is cut. */
enum { MLPBN__SHOWN = 60 };
const char *mlpbn__show(char text[MLPBN__SHOWN], const mlpbn__bytes *name);

#endif
