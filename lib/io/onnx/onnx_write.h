/* A network as an ONNX model (mlpbn/onnx.h). */
#ifndef MLPBN_IO_ONNX_ONNX_WRITE_H
#define MLPBN_IO_ONNX_ONNX_WRITE_H

#include "io/output.h"
#include "model/model.h"

typedef struct mlpbn__onnx_export {
    const mlpbn_network *network;
    int softmax; /* append a softmax; the last activation is the identity */
} mlpbn__onnx_export;

/* A mlpbn__writer_fn; context: a mlpbn__onnx_export. */
mlpbn_status mlpbn__write_onnx(mlpbn__output *output, const void *context);

#endif
