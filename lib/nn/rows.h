/* Checking views of rows. */
#ifndef MLPBN_NN_ROWS_H
#define MLPBN_NN_ROWS_H

#include "model/model.h"

#include <mlpbn/rows.h>

/* Reads the caller's view into *rows, with defaults resolved (stride, n_data), and checks
 * all that can be told without a network but the index: data, dtype, sizes. */
mlpbn_status mlpbn__rows_read(mlpbn_rows *rows, const mlpbn_rows *caller);

/* Checks the index list of a view that was read: after its length. */
mlpbn_status mlpbn__rows_check_index(const mlpbn_rows *rows);

/* Checks the columns of a view that was read. */
mlpbn_status mlpbn__rows_fit(const mlpbn_rows *rows, const mlpbn_network *network);

/* Rows first .. first + n - 1 of a view: what one computation takes. */
typedef struct mlpbn__batch {
    mlpbn_rows rows; /* the whole view */
    size_t first, n;
} mlpbn__batch;

/* Which row of the arrays is row i of the batch. */
static inline size_t mlpbn__batch_row(const mlpbn__batch *batch, size_t i)
{
    const size_t *index = batch->rows.index;
    return index ? index[batch->first + i] : batch->first + i;
}

/* All of x[n][columns], as double, without labels. */
mlpbn__batch mlpbn__batch_of(const double *x, size_t n, size_t columns);

/* Goes on to the next rows of the view, at most max_rows; 0 when there are none left. Begins
 * with the first ones where batch->n is 0. */
int mlpbn__batch_next(mlpbn__batch *batch, size_t max_rows);

#endif
