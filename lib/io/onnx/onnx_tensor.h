/* Constant tensors of an ONNX file. Names and data point into the file. */
#ifndef MLPBN_IO_ONNX_ONNX_TENSOR_H
#define MLPBN_IO_ONNX_ONNX_TENSOR_H

#include "io/onnx/protobuf.h"

typedef struct mlpbn__onnx_tensor {
    mlpbn__bytes name;
    mlpbn_dtype dtype; /* MLPBN_NO_DTYPE: neither float nor double; not checked */
    size_t n_dims;
    uint64_t dims[2];  /* the last two dimensions */
    uint64_t n;        /* elements */
    mlpbn__bytes data; /* n elements, little-endian */
    int is_external;   /* data is in another file */
} mlpbn__onnx_tensor;

/* Reads a TensorProto. MLPBN_EFORMAT, MLPBN_EUNSUPPORTED. */
mlpbn_status mlpbn__onnx_read_tensor(mlpbn__onnx_tensor *tensor, mlpbn__bytes message,
                                     mlpbn__bytes file);

/* Returns element i of a tensor of floats or doubles. */
double mlpbn__onnx_element(const mlpbn__onnx_tensor *tensor, uint64_t i);

#endif
