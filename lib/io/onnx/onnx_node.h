/* Nodes of an ONNX file. Names point into the file. */
#ifndef MLPBN_IO_ONNX_ONNX_NODE_H
#define MLPBN_IO_ONNX_ONNX_NODE_H

#include "io/onnx/protobuf.h"

enum { MLPBN__NODE_INPUTS = 5 };

typedef struct mlpbn__onnx_node {
    mlpbn__bytes op, name, domain, output, message;
    mlpbn__bytes inputs[MLPBN__NODE_INPUTS];
    size_t n_inputs;  /* may be more than MLPBN__NODE_INPUTS */
    size_t n_outputs; /* outputs that have a name; `output` is the first one */
} mlpbn__onnx_node;

/* Reads a NodeProto. MLPBN_EFORMAT. */
mlpbn_status mlpbn__onnx_read_node(mlpbn__onnx_node *node, mlpbn__bytes message,
                                   mlpbn__bytes file);

/* Returns the name of input i; empty if the node has none. */
mlpbn__bytes mlpbn__onnx_input(const mlpbn__onnx_node *node, size_t i);

/* Reads a float or int attribute; *value does not change if the node has none. */
mlpbn_status mlpbn__onnx_attribute(double *value, const mlpbn__onnx_node *node,
                                   const char *name, mlpbn__bytes file);

/* Finds the TensorProto that is the value of a Constant. */
mlpbn_status mlpbn__onnx_constant(mlpbn__bytes *tensor, const mlpbn__onnx_node *node,
                                  mlpbn__bytes file);

/* Returns status. The error text is the node's name, or that of its output if it has none, its
 * operator, and the reason. */
mlpbn_status mlpbn__onnx_fail(mlpbn_status status, const mlpbn__onnx_node *node,
                              const char *reason);

#endif
