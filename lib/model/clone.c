#include "base/dtype.h"
#include "base/error.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>

/* Checks that all elements of a tensor are finite in this dtype. */
static mlpbn_status check_tensor(mlpbn_dtype dtype, const mlpbn_network *network,
                                 const mlpbn__tensor *tensor)
{
    const void *data = mlpbn__tensor_data(network, tensor);
    for (size_t i = 0; i < tensor->rows; i++)
        for (size_t j = 0; j < tensor->columns; j++) {
            double value = mlpbn__load(network->dtype, data, i * tensor->stride + j);
            if (!isfinite(mlpbn__round(dtype, value)))
                return mlpbn__fail(MLPBN_ENONFINITE,
                                   "%s[%zu][%zu]: %g is not a finite %s", tensor->name, i,
                                   j, value, mlpbn__dtype_name(dtype));
        }
    return MLPBN_OK;
}

/* Copies element by element, because dtype and stride may differ. */
static void copy_tensor(mlpbn_network *network, const mlpbn_network *from, size_t index)
{
    const mlpbn__tensor *dst = network->tensors + index, *src = from->tensors + index;
    void *dst_data = mlpbn__tensor_data(network, dst);
    const void *src_data = mlpbn__tensor_data(from, src);
    for (size_t i = 0; i < src->rows; i++)
        for (size_t j = 0; j < src->columns; j++)
            mlpbn__store(network->dtype, dst_data, i * dst->stride + j,
                         mlpbn__load(from->dtype, src_data, i * src->stride + j));
}

mlpbn_status mlpbn__network_copy(mlpbn_network *network, const mlpbn_network *from)
{
    for (size_t t = 0; t < from->n_tensors; t++)
        RETURN_IF_ERROR(check_tensor(network->dtype, from, from->tensors + t));
    RETURN_IF_ERROR(mlpbn__standardize(network, from->standardized ? from->mean : NULL,
                                       from->standardized ? from->std : NULL));
    for (size_t t = 0; t < from->n_tensors; t++)
        copy_tensor(network, from, t);
    for (size_t l = 0; l < from->n_layers; l++) {
        network->layers[l].batchnorm.batches = from->layers[l].batchnorm.batches;
        network->layers[l].batchnorm.is_initial = from->layers[l].batchnorm.is_initial;
    }
    network->steps = from->steps;
    return MLPBN_OK;
}

/* Checks that the options of a layer are also valid in this dtype. */
static mlpbn_status check_options(const mlpbn_layer_options *layer, size_t index,
                                  mlpbn_dtype dtype)
{
    if (!isfinite(mlpbn__round(dtype, layer->alpha)))
        return mlpbn__fail(MLPBN_ENONFINITE, "layer %zu: alpha %g is not a finite float",
                           index, layer->alpha);
    if (layer->batchnorm && !mlpbn__eps_fits(layer->batchnorm->eps, dtype))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "layer %zu: 1 / sqrt(eps) is not a finite float for "
                           "batchnorm eps %g",
                           index, layer->batchnorm->eps);
    return MLPBN_OK;
}

/* Makes a network with the same layers, in this dtype. */
static mlpbn_status new_with_dtype(mlpbn_network **copy, const mlpbn_network *network,
                                   mlpbn_dtype dtype)
{
    mlpbn_layer_options *layers = calloc(network->n_layers, sizeof *layers);
    if (!layers)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to clone a network of %zu layers",
                           network->n_layers);
    for (size_t l = 0; l < network->n_layers; l++)
        layers[l] = network->layers[l].options;
    mlpbn_status status =
        mlpbn__network_new(copy, dtype, network->inputs, layers, network->n_layers);
    free(layers);
    return status;
}

mlpbn_status mlpbn__network_clone(mlpbn_network **copy, const mlpbn_network *network,
                                  mlpbn_dtype dtype)
{
    for (size_t l = 0; l < network->n_layers; l++)
        RETURN_IF_ERROR(check_options(&network->layers[l].options, l, dtype));
    mlpbn_network *created = NULL;
    RETURN_IF_ERROR(new_with_dtype(&created, network, dtype));
    mlpbn_status status = mlpbn__network_copy(created, network);
    if (status) {
        mlpbn__network_free(created);
        return status;
    }
    for (size_t l = 0; l < network->n_layers; l++)
        created->layers[l].batchnorm.frozen = network->layers[l].batchnorm.frozen;
    *copy = created;
    return MLPBN_OK;
}
