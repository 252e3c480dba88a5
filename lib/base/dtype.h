/* Access to elements of arrays whose dtype is known at run time only, for code that does not
 * need to be fast. Kernels are compiled for each dtype instead. */
#ifndef MLPBN_BASE_DTYPE_H
#define MLPBN_BASE_DTYPE_H

#include <mlpbn/common.h>

#include <string.h>

/* Bytes of one element; 0 for an unknown dtype. */
static inline size_t mlpbn__sizeof(mlpbn_dtype dtype)
{
    switch (dtype) {
    case MLPBN_F32:
        return sizeof(float);
    case MLPBN_F64:
        return sizeof(double);
    case MLPBN_U8:
        return sizeof(uint8_t);
    case MLPBN_NO_DTYPE:
        break;
    }
    return 0;
}

/* Loads element i of an array of any alignment. */
static inline double mlpbn__load(mlpbn_dtype dtype, const void *array, size_t i)
{
    float single;
    double value = 0;
    switch (dtype) {
    case MLPBN_F32:
        memcpy(&single, (const char *)array + i * sizeof single, sizeof single);
        return (double)single;
    case MLPBN_F64:
        memcpy(&value, (const char *)array + i * sizeof value, sizeof value);
        return value;
    case MLPBN_U8:
        return ((const uint8_t *)array)[i];
    case MLPBN_NO_DTYPE:
        break;
    }
    return value;
}

/* Stores element i of an aligned array of MLPBN_F32 or MLPBN_F64. */
static inline void mlpbn__store(mlpbn_dtype dtype, void *array, size_t i, double value)
{
    if (dtype == MLPBN_F32)
        ((float *)array)[i] = (float)value;
    else
        ((double *)array)[i] = value;
}

/* The C type of the dtype, MLPBN_F32 or MLPBN_F64, for error texts. */
static inline const char *mlpbn__dtype_name(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? "float" : "double";
}

/* Rounds a value to the precision of the dtype, MLPBN_F32 or MLPBN_F64. */
static inline double mlpbn__round(mlpbn_dtype dtype, double value)
{
    return dtype == MLPBN_F32 ? (double)(float)value : value;
}

#endif
