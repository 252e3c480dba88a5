#include "io/safetensors/enum_names.h"

#include "io/safetensors/file_tensor.h"

#include <mlpbn/layer.h>
#include <mlpbn/optimizer.h>

#include <stddef.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const char *const activations[] = {
    [MLPBN_IDENTITY] = "identity",
    [MLPBN_RELU] = "relu",
    [MLPBN_LEAKY_RELU] = "leaky_relu",
    [MLPBN_ELU] = "elu",
    [MLPBN_SELU] = "selu",
    [MLPBN_SIGMOID] = "sigmoid",
    [MLPBN_TANH] = "tanh",
    [MLPBN_SOFTPLUS] = "softplus",
    [MLPBN_SILU] = "silu",
    [MLPBN_GELU] = "gelu",
    [MLPBN_GELU_TANH] = "gelu_tanh",
    [MLPBN_SOFTMAX] = "softmax",
};
_Static_assert(LENGTH(activations) == MLPBN_SOFTMAX + 1, "a name for each activation");

static const char *const optimizer_kinds[] = {
    [MLPBN_SGD] = "sgd",
    [MLPBN_RMSPROP] = "rmsprop",
    [MLPBN_ADAM] = "adam",
    [MLPBN_ADAMW] = "adamw",
};
_Static_assert(LENGTH(optimizer_kinds) == MLPBN_ADAMW + 1, "a name for each optimizer");

const char *mlpbn__dtype_name(unsigned dtype)
{
    return dtype == MLPBN_F32 || dtype == MLPBN_F64
               ? mlpbn__file_dtype_name(mlpbn__file_dtype_of((mlpbn_dtype)dtype))
               : NULL;
}

const char *mlpbn__activation_name(unsigned activation)
{
    return activation < LENGTH(activations) ? activations[activation] : NULL;
}

const char *mlpbn__optimizer_kind_name(unsigned kind)
{
    return kind < LENGTH(optimizer_kinds) ? optimizer_kinds[kind] : NULL;
}
