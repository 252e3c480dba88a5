/* An ONNX graph, a chain of nodes, as the layers of a network. Their numbers stay in the
 * file. */
#ifndef MLPBN_IO_ONNX_ONNX_NETWORK_H
#define MLPBN_IO_ONNX_ONNX_NETWORK_H

#include "io/onnx/onnx_graph.h"
#include "model/model.h"

/* gamma, beta, mean and variance, [units] each, in ONNX's order */
typedef struct mlpbn__onnx_batchnorm {
    const mlpbn__onnx_tensor *tensors[4]; /* all NULL: there is no batchnorm */
    double eps, decay;
} mlpbn__onnx_batchnorm;

typedef struct mlpbn__onnx_layer {
    uint64_t inputs, units;
    const mlpbn__onnx_tensor *weight;
    const mlpbn__onnx_tensor *bias; /* [units] or a single number; or NULL */
    int transposed;                 /* weight is [units][inputs], not [inputs][units] */
    double weight_factor, bias_factor;
    int has_activation;
    mlpbn_activation activation;
    double alpha;
    mlpbn__onnx_batchnorm batchnorm;
    int after_activation;
} mlpbn__onnx_layer;

typedef struct mlpbn__onnx_network {
    mlpbn__onnx_layer *layers;
    size_t n_layers;
    size_t inputs;
    double *mean, *std; /* [inputs]: standardization; 0 and 1 without */
    int standardized;
} mlpbn__onnx_network;

/* Reads the nodes of the graph. MLPBN_EUNSUPPORTED, MLPBN_EFORMAT, MLPBN_ENOMEM,
 * MLPBN_ENONFINITE. Whatever it returns, free the network. */
mlpbn_status mlpbn__onnx_network_new(mlpbn__onnx_network *network,
                                     const mlpbn__onnx_graph *graph);
void mlpbn__onnx_network_free(mlpbn__onnx_network *network);

#endif
