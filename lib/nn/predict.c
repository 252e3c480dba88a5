/* Prediction and evaluation: forward passes with running statistics, in micro-batches. */
#include "nn/real_ops.h"

#include "base/error.h"
#include "nn/forward.h"
#include "nn/labels.h"
#include "nn/loss.h"
#include "nn/reduction.h"

#include <string.h>

/* Rows of one pass: so few that its arrays stay in the cache. The size does not depend on the
 * number of threads, because the rounding of the summed losses depends on it. */
enum { MICRO_BATCH = 120 };

/* Begins a pass of batch->n of n rows. Its arrays have the stride of a micro-batch; if n is 1,
 * the units are adjacent. */
static mlpbn__pass *begin_micro_batch(const mlpbn_network *network, mlpbn_workspace *ws,
                                      const mlpbn__batch *batch, size_t n)
{
    mlpbn__pass *pass = mlpbn__pass_begin(network, ws, batch->n, 0);
    size_t ld = n == 1 ? 1 : mlpbn__row_stride(MICRO_BATCH, sizeof(real));
    pass->ld = ld < ws->ld ? ld : ws->ld;
    return pass;
}

/* y[batch->n][outputs] of a batch that is part of n rows. */
static mlpbn_status predict_batch(const mlpbn_network *network, mlpbn_workspace *ws,
                                  const mlpbn__batch *batch, size_t n, real *y)
{
    const mlpbn__pass *pass = begin_micro_batch(network, ws, batch, n);
    RETURN_IF_ERROR(R(forward)(pass, batch));
    R(read_outputs)(pass, y);
    return MLPBN_OK;
}

/* Computes y[rows->n][outputs] of at most max_batch rows that are part of a view. y does not
 * change on an error: the outputs of several passes are collected in ws->targets, which
 * prediction does not use otherwise, and copied at the end. */
static mlpbn_status predict_rows(const mlpbn_network *network, mlpbn_workspace *ws,
                                 const mlpbn__batch *rows, real *y)
{
    size_t n = rows->n, outputs = mlpbn__network_outputs(network);
    if (n <= MICRO_BATCH)
        return predict_batch(network, ws, rows, n, y);
    real *outputs_buffer = ws->targets;
    mlpbn__batch batch = *rows;
    batch.rows.n = rows->first + n;
    batch.n = 0;
    while (mlpbn__batch_next(&batch, MICRO_BATCH))
        RETURN_IF_ERROR(
            predict_batch(network, ws, &batch, n,
                          outputs_buffer + (batch.first - rows->first) * outputs));
    memcpy(y, outputs_buffer, n * outputs * sizeof *outputs_buffer);
    return MLPBN_OK;
}

mlpbn_status R(predict)(const mlpbn_network *network, mlpbn_workspace *ws,
                        const mlpbn__batch *rows, void *y)
{
    size_t outputs = mlpbn__network_outputs(network);
    mlpbn__batch batch = *rows;
    if (rows->n <= ws->max_batch)
        return predict_rows(network, ws, rows, y);
    batch.n = 0;
    while (mlpbn__batch_next(&batch, ws->max_batch))
        RETURN_IF_ERROR(
            predict_rows(network, ws, &batch, (real *)y + batch.first * outputs));
    return MLPBN_OK;
}

mlpbn_status R(evaluate)(const mlpbn_network *network, mlpbn_workspace *ws,
                         const mlpbn__batch *rows, const mlpbn_loss_options *loss,
                         mlpbn_metrics *metrics)
{
    const mlpbn__l2_penalty penalty = mlpbn__l2_penalty_of(loss);
    size_t max_rows = ws->max_batch < MICRO_BATCH ? ws->max_batch : MICRO_BATCH;
    mlpbn__loss_sums sums = {0};
    mlpbn__batch batch = *rows;
    batch.n = 0;
    while (mlpbn__batch_next(&batch, max_rows)) {
        mlpbn__pass *pass = begin_micro_batch(network, ws, &batch, rows->n);
        RETURN_IF_ERROR(mlpbn__read_labels(pass, &batch, loss, &sums));
        RETURN_IF_ERROR(R(forward)(pass, &batch));
        R(loss)(pass, loss, 0, &sums);
        mlpbn__phase_end(ws->profile, MLPBN_PHASE_LOSS);
    }
    RETURN_IF_ERROR(mlpbn__check_weight_sum(loss->reduction, &sums));
    return R(metrics)(metrics, network, loss, &penalty, &sums);
}
