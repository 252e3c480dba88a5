/* The caller's data: rows of inputs with class labels or targets. mlpbn_rows is a view: it
 * owns nothing and copies nothing. The arrays must not change during a call. They must be as
 * large as the view says and of the dtype that it says: the library cannot check that, and
 * would read other memory. */
#ifndef MLPBN_ROWS_H
#define MLPBN_ROWS_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* Row i of the view is row r of the arrays, where r = index[i], or r = i if index is NULL:
 *
 *   input   data[r * stride + j]             0 <= j < columns
 *   label   labels[r]
 *   target  targets[r * target_stride + k]   0 <= k < target_columns
 *   weight  weights[r]
 *
 * A row of weight 0 adds nothing to loss and gradient, but it is a row of the batch all the same:
 * it is checked like the others, so its inputs must be finite and its label in range, and a
 * batchnorm's batch statistics contain it. To leave a row out, leave it out of index; to leave it
 * out of the loss alone, see ignore_label (mlpbn/loss.h). If no row
 * of a batch has a weight above 0, times that of its class, the weighted mean of the losses is not
 * defined, and calls that compute it return MLPBN_EINVAL; other reductions (mlpbn/loss.h) are. */
typedef struct mlpbn_rows {
    size_t struct_size;
    size_t n;            /* rows of the view */
    const void *data;    /* [n_data][columns], of any alignment */
    mlpbn_dtype dtype;   /* of data: MLPBN_U8, MLPBN_F32 or MLPBN_F64 */
    size_t columns;      /* the network's inputs, >= 1 */
    size_t stride;       /* elements from row to row, >= columns; 0: columns */
    const size_t *index; /* [n], each below n_data; NULL: rows 0 .. n - 1 */
    /* The number of rows of the arrays, >= n if index is NULL. 0: n, and index must be NULL. */
    size_t n_data;
    const int32_t
        *labels;         /* [n_data], each in [0, outputs) or ignore_label; NULL: none */
    const void *targets; /* [n_data][target_columns], of any alignment; NULL: none */
    mlpbn_dtype target_dtype; /* of targets: any of the three */
    size_t target_columns;    /* the network's outputs */
    size_t target_stride;     /* like stride; 0: target_columns */
    /* [n_data], the weights of rows in loss and gradient, and when a standardization is fitted,
     * each finite and >= 0. NULL: all 1. */
    const double *weights;
} mlpbn_rows;

/* Initializes a view of data without labels and targets. */
#define MLPBN_ROWS_INIT(data, dtype, n, columns)                                         \
    {                                                                                    \
        sizeof(mlpbn_rows), MLPBN__SIZE(n), data, dtype, MLPBN__SIZE(columns), 0, NULL,  \
            0, NULL, NULL, MLPBN_NO_DTYPE, 0, 0, NULL                                    \
    }

/* Makes *rows an empty view: all fields but struct_size are 0. dtype and target_dtype are
 * then MLPBN_NO_DTYPE, and must be set along with data and targets.
 *
 * rows         the caller's, uninitialized
 * struct_size  sizeof(mlpbn_rows)
 *
 * MLPBN_EINVAL  rows is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_rows_init(mlpbn_rows *rows,
                                                        size_t struct_size);

MLPBN_END

#endif
