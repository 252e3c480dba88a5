/* The caller's rows into the workspace's x; on several threads a block of rows each. */
#include "base/number.h"
#include "base/parallel.h"
#include "base/fail.h"
#include "kernel/kernels.h"
#include "train/real_passes.h"

#include <math.h>
#include <stdatomic.h>

enum { BLOCK = 10 }; /* rows a piece */

typedef struct gathering {
    R(source) source;
    size_t ldx;
    real *x;
    atomic_int not_finite;
} gathering;

static void gather_block(void *context, size_t begin, size_t end)
{
    gathering *g = context;
    if (!R(select_kernels)()->gather(&g->source, begin, end, g->x, g->ldx))
        g->not_finite = 1;
}

/* Which row and column the first number that is not finite came from. */
static mlpbn_status name_culprit(const mlpbn_workspace *ws, const mlpbn__batch *batch)
{
    const real *x = ws->x;
    for (size_t i = 0; i < batch->n; i++)
        for (size_t j = 0; j < batch->rows.columns; j++) {
            double value = (double)x[i * ws->ldx + j];
            if (isfinite(value))
                continue;
            size_t row = mlpbn__batch_row(batch, i);
            double given = mlpbn__load(batch->rows.dtype, batch->rows.data,
                                       row * batch->rows.stride + j);
            if (!isfinite(given))
                return mlpbn__fail(
                    MLPBN_ENONFINITE,
                    "rows: expected finite data, got %g in row %zu, column %zu", given,
                    row, j);
            return mlpbn__fail(MLPBN_ENONFINITE,
                               "rows: expected finite data, got %g in row %zu, column "
                               "%zu, which is %g when converted and standardised",
                               given, row, j, value);
        }
    return MLPBN_OK;
}

mlpbn_status R(gather_rows)(const mlpbn_network *network, mlpbn_workspace *ws,
                            const mlpbn__batch *batch)
{
    const mlpbn_rows *rows = &batch->rows;
    size_t skipped = batch->first * rows->stride * mlpbn__sizeof(rows->dtype);
    gathering g = {
        .source = {.data = rows->data,
                   .dtype = rows->dtype,
                   .columns = rows->columns,
                   .stride = rows->stride,
                   .stays_finite = rows->dtype == MLPBN_U8 && network->u8_stays_finite},
        .ldx = ws->ldx,
        .x = ws->x,
    };
    if (rows->index)
        g.source.index = rows->index + batch->first;
    else
        g.source.data = (const char *)rows->data + skipped;
    if (network->standardized) {
        g.source.mean = network->mean_high;
        g.source.mean_rest = network->mean_rest;
        g.source.scale = network->scale;
    }
    mlpbn__timing_begin(ws->timing);
    mlpbn__parallel_blocks(ws->pool, batch->n, BLOCK, gather_block, &g);
    mlpbn__phase_end(ws->timing, MLPBN_PHASE_GATHER);
    ws->n = batch->n;
    return g.not_finite ? name_culprit(ws, batch) : MLPBN_OK;
}
