/* Constants of an ONNX file: views, nothing copied. */
#ifndef MLPBN_IO_ONNX_ONNX_TENSOR_H
#define MLPBN_IO_ONNX_ONNX_TENSOR_H

#include "io/onnx/protobuf.h"

typedef struct mlpbn__onnx_tensor {
    mlpbn__bytes name;
    mlpbn_dtype dtype; /* MLPBN_NO_DTYPE: neither float nor double, and not looked at */
    size_t n_dims;
    uint64_t dims[2];  /* the last two */
    uint64_t n;        /* numbers */
    mlpbn__bytes data; /* n of them, little-endian */
    int is_external;   /* they are in another file */
} mlpbn__onnx_tensor;

/* Reads the message; MLPBN_EFORMAT, MLPBN_EUNSUPPORTED. */
mlpbn_status mlpbn__onnx_read_tensor(mlpbn__onnx_tensor *tensor, mlpbn__bytes body,
                                     mlpbn__bytes file);

/* Number i of a tensor of floats or doubles. */
double mlpbn__onnx_number(const mlpbn__onnx_tensor *tensor, uint64_t i);

#endif
