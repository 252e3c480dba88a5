/* The chain of an ONNX graph's nodes understood as layers; numbers stay in the file. */
#ifndef MLPBN_IO_ONNX_ONNX_NETWORK_H
#define MLPBN_IO_ONNX_ONNX_NETWORK_H

#include "model/model.h"
#include "io/onnx/onnx_graph.h"

/* gamma, beta, mean and variance, in ONNX's order, each of as many numbers as units */
typedef struct mlpbn__onnx_batchnorm {
    const mlpbn__onnx_tensor *tensors[4]; /* all NULL: there is none */
    double eps, decay;
} mlpbn__onnx_batchnorm;

typedef struct mlpbn__onnx_layer {
    uint64_t inputs, units;
    const mlpbn__onnx_tensor *weight, *bias; /* bias: of 1 number or of units; or NULL */
    int transposed;                          /* weight is [units][inputs] */
    double weight_factor, bias_factor;
    int has_activation;
    mlpbn_activation activation;
    double alpha;
    mlpbn__onnx_batchnorm batchnorm;
    int after_activation;
} mlpbn__onnx_layer;

typedef struct mlpbn__onnx_plan {
    mlpbn__onnx_layer *layers;
    size_t n_layers;
    size_t inputs;
    double *mean, *std; /* [inputs]: standardization, 0 and 1 where there is none */
    int standardized;
} mlpbn__onnx_plan;

/* MLPBN_EUNSUPPORTED, MLPBN_EFORMAT, MLPBN_ENOMEM, MLPBN_ENONFINITE. Whatever it returns,
 * free it. */
mlpbn_status mlpbn__onnx_plan_make(mlpbn__onnx_plan *plan,
                                   const mlpbn__onnx_graph *graph);
void mlpbn__onnx_plan_free(mlpbn__onnx_plan *plan);

#endif
