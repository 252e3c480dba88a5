#include "io/onnx/onnx_read.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/dtype.h"
#include "io/onnx/onnx_message.h"
#include "io/onnx/onnx_network.h"

#include <math.h>
#include <stdlib.h>

/* --- Numbers ---------------------------------------------------------------------------- */

static mlpbn_status put(const mlpbn_layer *layer, mlpbn_tensor_kind kind, size_t row,
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

static mlpbn_status fill_product(const mlpbn_layer *layer, const mlpbn__onnx_layer *from)
{
    mlpbn_status status = MLPBN_OK;
    size_t inputs = layer->inputs, units = layer->options.units;
    for (size_t u = 0; u < units; u++) {
        for (size_t j = 0; j < inputs && !status; j++) {
            size_t i = from->transposed ? u * inputs + j : j * units + u;
            status = put(layer, MLPBN_WEIGHT, u, j,
                         from->weight_factor * mlpbn__onnx_number(from->weight, i));
        }
        if (!status && from->bias) {
            size_t i = from->bias->n == 1 ? 0 : u;
            status = put(layer, MLPBN_BIAS, 0, u,
                         from->bias_factor * mlpbn__onnx_number(from->bias, i));
        }
    }
    return status;
}

static mlpbn_status fill_batchnorm(mlpbn_layer *layer, const mlpbn__onnx_batchnorm *from)
{
    static const mlpbn_tensor_kind kinds[] = {MLPBN_GAMMA, MLPBN_BETA, MLPBN_RUNNING_MEAN,
                                              MLPBN_RUNNING_VAR};
    mlpbn_status status = MLPBN_OK;
    for (size_t i = 0; i < 4; i++)
        for (size_t u = 0; u < layer->options.units && !status; u++)
            status = put(layer, kinds[i], 0, u, mlpbn__onnx_number(from->tensors[i], u));
    layer->batchnorm.is_initial = 0;
    return status;
}

static mlpbn_status fill(mlpbn_network *network, const mlpbn__onnx_plan *plan)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t l = 0; l < plan->n_layers && !status; l++) {
        status = fill_product(network->layers + l, plan->layers + l);
        if (!status && network->layers[l].options.batchnorm)
            status = fill_batchnorm(network->layers + l, &plan->layers[l].batchnorm);
    }
    if (!status && plan->standardized)
        status = mlpbn__standardize(network, plan->mean, plan->std);
    return status;
}

/* --- The network ------------------------------------------------------------------------ */

/* The layer's options; *batchnorm holds those of its batchnorm, if it has one. */
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

static mlpbn_status build(mlpbn_network **network, const mlpbn__onnx_plan *plan,
                          mlpbn_dtype dtype)
{
    mlpbn_layer_options *layers = calloc(plan->n_layers, sizeof *layers);
    mlpbn_batchnorm_options *batchnorms = calloc(plan->n_layers, sizeof *batchnorms);
    mlpbn_status status = MLPBN_OK;
    if (!layers || !batchnorms)
        status = mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu layers", plan->n_layers);
    for (size_t l = 0; l < plan->n_layers && !status; l++)
        layers[l] = options_of(plan->layers + l, batchnorms + l);
    mlpbn_network *made = NULL;
    if (!status)
        status = mlpbn__network_new(&made, dtype, plan->inputs, layers, plan->n_layers);
    free(layers);
    free(batchnorms);
    if (!status)
        status = fill(made, plan);
    if (status)
        mlpbn__network_free(made);
    else
        *network = made;
    return status;
}

static mlpbn_status read_graph(mlpbn_network **network, mlpbn__bytes file)
{
    mlpbn__onnx_graph graph;
    mlpbn__onnx_plan plan = {.n_layers = 0};
    mlpbn_status status = mlpbn__onnx_parse(&graph, file);
    if (!status)
        status = mlpbn__onnx_plan_make(&plan, &graph);
    if (!status)
        status = build(network, &plan, graph.dtype);
    mlpbn__onnx_plan_free(&plan);
    mlpbn__onnx_free(&graph);
    return status;
}

mlpbn_status mlpbn__read_onnx(mlpbn__input *input, void *network)
{
    char *block;
    size_t n;
    mlpbn_status status = mlpbn__input_read(input, &block, &n, INT32_MAX);
    if (status)
        return status;
    status = mlpbn__input_check_end(input);
    if (!status)
        status = read_graph(network, (mlpbn__bytes){(const unsigned char *)block, n});
    mlpbn__memory_free(block);
    return status;
}
