/* The functions of mlpbn/layer.h and mlpbn/batchnorm.h. */
#include "api/check.h"
#include "api/tensor_api.h"
#include "base/array.h"
#include "model/model.h"

#include <mlpbn/batchnorm.h>
#include <mlpbn/layer.h>

size_t mlpbn_layer_inputs(const mlpbn_layer *layer)
{
    return layer->inputs;
}

size_t mlpbn_layer_units(const mlpbn_layer *layer)
{
    return layer->options.units;
}

mlpbn_activation mlpbn_layer_activation(const mlpbn_layer *layer)
{
    return layer->options.activation;
}

double mlpbn_layer_alpha(const mlpbn_layer *layer)
{
    return layer->options.alpha;
}

double mlpbn_layer_dropout(const mlpbn_layer *layer)
{
    return layer->options.dropout;
}

const mlpbn_batchnorm *mlpbn_layer_batchnorm(const mlpbn_layer *layer)
{
    return layer->options.batchnorm ? &layer->batchnorm : NULL;
}

double mlpbn_batchnorm_eps(const mlpbn_batchnorm *batchnorm)
{
    return batchnorm->options.eps;
}

int mlpbn_batchnorm_after_activation(const mlpbn_batchnorm *batchnorm)
{
    return batchnorm->options.after_activation;
}

double mlpbn_batchnorm_decay(const mlpbn_batchnorm *batchnorm)
{
    return batchnorm->options.decay;
}

int mlpbn_batchnorm_frozen(const mlpbn_batchnorm *batchnorm)
{
    return batchnorm->frozen;
}

uint64_t mlpbn_batchnorm_batches(const mlpbn_batchnorm *batchnorm)
{
    return batchnorm->batches;
}

static const char *const kind_names[] = {
    [MLPBN_WEIGHT] = "MLPBN_WEIGHT",
    [MLPBN_BIAS] = "MLPBN_BIAS",
    [MLPBN_GAMMA] = "MLPBN_GAMMA",
    [MLPBN_BETA] = "MLPBN_BETA",
    [MLPBN_RUNNING_MEAN] = "MLPBN_RUNNING_MEAN",
    [MLPBN_RUNNING_VAR] = "MLPBN_RUNNING_VAR",
};
MLPBN__ASSERT_ROWS(kind_names, MLPBN__TENSOR_KINDS);

mlpbn_status mlpbn_layer_tensor(mlpbn_tensor *tensor, const mlpbn_layer *layer,
                                mlpbn_tensor_kind kind)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(tensor));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(layer));
    if (kind < MLPBN_WEIGHT || (int)kind >= MLPBN__TENSOR_KINDS)
        return mlpbn__fail(MLPBN_EINVAL, "kind: expected an mlpbn_tensor_kind, got %d",
                           (int)kind);
    if (layer->tensors[kind] == MLPBN__NO_TENSOR)
        return mlpbn__fail(MLPBN_EINVAL, "layer %zu: has no tensor of kind %s",
                           layer->index, kind_names[kind]);
    return mlpbn__describe_tensor(tensor, layer->network, layer->tensors[kind]);
}

mlpbn_status mlpbn_batchnorm_tensor(mlpbn_tensor *tensor,
                                    const mlpbn_batchnorm *batchnorm,
                                    mlpbn_tensor_kind kind)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(batchnorm));
    if (kind == MLPBN_WEIGHT || kind == MLPBN_BIAS)
        return mlpbn__fail(MLPBN_EINVAL,
                           "batchnorm of layer %zu: expected the kind of one of its own "
                           "tensors, got %s",
                           batchnorm->layer->index, kind_names[kind]);
    return mlpbn_layer_tensor(tensor, batchnorm->layer, kind);
}
