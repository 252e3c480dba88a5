/* A network as an ONNX model (mlpbn/onnx.h). */
#ifndef MLPBN_IO_ONNX_ONNX_WRITE_H
#define MLPBN_IO_ONNX_ONNX_WRITE_H

#include "model/model.h"
#include "io/output.h"

typedef struct mlpbn__onnx_source {
    const mlpbn_network *network;
    int softmax; /* one more node: the last activation is the identity */
} mlpbn__onnx_source;

/* An mlpbn__writer_fn of an mlpbn__onnx_source. */
mlpbn_status mlpbn__write_onnx(mlpbn__output *output, const void *source);

#endif
