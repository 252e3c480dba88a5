#include "base/dtype.h"
#include "base/error.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>

/* Whether a tensor of one network fits the dtype of another. */
static mlpbn_status check_tensor(mlpbn_dtype dtype, const mlpbn_network *from,
                                 const mlpbn__tensor *tensor)
{
    const void *source = mlpbn__tensor_data(from, tensor);
    for (size_t i = 0; i < tensor->rows; i++)
        for (size_t j = 0; j < tensor->columns; j++) {
            double value = mlpbn__load(from->dtype, source, i * tensor->stride + j);
            if (!isfinite(mlpbn__round(dtype, value)))
                return mlpbn__fail(MLPBN_ENONFINITE,
                                   "%s[%zu][%zu]: %g is not a finite %s", tensor->name, i,
                                   j, value, dtype == MLPBN_F32 ? "float" : "double");
        }
    return MLPBN_OK;
}

/* Row by row, because the stride depends on the dtype. */
static void copy_tensor(mlpbn_network *network, const mlpbn_network *from, size_t index)
{
    const mlpbn__tensor *to = network->tensors + index, *tensor = from->tensors + index;
    void *target = mlpbn__tensor_data(network, to);
    const void *source = mlpbn__tensor_data(from, tensor);
    for (size_t i = 0; i < tensor->rows; i++)
        for (size_t j = 0; j < tensor->columns; j++)
            mlpbn__store(network->dtype, target, i * to->stride + j,
                         mlpbn__load(from->dtype, source, i * tensor->stride + j));
}

mlpbn_status mlpbn__network_copy(mlpbn_network *network, const mlpbn_network *from)
{
    mlpbn_status status = MLPBN_OK;
    for (size_t t = 0; t < from->n_tensors && !status; t++)
        status = check_tensor(network->dtype, from, from->tensors + t);
    if (!status)
        status = from->standardized ? mlpbn__standardize(network, from->mean, from->std)
                                    : mlpbn__standardize(network, NULL, NULL);
    if (status)
        return status;
    for (size_t t = 0; t < from->n_tensors; t++)
        copy_tensor(network, from, t);
    for (size_t l = 0; l < from->n_layers; l++) {
        network->layers[l].batchnorm.batches = from->layers[l].batchnorm.batches;
        network->layers[l].batchnorm.is_initial = from->layers[l].batchnorm.is_initial;
        network->layers[l].batchnorm.frozen = from->layers[l].batchnorm.frozen;
    }
    network->steps = from->steps;
    return MLPBN_OK;
}

mlpbn_status mlpbn__network_clone(mlpbn_network **copy, const mlpbn_network *network,
                                  mlpbn_dtype dtype)
{
    mlpbn_layer_options *layers = calloc(network->n_layers, sizeof *layers);
    if (!layers)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to clone a network of %zu layers",
                           network->n_layers);
    mlpbn_status status = MLPBN_OK;
    for (size_t l = 0; l < network->n_layers && !status; l++) {
        layers[l] = network->layers[l].options;
        if (!isfinite(mlpbn__round(dtype, layers[l].alpha)))
            status =
                mlpbn__fail(MLPBN_ENONFINITE, "layer %zu: alpha %g is not a finite float",
                            l, layers[l].alpha);
        if (layers[l].batchnorm && !mlpbn__eps_fits(layers[l].batchnorm->eps, dtype))
            status = mlpbn__fail(MLPBN_ENONFINITE,
                                 "layer %zu: 1 / sqrt(eps) is not a finite float for "
                                 "batchnorm eps %g",
                                 l, layers[l].batchnorm->eps);
    }
    mlpbn_network *made = NULL;
    if (!status)
        status =
            mlpbn__network_new(&made, dtype, network->inputs, layers, network->n_layers);
    free(layers);
    if (!status)
        status = mlpbn__network_copy(made, network);
    if (status)
        mlpbn__network_free(made);
    else
        *copy = made;
    return status;
}
