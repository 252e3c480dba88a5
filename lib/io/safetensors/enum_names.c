#include "io/safetensors/enum_names.h"

#include "io/safetensors/file_tensor.h"
#include "model/activation_table.h"

#include <mlpbn/optimizer.h>

#include <stddef.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const char *const optimizer_kinds[] = {
    [MLPBN_SGD] = "sgd",
    [MLPBN_RMSPROP] = "rmsprop",
    [MLPBN_ADAM] = "adam",
    [MLPBN_ADAMW] = "adamw",
};
_Static_assert(LENGTH(optimizer_kinds) == MLPBN__OPTIMIZER_KIND_END,
               "a name for each kind");

const char *mlpbn__dtype_name(unsigned dtype)
{
    return dtype == MLPBN_F32 || dtype == MLPBN_F64
               ? mlpbn__file_dtype_name(mlpbn__file_dtype_of((mlpbn_dtype)dtype))
               : NULL;
}

const char *mlpbn__activation_name(unsigned activation)
{
    return activation < MLPBN__ACTIVATION_END ? mlpbn__activations[activation].name
                                              : NULL;
}

const char *mlpbn__optimizer_kind_name(unsigned kind)
{
    return kind < LENGTH(optimizer_kinds) ? optimizer_kinds[kind] : NULL;
}
