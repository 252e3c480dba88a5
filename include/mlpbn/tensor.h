/* The tensors of a network, as one table: first the parameters, then the running statistics.
 *
 * All parameters are in one array, and all gradients of a workspace in another with the same
 * layout. A tensor begins at `offset` in these arrays, and its rows are `stride` elements
 * apart. The elements between columns and stride, and between tensors, are padding, which is
 * zero and must stay zero: so a norm, an average over workspaces, or an optimizer of the caller's
 * own is one pass over the whole array. */
#ifndef MLPBN_TENSOR_H
#define MLPBN_TENSOR_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

typedef enum mlpbn_tensor_kind {
    MLPBN_NO_KIND = 0,      /* not set */
    MLPBN_WEIGHT = 1,       /* [units][inputs] */
    MLPBN_BIAS = 2,         /* [units] */
    MLPBN_GAMMA = 3,        /* [units] */
    MLPBN_BETA = 4,         /* [units] */
    MLPBN_RUNNING_MEAN = 5, /* [units]; not a parameter */
    MLPBN_RUNNING_VAR = 6   /* [units], >= 0; not a parameter */
} mlpbn_tensor_kind;

/* A set of kinds is a sum of these bits. No kind is a bit, so that MLPBN_BIAS, say, is refused
 * where a set is expected. */
#define MLPBN_KIND_BIT(kind) (0x100u << (kind))
#define MLPBN_ALL_PARAMETERS                                                             \
    (MLPBN_KIND_BIT(MLPBN_WEIGHT) | MLPBN_KIND_BIT(MLPBN_BIAS) |                         \
     MLPBN_KIND_BIT(MLPBN_GAMMA) | MLPBN_KIND_BIT(MLPBN_BETA))

/* The description of a tensor. Its pointers are borrowed from the network. A vector has one
 * row of `columns` elements. */
typedef struct mlpbn_tensor {
    size_t struct_size;
    size_t index;     /* in the network's table */
    const char *name; /* "layer0.weight", "layer2.running_mean", ... */
    mlpbn_tensor_kind kind;
    size_t layer;      /* index of its layer */
    int is_parameter;  /* 1: it has a gradient; 0: it is a running statistic */
    mlpbn_dtype dtype; /* the network's */
    size_t rows;
    size_t columns;
    size_t stride;    /* elements from row to row */
    size_t offset;    /* of a parameter: elements from the start of the array; else 0 */
    const void *data; /* the first element: a float or a double, by dtype */
} mlpbn_tensor;

#define MLPBN_TENSOR_INIT                                                                \
    {                                                                                    \
        sizeof(mlpbn_tensor), 0, NULL, MLPBN_NO_KIND, 0, 0, MLPBN_NO_DTYPE, 0, 0, 0, 0,  \
            NULL                                                                         \
    }

/* Sets all fields of *tensor but struct_size to 0.
 *
 * MLPBN_EINVAL  tensor is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_tensor_init(mlpbn_tensor *tensor,
                                                          size_t struct_size);

/* The number of tensors of a network. network must not be NULL. */
MLPBN_API size_t mlpbn_network_n_tensors(const mlpbn_network *network);

/* Describes tensor `index` of the table.
 *
 * tensor  receives the description; its struct_size must be set (mlpbn_tensor_init)
 * index   below mlpbn_network_n_tensors()
 *
 * MLPBN_EINVAL  an argument is NULL, or index is too large
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_tensor(mlpbn_tensor *tensor,
                                                             const mlpbn_network *network,
                                                             size_t index);

/* Copies the elements of tensor `index` out of the network or into it, without padding. Both
 * types work with both dtypes of networks: values are converted, and when a double beyond the
 * range of float is got as float, it becomes infinite. Setting checks all values before it
 * copies any. No other thread may use the network while a tensor is set.
 *
 * values  [rows][columns]
 * n       rows * columns
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

/* Gets the array of all parameters, which the caller may read and write in place. What it
 * writes must be finite. No other thread may use the network meanwhile, and nothing may be
 * written between mlpbn_forward and mlpbn_backward, which would compute a wrong gradient.
 *
 * data  receives the array, borrowed from the network, aligned to 64 bytes
 * n     receives its length, padding included; padding must stay zero
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
