#include "api/batch.h"
#include "api/check.h"
#include "api/metrics.h"
#include "api/options.h"
#include "base/memory.h"
#include "base/dtype.h"
#include "nn/labels.h"
#include "nn/typed_ops.h"

#include <mlpbn/predict.h>

#include <string.h>

/* Rows that are predicted at once: what was gathered of them is still in the cache when it is
 * needed. The number must not depend on that of threads, because sums of losses do on it. */
enum { SLICE = 120 };

/* Makes the rows of feature-major arrays as long as a slice needs them, so that what a single
 * row leaves in the units lies side by side; returns how long they were. */
static size_t narrow(mlpbn_workspace *ws, size_t n)
{
    size_t ld = ws->ld;
    size_t least = n == 1 ? 1 : mlpbn__row_stride(SLICE, mlpbn__sizeof(ws->dtype));
    if (least < ld)
        ws->ld = least;
    return ld;
}

static mlpbn_status predict_slice(const mlpbn_network *network, mlpbn_workspace *ws,
                                  const mlpbn__batch *slice)
{
    const mlpbn__typed_ops *passes = mlpbn__typed_ops_of(network->dtype);
    mlpbn_status status = passes->input_layer(network, ws, slice);
    if (!status)
        status = passes->predict(network, ws, network->n_layers);
    return passes->report_nonfinite_row(network, ws, slice, status);
}

/* Outputs of all slices are kept until the last one is known to be finite: in the array for
 * targets, which prediction has no other use for. */
static mlpbn_status predict(const mlpbn_network *network, mlpbn_workspace *ws,
                            mlpbn__batch *batch, void *y)
{
    const mlpbn__typed_ops *passes = mlpbn__typed_ops_of(network->dtype);
    size_t n = batch->n, row = mlpbn_network_outputs(network) * mlpbn__sizeof(ws->dtype);
    char *kept = n > SLICE ? ws->targets : y;
    mlpbn_status status = MLPBN_OK;
    batch->n = 0;
    while (!status && mlpbn__batch_next(batch, SLICE)) {
        status = predict_slice(network, ws, batch);
        if (!status)
            passes->read_outputs(network, ws, kept + batch->first * row);
    }
    if (!status && kept != y)
        memcpy(y, kept, n * row);
    return status;
}

static mlpbn_status predict_outputs(const mlpbn_network *network,
                                    mlpbn_workspace *workspace, const mlpbn_rows *rows,
                                    void *y, mlpbn_dtype dtype)
{
    mlpbn__batch batch;
    size_t most = workspace ? workspace->max_batch : 0;
    mlpbn_status status = mlpbn__batch_read(&batch, network, workspace, rows, most);
    if (!status)
        status = MLPBN__CHECK_POINTER(y);
    if (!status)
        status = mlpbn__check_dtype(network->dtype, dtype);
    if (status)
        return status;
    size_t ld = narrow(workspace, batch.n);
    status = predict(network, workspace, &batch, y);
    workspace->ld = ld;
    return status;
}

mlpbn_status mlpbn_predict_f32(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, float *y)
{
    return predict_outputs(network, workspace, rows, y, MLPBN_F32);
}

mlpbn_status mlpbn_predict_f64(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, double *y)
{
    return predict_outputs(network, workspace, rows, y, MLPBN_F64);
}

/* One piece of an evaluation, added to the score. */
static mlpbn_status evaluate_slice(const mlpbn_network *network, mlpbn_workspace *ws,
                                   const mlpbn__batch *batch,
                                   const mlpbn_loss_options *loss,
                                   mlpbn__loss_sums *score)
{
    mlpbn_status status = mlpbn__batch_answers(batch, network, ws, loss);
    if (!status)
        status = predict_slice(network, ws, batch);
    if (status)
        return status;
    mlpbn__typed_ops_of(network->dtype)->loss(network, ws, loss, 0, score);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_LOSS);
    return MLPBN_OK;
}

mlpbn_status mlpbn_evaluate(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows, const mlpbn_loss_options *options,
                            mlpbn_metrics *metrics)
{
    mlpbn__batch batch;
    mlpbn_loss_options loss;
    mlpbn_metrics ours;
    mlpbn_status status = mlpbn__batch_read(&batch, network, workspace, rows, SIZE_MAX);
    if (!status)
        status = mlpbn__read_loss_options(&loss, options, network);
    if (!status)
        status = MLPBN__CHECK_POINTER(metrics);
    if (!status)
        status = mlpbn__metrics_check(metrics);
    if (status)
        return status;
    mlpbn__decay decay = mlpbn__decay_of(&loss);
    mlpbn__loss_sums score = {0};
    size_t n = batch.rows.n, ld = narrow(workspace, n);
    size_t most = workspace->max_batch < SLICE ? workspace->max_batch : SLICE;
    batch.n = 0;
    while (!status && mlpbn__batch_next(&batch, most))
        status = evaluate_slice(network, workspace, &batch, &loss, &score);
    workspace->ld = ld;
    if (!status)
        status = mlpbn__check_weight(score.weight);
    if (!status)
        status = mlpbn__metrics_of(&ours, network, &decay, &score, n);
    if (!status)
        mlpbn__metrics_write(metrics, &ours);
    return status;
}
