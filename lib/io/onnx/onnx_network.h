/* The layers of a network, read from the chain of nodes of an ONNX graph. The elements of
 * tensors stay in the file. */
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
    const mlpbn__onnx_tensor *bias; /* [units] or a single element; NULL: none */
    int transposed;                 /* 1: weight is [units][inputs]; 0: [inputs][units] */
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
    double *mean, *std; /* [inputs] each; 0 and 1 if not standardized */
    int standardized;
} mlpbn__onnx_network;

/* Reads the nodes of the graph. MLPBN_EUNSUPPORTED, MLPBN_EFORMAT, MLPBN_ENOMEM,
 * MLPBN_ENONFINITE. The caller frees the network, even if this fails. */
mlpbn_status mlpbn__onnx_network_new(mlpbn__onnx_network *network,
                                     const mlpbn__onnx_graph *graph);
void mlpbn__onnx_network_free(mlpbn__onnx_network *network);

#endif
