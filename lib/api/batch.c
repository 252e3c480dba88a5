#include "api/batch.h"

#include "api/check.h"

mlpbn_status mlpbn__batch_read(mlpbn__batch *batch, const mlpbn_network *network,
                               mlpbn_workspace *workspace, const mlpbn_rows *rows,
                               size_t most)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(workspace);
    if (!status)
        status = mlpbn__check_workspace(workspace, network);
    if (status)
        return status;
    workspace->stage = MLPBN__NOTHING;
    workspace->to_logits = 0;
    status = mlpbn__rows_read(&batch->rows, rows);
    if (!status)
        status = mlpbn__rows_fit(&batch->rows, network);
    if (!status && batch->rows.n > most)
        status = mlpbn__fail(
            MLPBN_EBATCH,
            "rows: expected n of at most %zu, the workspace's max_batch, got %zu", most,
            batch->rows.n);
    if (!status)
        status = mlpbn__rows_check_index(&batch->rows);
    if (status)
        return status;
    batch->first = 0;
    batch->n = batch->rows.n;
    return MLPBN_OK;
}

int mlpbn__batch_next(mlpbn__batch *batch, size_t most)
{
    batch->first += batch->n;
    size_t left = batch->rows.n - batch->first;
    batch->n = left < most ? left : most;
    return batch->n > 0;
}
