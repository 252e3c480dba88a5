/* The caller's data: rows of numbers with class labels or targets. A view: it owns
 * nothing and copies nothing. The arrays must stay as they are during a call, and be as
 * the view says: a dtype, a stride or a length that is possible but not theirs cannot be
 * noticed, and what is read then is not your data. */
#ifndef MLPBN_ROWS_H
#define MLPBN_ROWS_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* Row i of the view is row r = index[i] of the arrays, or r = i where index is NULL:
 *
 *   x      data[r * stride + j]             0 <= j < columns
 *   class  labels[r]
 *   target targets[r * target_stride + k]   0 <= k < target_columns
 *   weight weights[r]
 */
typedef struct mlpbn_rows {
    size_t struct_size;
    size_t n;                 /* rows in this view */
    const void *data;         /* [n_data][columns], of any alignment */
    mlpbn_dtype dtype;        /* of data: MLPBN_U8, MLPBN_F32 or MLPBN_F64 */
    size_t columns;           /* the network's inputs, >= 1 */
    size_t stride;            /* elements, not bytes, from row to row, >= columns;
                               * 0: columns */
    const size_t *index;      /* [n], each below n_data; NULL: rows 0 .. n-1 */
    size_t n_data;            /* rows that the arrays hold, >= n if there is no index;
                               * 0: n, and no index allowed */
    const int32_t *labels;    /* [n_data], each in [0, outputs); NULL: none */
    const void *targets;      /* [n_data][target_columns], any alignment; NULL: none */
    mlpbn_dtype target_dtype; /* of targets: any of the three */
    size_t target_columns;    /* the network's outputs */
    size_t target_stride;     /* as stride; 0: target_columns */
    const double *weights;    /* [n_data], of rows in loss and gradient, each finite and
                               * >= 0; NULL: all 1 */
    const size_t *next_index; /* [n_next], each below n_data: what index will be in the
                               * next call. Only a hint, with which a training step has
                               * these rows ready in the cache; NULL: not known */
    size_t n_next;
} mlpbn_rows;

/* A view of data without labels and targets. */
#define MLPBN_ROWS_INIT(data, dtype, n, columns)                                         \
    {                                                                                    \
        sizeof(mlpbn_rows), n, data, dtype, columns, 0, NULL, 0, NULL, NULL,             \
            MLPBN_NO_DTYPE, 0, 0, NULL, NULL, 0                                          \
    }

/* Makes *rows an empty view: everything but struct_size is 0, and both dtypes must be set
 * where their arrays are.
 *
 * rows         caller's, uninitialized
 * struct_size  sizeof(mlpbn_rows)
 *
 * MLPBN_EINVAL  rows is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_rows_init(mlpbn_rows *rows,
                                                        size_t struct_size);

MLPBN_END

#endif
