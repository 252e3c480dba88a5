/* The functions of mlpbn/tensor.h. */
#include "api/tensor_api.h"

#include "api/check.h"
#include "api/options.h"
#include "base/dtype.h"

#include <mlpbn/tensor.h>

#include <math.h>

static const mlpbn_tensor tensor_defaults = MLPBN_TENSOR_INIT;

DEFINE_INIT(mlpbn_tensor, mlpbn_tensor_init, tensor_defaults)

mlpbn_status mlpbn__describe_tensor(mlpbn_tensor *caller, const mlpbn_network *network,
                                    size_t index)
{
    const mlpbn__tensor *t = network->tensors + index;
    mlpbn_tensor described = {.index = index,
                              .name = t->name,
                              .kind = t->kind,
                              .layer = t->layer,
                              .is_parameter = t->is_parameter,
                              .dtype = network->dtype,
                              .rows = t->rows,
                              .columns = t->columns,
                              .stride = t->stride,
                              .offset = t->is_parameter ? t->offset : 0,
                              .data = mlpbn__tensor_data(network, t)};
    return mlpbn__struct_write(caller, &described, sizeof described, "mlpbn_tensor");
}

size_t mlpbn_network_n_tensors(const mlpbn_network *network)
{
    return network->n_tensors;
}

static mlpbn_status check_index(const mlpbn_network *network, size_t index)
{
    if (index < network->n_tensors)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "index: expected below %zu, the network's tensors, got %zu",
                       network->n_tensors, index);
}

mlpbn_status mlpbn_network_tensor(mlpbn_tensor *tensor, const mlpbn_network *network,
                                  size_t index)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(tensor));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(check_index(network, index));
    return mlpbn__describe_tensor(tensor, network, index);
}

/* The checks that getting and setting a tensor share. n: must be the number of elements */
static mlpbn_status check_copy(const mlpbn_network *network, size_t index,
                               const void *values, size_t n)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(values));
    RETURN_IF_ERROR(check_index(network, index));
    const mlpbn__tensor *t = network->tensors + index;
    if (n != t->rows * t->columns)
        return mlpbn__fail(MLPBN_ESHAPE, "%s: expected n = %zu x %zu = %zu, got %zu",
                           t->name, t->rows, t->columns, t->rows * t->columns, n);
    return MLPBN_OK;
}

/* Returns the index in the tensor's padded array of element i, counted without padding. */
static size_t padded_index(const mlpbn__tensor *t, size_t i)
{
    return i / t->columns * t->stride + i % t->columns;
}

static mlpbn_status get(const mlpbn_network *network, size_t index, mlpbn_dtype dtype,
                        void *values, size_t n)
{
    RETURN_IF_ERROR(check_copy(network, index, values, n));
    const mlpbn__tensor *t = network->tensors + index;
    const void *data = mlpbn__tensor_data(network, t);
    for (size_t i = 0; i < n; i++)
        mlpbn__store(dtype, values, i,
                     mlpbn__load(network->dtype, data, padded_index(t, i)));
    return MLPBN_OK;
}

static mlpbn_status check_value(const mlpbn_network *network, const mlpbn__tensor *t,
                                size_t i, double value)
{
    size_t row = i / t->columns, column = i % t->columns;
    if (!isfinite(mlpbn__round(network->dtype, value)))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "%s[%zu][%zu]: expected a number that is finite as %s, got %g",
                           t->name, row, column, mlpbn__dtype_name(network->dtype),
                           value);
    if (t->kind == MLPBN_RUNNING_VAR && value < 0)
        return mlpbn__fail(MLPBN_EINVAL, "%s[%zu][%zu]: expected at least 0, got %g",
                           t->name, row, column, value);
    return MLPBN_OK;
}

static mlpbn_status set(mlpbn_network *network, size_t index, mlpbn_dtype dtype,
                        const void *values, size_t n)
{
    RETURN_IF_ERROR(check_copy(network, index, values, n));
    const mlpbn__tensor *t = network->tensors + index;
    for (size_t i = 0; i < n; i++)
        RETURN_IF_ERROR(check_value(network, t, i, mlpbn__load(dtype, values, i)));
    void *data = mlpbn__tensor_data(network, t);
    for (size_t i = 0; i < n; i++)
        mlpbn__store(network->dtype, data, padded_index(t, i),
                     mlpbn__load(dtype, values, i));
    if (t->is_parameter)
        network->revision.parameters++;
    else
        network->layers[t->layer].batchnorm.is_initial = 0;
    return MLPBN_OK;
}

mlpbn_status mlpbn_network_get_f32(const mlpbn_network *network, size_t index,
                                   float *values, size_t n)
{
    return get(network, index, MLPBN_F32, values, n);
}

mlpbn_status mlpbn_network_get_f64(const mlpbn_network *network, size_t index,
                                   double *values, size_t n)
{
    return get(network, index, MLPBN_F64, values, n);
}

mlpbn_status mlpbn_network_set_f32(mlpbn_network *network, size_t index,
                                   const float *values, size_t n)
{
    return set(network, index, MLPBN_F32, values, n);
}

mlpbn_status mlpbn_network_set_f64(mlpbn_network *network, size_t index,
                                   const double *values, size_t n)
{
    return set(network, index, MLPBN_F64, values, n);
}

static mlpbn_status check_parameters(const void *data, const size_t *n,
                                     const mlpbn_network *network, mlpbn_dtype dtype)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(data));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(n));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    return mlpbn__check_dtype(network->dtype, dtype);
}

mlpbn_status mlpbn_network_parameters_f32(float **data, size_t *n, mlpbn_network *network)
{
    RETURN_IF_ERROR(check_parameters(data, n, network, MLPBN_F32));
    *data = network->parameters;
    *n = network->n_parameters;
    return MLPBN_OK;
}

mlpbn_status mlpbn_network_parameters_f64(double **data, size_t *n,
                                          mlpbn_network *network)
{
    RETURN_IF_ERROR(check_parameters(data, n, network, MLPBN_F64));
    *data = network->parameters;
    *n = network->n_parameters;
    return MLPBN_OK;
}
