/* Along the chain of an ONNX graph's nodes. */
#ifndef MLPBN_IO_ONNX_ONNX_CURSOR_H
#define MLPBN_IO_ONNX_ONNX_CURSOR_H

#include "io/onnx/onnx_network.h"

/* Where on the chain we are. */
typedef struct mlpbn__walk {
    const mlpbn__onnx_graph *graph;
    mlpbn__onnx_plan *plan;
    size_t at;          /* the next node */
    mlpbn__bytes value; /* the last one's output */
} mlpbn__walk;

const mlpbn__onnx_node *mlpbn__next_node(const mlpbn__walk *w);
void mlpbn__go_on(mlpbn__walk *w, size_t nodes);

/* NULL before the first one. */
mlpbn__onnx_layer *mlpbn__last_layer(const mlpbn__walk *w);

/* Whether that input of the node is the value we are at. */
int mlpbn__reads_value(const mlpbn__walk *w, const mlpbn__onnx_node *node, size_t input);

/* The constant that is a node's input; NULL where it is none of the graph's dtype. */
const mlpbn__onnx_tensor *
mlpbn__walk_constant(const mlpbn__walk *w, const mlpbn__onnx_node *node, size_t input);

/* Whether it has one number for each of n, or [1][n]; or a single one. */
int mlpbn__fits(const mlpbn__onnx_tensor *tensor, uint64_t n);

/* A number of the next node's; *value stays as it is where it has none. */
mlpbn_status mlpbn__walk_attribute(double *value, const mlpbn__walk *w, const char *name);

mlpbn_status mlpbn__unsupported(const mlpbn__onnx_node *node, const char *what);

/* Take the next node, or all nodes of an activation, into the plan. */
mlpbn_status mlpbn__take_scaling(mlpbn__walk *w);
mlpbn_status mlpbn__take_batchnorm(mlpbn__walk *w);
mlpbn_status mlpbn__take_activation(mlpbn__walk *w);

#endif
