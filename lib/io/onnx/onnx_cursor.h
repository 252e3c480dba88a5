/* A position in the chain of an ONNX graph's nodes, and the nodes' operands. */
#ifndef MLPBN_IO_ONNX_ONNX_CURSOR_H
#define MLPBN_IO_ONNX_ONNX_CURSOR_H

#include "io/onnx/onnx_network.h"

typedef struct mlpbn__onnx_cursor {
    const mlpbn__onnx_graph *graph;
    mlpbn__onnx_network *network; /* the layers of the nodes before `next` */
    size_t next;                  /* index of the next node */
    mlpbn__bytes value;           /* name of the output of the last node that was read */
} mlpbn__onnx_cursor;

/* Returns the next node. */
const mlpbn__onnx_node *mlpbn__cursor_node(const mlpbn__onnx_cursor *c);

void mlpbn__cursor_advance(mlpbn__onnx_cursor *c, size_t n_nodes);

/* Returns the last layer that was read; NULL before the first one. */
mlpbn__onnx_layer *mlpbn__cursor_last_layer(const mlpbn__onnx_cursor *c);

/* Whether this input of the node is the cursor's value. */
int mlpbn__input_is_current_value(const mlpbn__onnx_cursor *c,
                                  const mlpbn__onnx_node *node, size_t input);

/* Returns the constant that is this input of the node; NULL if there is none of the graph's
 * dtype. */
const mlpbn__onnx_tensor *mlpbn__cursor_constant(const mlpbn__onnx_cursor *c,
                                                 const mlpbn__onnx_node *node,
                                                 size_t input);

/* Reads a numeric attribute of the next node. *value does not change if it has none. */
mlpbn_status mlpbn__cursor_attribute(double *value, const mlpbn__onnx_cursor *c,
                                     const char *name);

/* Whether the tensor broadcasts to [N][n]: it is [n], [1][n] or a single element. */
int mlpbn__onnx_broadcasts(const mlpbn__onnx_tensor *tensor, uint64_t n);

/* Returns MLPBN_EUNSUPPORTED. The error text names the node before the reason. */
mlpbn_status mlpbn__onnx_unsupported(const mlpbn__onnx_node *node, const char *reason);

/* Reads a Sub, Div or Mul before the first layer: a part of the standardization. Advances. */
mlpbn_status mlpbn__read_scaling(mlpbn__onnx_cursor *c);

/* Reads a BatchNormalization and advances. */
mlpbn_status mlpbn__read_batchnorm(mlpbn__onnx_cursor *c);

/* Reads all nodes of an activation and advances. */
mlpbn_status mlpbn__read_activation(mlpbn__onnx_cursor *c);

#endif
