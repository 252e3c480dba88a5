/* Checks of views of rows, and batches: contiguous parts of a view. */
#ifndef MLPBN_NN_ROWS_H
#define MLPBN_NN_ROWS_H

#include "model/model.h"

#include <mlpbn/rows.h>

/* Reads the caller's view into *rows, replaces the defaults of stride and n_data, and checks
 * data, dtype and sizes. The index and the number of columns are checked below. */
mlpbn_status mlpbn__rows_read(mlpbn_rows *rows, const mlpbn_rows *caller);

/* Checks that the index of a view that was read is below n_data. */
mlpbn_status mlpbn__rows_check_index(const mlpbn_rows *rows);

/* Checks that a view that was read has as many columns as the network has inputs. */
mlpbn_status mlpbn__rows_check_columns(const mlpbn_rows *rows,
                                       const mlpbn_network *network);

/* Checks that a batch of n rows for training has at least two if its statistics are used. */
mlpbn_status mlpbn__check_batch_statistics(size_t n, const mlpbn_network *network);

/* Rows first .. first + n - 1 of a view: the rows of one computation. */
typedef struct mlpbn__batch {
    mlpbn_rows rows; /* the whole view */
    size_t first, n;
} mlpbn__batch;

/* The index of row i of the batch in the arrays of the view. */
static inline size_t mlpbn__batch_row(const mlpbn__batch *batch, size_t i)
{
    const size_t *index = batch->rows.index;
    return index ? index[batch->first + i] : batch->first + i;
}

/* A batch of all rows of x[n][columns], without labels. */
mlpbn__batch mlpbn__batch_of(const double *x, size_t n, size_t columns);

/* Advances the batch to the next rows of the view, at most max_rows. If batch->n is 0, these
 * are the rows from batch->first on. Returns 0 when no rows are left. */
int mlpbn__batch_next(mlpbn__batch *batch, size_t max_rows);

#endif
