/* An ONNX file taken apart: its nodes, its constants, what goes in and comes out. */
#ifndef MLPBN_IO_ONNX_ONNX_GRAPH_H
#define MLPBN_IO_ONNX_ONNX_GRAPH_H

#include "io/onnx/onnx_node.h"
#include "io/onnx/onnx_tensor.h"

typedef struct mlpbn__onnx_graph {
    mlpbn__bytes file; /* that all views lead into */
    uint64_t opset;
    mlpbn__onnx_node *nodes; /* but for Constant, whose tensors are among these: */
    mlpbn__onnx_tensor *tensors;
    size_t n_nodes, n_tensors;
    mlpbn__bytes input, output; /* names of the only ones */
    mlpbn_dtype dtype;          /* of the input */
    uint64_t inputs;            /* its columns; 0: the file does not say */
} mlpbn__onnx_graph;

/* MLPBN_EFORMAT, MLPBN_EUNSUPPORTED, MLPBN_ENOMEM. Whatever it returns, free it. */
mlpbn_status mlpbn__onnx_parse(mlpbn__onnx_graph *graph, mlpbn__bytes file);
void mlpbn__onnx_free(mlpbn__onnx_graph *graph);

/* The tensor of this name; NULL: none. */
const mlpbn__onnx_tensor *mlpbn__onnx_find(const mlpbn__onnx_graph *graph,
                                           mlpbn__bytes name);

#endif
