#include "io/onnx/onnx_read.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "io/onnx/onnx_network.h"

#include <math.h>
#include <stdlib.h>

/* --- Tensors ---------------------------------------------------------------------------- */

/* Stores element [row][j] of a tensor, if it is valid. */
static mlpbn_status store(const mlpbn_layer *layer, mlpbn_tensor_kind kind, size_t row,
                          size_t j, double value)
{
    mlpbn_dtype dtype = layer->network->dtype;
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    if (!isfinite(mlpbn__round(dtype, value)))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "%s[%zu][%zu]: expected a finite number, got %g", tensor->name,
                           row, j, value);
    if (kind == MLPBN_RUNNING_VAR && value < 0)
        return mlpbn__fail(MLPBN_EFORMAT, "%s[%zu]: expected at least 0, got %g",
                           tensor->name, j, value);
    mlpbn__store(dtype, mlpbn__tensor_data(layer->network, tensor),
                 row * tensor->stride + j, value);
    return MLPBN_OK;
}

/* Stores weights and bias, unit by unit. */
static mlpbn_status store_linear(const mlpbn_layer *layer, const mlpbn__onnx_layer *onnx)
{
    size_t inputs = layer->inputs, units = layer->options.units;
    for (size_t u = 0; u < units; u++) {
        for (size_t j = 0; j < inputs; j++) {
            size_t i = onnx->transposed ? u * inputs + j : j * units + u;
            double weight = onnx->weight_factor * mlpbn__onnx_element(onnx->weight, i);
            RETURN_IF_ERROR(store(layer, MLPBN_WEIGHT, u, j, weight));
        }
        if (onnx->bias) {
            size_t i = onnx->bias->n == 1 ? 0 : u;
            double bias = onnx->bias_factor * mlpbn__onnx_element(onnx->bias, i);
            RETURN_IF_ERROR(store(layer, MLPBN_BIAS, 0, u, bias));
        }
    }
    return MLPBN_OK;
}

static mlpbn_status store_batchnorm(mlpbn_layer *layer, const mlpbn__onnx_batchnorm *onnx)
{
    static const mlpbn_tensor_kind kinds[] = {MLPBN_GAMMA, MLPBN_BETA, MLPBN_RUNNING_MEAN,
                                              MLPBN_RUNNING_VAR};
    for (size_t i = 0; i < 4; i++)
        for (size_t u = 0; u < layer->options.units; u++)
            RETURN_IF_ERROR(
                store(layer, kinds[i], 0, u, mlpbn__onnx_element(onnx->tensors[i], u)));
    layer->batchnorm.is_initial = 0;
    return MLPBN_OK;
}

static mlpbn_status store_parameters(mlpbn_network *network,
                                     const mlpbn__onnx_network *onnx)
{
    for (size_t l = 0; l < onnx->n_layers; l++) {
        mlpbn_layer *layer = network->layers + l;
        RETURN_IF_ERROR(store_linear(layer, onnx->layers + l));
        if (layer->options.batchnorm)
            RETURN_IF_ERROR(store_batchnorm(layer, &onnx->layers[l].batchnorm));
    }
    return onnx->standardized ? mlpbn__standardize(network, onnx->mean, onnx->std)
                              : MLPBN_OK;
}

/* --- The network ------------------------------------------------------------------------ */

/* Returns the options of a layer. *batchnorm receives the options of its batchnorm. */
static mlpbn_layer_options options_of(const mlpbn__onnx_layer *layer,
                                      mlpbn_batchnorm_options *batchnorm)
{
    *batchnorm = (mlpbn_batchnorm_options)MLPBN_BATCHNORM_ONNX_INIT;
    batchnorm->eps = layer->batchnorm.eps;
    batchnorm->decay = layer->batchnorm.decay;
    batchnorm->after_activation = layer->after_activation;
    return (mlpbn_layer_options){.units = (size_t)layer->units,
                                 .activation = layer->activation,
                                 .alpha = layer->alpha,
                                 .bias = layer->bias != NULL,
                                 .init = MLPBN_INIT_HE,
                                 .batchnorm =
                                     layer->batchnorm.tensors[0] ? batchnorm : NULL};
}

/* Creates a network with these layers. Weights are zero. */
static mlpbn_status create_network(mlpbn_network **network,
                                   const mlpbn__onnx_network *onnx, mlpbn_dtype dtype)
{
    mlpbn_layer_options *layers = calloc(onnx->n_layers, sizeof *layers);
    mlpbn_batchnorm_options *batchnorms = calloc(onnx->n_layers, sizeof *batchnorms);
    mlpbn_status status = MLPBN_OK;
    if (!layers || !batchnorms) {
        status = mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu layers", onnx->n_layers);
        goto free_options;
    }
    for (size_t l = 0; l < onnx->n_layers; l++)
        layers[l] = options_of(onnx->layers + l, batchnorms + l);
    status = mlpbn__network_new(network, dtype, onnx->inputs, layers, onnx->n_layers);
free_options:
    free(layers);
    free(batchnorms);
    return status;
}

static mlpbn_status build_network(mlpbn_network **result, const mlpbn__onnx_network *onnx,
                                  mlpbn_dtype dtype)
{
    mlpbn_network *network;
    RETURN_IF_ERROR(create_network(&network, onnx, dtype));
    mlpbn_status status = store_parameters(network, onnx);
    if (status)
        mlpbn__network_free(network);
    else
        *result = network;
    return status;
}

static mlpbn_status read_layers(mlpbn_network **network, const mlpbn__onnx_graph *graph)
{
    mlpbn__onnx_network onnx;
    mlpbn_status status = mlpbn__onnx_network_new(&onnx, graph);
    if (status)
        goto free_onnx;
    status = build_network(network, &onnx, graph->dtype);
free_onnx:
    mlpbn__onnx_network_free(&onnx);
    return status;
}

static mlpbn_status read_graph(mlpbn_network **network, mlpbn__bytes file)
{
    mlpbn__onnx_graph graph;
    mlpbn_status status = mlpbn__onnx_parse(&graph, file);
    if (status)
        goto free_graph;
    status = read_layers(network, &graph);
free_graph:
    mlpbn__onnx_free(&graph);
    return status;
}

mlpbn_status mlpbn__read_onnx(mlpbn__input *input, void *network)
{
    char *block;
    size_t n;
    RETURN_IF_ERROR(mlpbn__input_read(input, &block, &n, INT32_MAX));
    mlpbn_status status = mlpbn__input_check_end(input);
    if (status)
        goto free_block;
    status = read_graph(network, (mlpbn__bytes){(const unsigned char *)block, n});
free_block:
    mlpbn__memory_free(block);
    return status;
}
