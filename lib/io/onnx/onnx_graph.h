/* The graph of an ONNX file: nodes, constants, input and output. */
#ifndef MLPBN_IO_ONNX_ONNX_GRAPH_H
#define MLPBN_IO_ONNX_ONNX_GRAPH_H

#include "io/onnx/onnx_node.h"
#include "io/onnx/onnx_tensor.h"

typedef struct mlpbn__onnx_graph {
    mlpbn__bytes file; /* all names and data point into it */
    uint64_t opset;
    mlpbn__onnx_node *nodes;     /* all but Constant nodes */
    mlpbn__onnx_tensor *tensors; /* initializers and values of Constant nodes */
    size_t n_nodes, n_tensors;
    mlpbn__bytes input, output; /* names of the only input and the only output */
    mlpbn_dtype dtype;          /* of the input */
    uint64_t inputs;            /* columns of the input; 0: unknown */
} mlpbn__onnx_graph;

/* Parses a file. MLPBN_EFORMAT, MLPBN_EUNSUPPORTED, MLPBN_ENOMEM. The caller frees the
 * graph, even if this fails. */
mlpbn_status mlpbn__onnx_parse(mlpbn__onnx_graph *graph, mlpbn__bytes file);
void mlpbn__onnx_free(mlpbn__onnx_graph *graph);

/* Returns the tensor of this name; NULL if there is none. */
const mlpbn__onnx_tensor *mlpbn__onnx_find(const mlpbn__onnx_graph *graph,
                                           mlpbn__bytes name);

#endif
