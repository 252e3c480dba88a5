#include "nn/rows.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/struct_size.h"

#include <stdint.h>

/* Checks the dtype and the sizes of an array [n_data][columns] with this stride. */
static mlpbn_status check_array(const char *name, mlpbn_dtype dtype, size_t n_data,
                                size_t columns, size_t stride)
{
    size_t element = mlpbn__sizeof(dtype);
    if (element == 0)
        return mlpbn__fail(
            MLPBN_EDTYPE,
            "rows: expected %s of type MLPBN_U8, MLPBN_F32 or MLPBN_F64, got %d", name,
            (int)dtype);
    if (stride < columns)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "rows: expected a stride of %s of at least its %zu columns, got %zu", name,
            columns, stride);
    if (mlpbn__multiply(mlpbn__multiply(n_data, stride), element) > PTRDIFF_MAX)
        return mlpbn__fail(
            MLPBN_ESIZE,
            "rows: %zu rows of %s at a stride of %zu do not fit the address "
            "space",
            n_data, name, stride);
    return MLPBN_OK;
}

mlpbn_status mlpbn__rows_check_index(const mlpbn_rows *rows)
{
    for (size_t i = 0; rows->index && i < rows->n; i++)
        if (rows->index[i] >= rows->n_data)
            return mlpbn__fail(MLPBN_EINDEX,
                               "rows: expected index[%zu] below n_data = %zu, got %zu", i,
                               rows->n_data, rows->index[i]);
    return MLPBN_OK;
}

mlpbn_status mlpbn__rows_read(mlpbn_rows *rows, const mlpbn_rows *caller)
{
    *rows = (mlpbn_rows){0};
    RETURN_IF_ERROR(mlpbn__struct_read(rows, sizeof *rows, caller, "rows"));
    if (rows->n == 0)
        return mlpbn__fail(MLPBN_EBATCH, "rows: expected at least 1 row, got n = 0");
    if (!rows->data)
        return mlpbn__fail(MLPBN_EINVAL, "rows: expected data, got NULL");
    if (rows->columns == 0)
        return mlpbn__fail(MLPBN_EINVAL, "rows: expected columns of at least 1, got 0");
    if (rows->n_data == 0 && rows->index)
        return mlpbn__fail(MLPBN_EINVAL,
                           "rows: an index needs n_data, the rows that data "
                           "holds; got 0");
    if (rows->n_data == 0)
        rows->n_data = rows->n;
    if (!rows->index && rows->n > rows->n_data)
        return mlpbn__fail(MLPBN_EINVAL,
                           "rows: expected n of at most n_data = %zu, got %zu",
                           rows->n_data, rows->n);
    if (rows->stride == 0)
        rows->stride = rows->columns;
    if (rows->target_stride == 0)
        rows->target_stride = rows->target_columns;
    RETURN_IF_ERROR(
        check_array("data", rows->dtype, rows->n_data, rows->columns, rows->stride));
    if (rows->targets)
        RETURN_IF_ERROR(check_array("targets", rows->target_dtype, rows->n_data,
                                    rows->target_columns, rows->target_stride));
    return MLPBN_OK;
}

mlpbn_status mlpbn__rows_check_columns(const mlpbn_rows *rows,
                                       const mlpbn_network *network)
{
    if (rows->columns == network->inputs)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ESHAPE,
                       "rows: expected columns = %zu, the network's inputs, got %zu",
                       network->inputs, rows->columns);
}

mlpbn_status mlpbn__check_batch_statistics(size_t n, const mlpbn_network *network)
{
    if (n > 1 || !mlpbn__network_has_batch_statistics(network))
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EBATCH,
        "rows: batchnorm in training needs at least 2 rows, got 1 (of a last "
        "batch? MLPBN_LAST_BATCH_DROP_SINGLE leaves it out)");
}

mlpbn__batch mlpbn__batch_of(const double *x, size_t n, size_t columns)
{
    mlpbn__batch batch = {.rows = MLPBN_ROWS_INIT(x, MLPBN_F64, n, columns), .n = n};
    batch.rows.stride = columns;
    batch.rows.n_data = n;
    return batch;
}

int mlpbn__batch_next(mlpbn__batch *batch, size_t max_rows)
{
    batch->first += batch->n;
    size_t left = batch->rows.n - batch->first;
    batch->n = left < max_rows ? left : max_rows;
    return batch->n > 0;
}
