/* The arrays of a network, one table: parameters first, then running statistics.
 *
 * All parameters live in one array; all gradients in a workspace live in another of the
 * same layout. A tensor stands in it at `offset`, row by row, `stride` elements from one
 * row to the next. Elements between columns and stride, and between tensors, are padding
 * that is zero and must stay zero; so a norm, a sum over workspaces or an optimizer of
 * one's own is a single pass over the whole array. */
#ifndef MLPBN_TENSOR_H
#define MLPBN_TENSOR_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

typedef enum mlpbn_tensor_kind {
    MLPBN_NO_KIND = 0,
    MLPBN_WEIGHT = 1,       /* [units][inputs] */
    MLPBN_BIAS = 2,         /* [units] */
    MLPBN_GAMMA = 3,        /* [units] */
    MLPBN_BETA = 4,         /* [units] */
    MLPBN_RUNNING_MEAN = 5, /* [units]; not a parameter */
    MLPBN_RUNNING_VAR = 6   /* [units], >= 0; not a parameter */
} mlpbn_tensor_kind;

/* Sets of kinds are sums of these bits. */
#define MLPBN_KIND_BIT(kind) (1u << (kind))
#define MLPBN_ALL_PARAMETERS                                                             \
    (MLPBN_KIND_BIT(MLPBN_WEIGHT) | MLPBN_KIND_BIT(MLPBN_BIAS) |                         \
     MLPBN_KIND_BIT(MLPBN_GAMMA) | MLPBN_KIND_BIT(MLPBN_BETA))

/* A description of one tensor. Everything it points to is borrowed from the network. A
 * vector has 1 row of `columns` elements. */
typedef struct mlpbn_tensor {
    size_t struct_size;
    size_t index;     /* in the network's table */
    const char *name; /* "layer0.weight", "layer2.running_mean", ... */
    mlpbn_tensor_kind kind;
    size_t layer;      /* which layer it belongs to */
    int is_parameter;  /* 0: running statistics, which have no gradient */
    mlpbn_dtype dtype; /* the network's */
    size_t rows;
    size_t columns;
    size_t stride;    /* elements from row to row */
    size_t offset;    /* of parameters: elements from the start of the array */
    const void *data; /* its first element, float or double by dtype */
} mlpbn_tensor;

#define MLPBN_TENSOR_INIT                                                                \
    {                                                                                    \
        sizeof(mlpbn_tensor), 0, NULL, MLPBN_NO_KIND, 0, 0, MLPBN_NO_DTYPE, 0, 0, 0, 0,  \
            NULL                                                                         \
    }

/* Zeroes *tensor but for its struct_size.
 *
 * MLPBN_EINVAL  tensor is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_tensor_init(mlpbn_tensor *tensor,
                                                          size_t struct_size);

/* How many tensors a network has; network must not be NULL. */
MLPBN_API size_t mlpbn_network_tensors(const mlpbn_network *network);

/* Describes tensor `index`, below mlpbn_network_tensors().
 *
 * tensor  caller's, struct_size set (mlpbn_tensor_init)
 *
 * MLPBN_EINVAL  an argument is NULL, or index is too large
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_tensor(mlpbn_tensor *tensor,
                                                             const mlpbn_network *network,
                                                             size_t index);

/* Copies tensor `index` out of or into the network, without padding: values is
 * [rows][columns], n = rows * columns. Either type works on either dtype of network;
 * values are converted; to float, those beyond its range become infinite. Setting checks
 * first and then copies: all or nothing.
 *
 * MLPBN_EINVAL      an argument is NULL or index is too large; a running variance
 *                   would be negative
 * MLPBN_ESHAPE      n is not rows * columns
 * MLPBN_ENONFINITE  a value to be set is NaN or infinite, or is so in the network's dtype
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_get_f32(
    const mlpbn_network *network, size_t index, float *values, size_t n);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_get_f64(
    const mlpbn_network *network, size_t index, double *values, size_t n);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_set_f32(mlpbn_network *network,
                                                              size_t index,
                                                              const float *values,
                                                              size_t n);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_set_f64(mlpbn_network *network,
                                                              size_t index,
                                                              const double *values,
                                                              size_t n);

/* The array of all parameters, for reading and writing in place: *data is borrowed, 64
 * byte aligned, and *n its length with padding. What is written must be finite; padding
 * must stay zero. Not safe beside any other use of the network.
 *
 * MLPBN_EINVAL  an argument is NULL
 * MLPBN_EDTYPE  the network's dtype is the other one
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_parameters_f32(float **data, size_t *n, mlpbn_network *network);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_parameters_f64(double **data, size_t *n, mlpbn_network *network);

MLPBN_END

#endif
