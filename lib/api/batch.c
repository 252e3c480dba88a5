#include "api/batch.h"

#include "api/check.h"

mlpbn_status mlpbn__check_rows(mlpbn__batch *batch, const mlpbn_network *network,
                               const mlpbn_rows *rows, size_t max_rows)
{
    RETURN_IF_ERROR(mlpbn__rows_read(&batch->rows, rows));
    RETURN_IF_ERROR(mlpbn__rows_check_columns(&batch->rows, network));
    if (batch->rows.n > max_rows)
        return mlpbn__fail(
            MLPBN_EBATCH,
            "rows: expected n of at most %zu, the workspace's max_batch, got %zu",
            max_rows, batch->rows.n);
    RETURN_IF_ERROR(mlpbn__rows_check_index(&batch->rows));
    batch->first = 0;
    batch->n = batch->rows.n;
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_batch(mlpbn__batch *batch, const mlpbn_network *network,
                               mlpbn_workspace *workspace, const mlpbn_rows *rows,
                               size_t max_rows)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(workspace));
    RETURN_IF_ERROR(mlpbn__check_workspace(workspace, network));
    workspace->stage = MLPBN__NOTHING;
    return mlpbn__check_rows(batch, network, rows, max_rows);
}

mlpbn_status mlpbn__read_training_batch(mlpbn__batch *batch, const mlpbn_network *network,
                                        mlpbn_workspace *workspace,
                                        const mlpbn_rows *rows)
{
    size_t max_rows = workspace ? workspace->max_batch : 0;
    RETURN_IF_ERROR(mlpbn__read_batch(batch, network, workspace, rows, max_rows));
    RETURN_IF_ERROR(mlpbn__check_mode(workspace));
    return mlpbn__check_batch_statistics(batch->n, network);
}
