/* Nodes of an ONNX file: views, nothing copied. */
#ifndef MLPBN_IO_ONNX_ONNX_NODE_H
#define MLPBN_IO_ONNX_ONNX_NODE_H

#include "io/onnx/protobuf.h"

enum { MLPBN__NODE_INPUTS = 5 };

typedef struct mlpbn__onnx_node {
    mlpbn__bytes op, name, domain, output, body;
    mlpbn__bytes inputs[MLPBN__NODE_INPUTS];
    size_t n_inputs; /* may be more than there is room for */
} mlpbn__onnx_node;

mlpbn_status mlpbn__onnx_read_node(mlpbn__onnx_node *node, mlpbn__bytes body,
                                   mlpbn__bytes file);

/* Input i, empty where the node has none. */
mlpbn__bytes mlpbn__onnx_input(const mlpbn__onnx_node *node, size_t i);

/* A float or int attribute; *value stays as it is where the node has none. */
mlpbn_status mlpbn__onnx_attribute(double *value, const mlpbn__onnx_node *node,
                                   const char *name, mlpbn__bytes file);

/* The tensor that is a Constant's value: its message. */
mlpbn_status mlpbn__onnx_constant(mlpbn__bytes *tensor, const mlpbn__onnx_node *node,
                                  mlpbn__bytes file);

/* Fails, with the node's name, or its output's, and operator before the text. */
mlpbn_status mlpbn__onnx_fail(mlpbn_status status, const mlpbn__onnx_node *node,
                              const char *what);

#endif
