#include "api/batch.h"
#include "api/check.h"
#include "api/metrics.h"
#include "api/options.h"
#include "train/answers.h"
#include "train/passes.h"

#include <mlpbn/predict.h>

static mlpbn_status predict(const mlpbn_network *network, mlpbn_workspace *ws,
                            const mlpbn__batch *batch)
{
    const mlpbn__passes *passes = mlpbn__passes_of(network->dtype);
    mlpbn_status status = passes->gather(network, ws, batch);
    return status ? status : passes->predict(network, ws, network->n_layers);
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
    if (!status)
        status = predict(network, workspace, &batch);
    if (!status)
        mlpbn__passes_of(dtype)->read_outputs(network, workspace, y);
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
static mlpbn_status evaluate_batch(const mlpbn_network *network, mlpbn_workspace *ws,
                                   const mlpbn__batch *batch,
                                   const mlpbn_loss_options *loss, mlpbn__score *score)
{
    mlpbn_status status = mlpbn__batch_answers(batch, network, ws, loss);
    if (!status)
        status = predict(network, ws, batch);
    if (status)
        return status;
    mlpbn__passes_of(network->dtype)->loss(network, ws, loss, 0, score);
    mlpbn__phase_end(ws->timing, MLPBN_PHASE_LOSS);
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
    mlpbn__score score = {0};
    size_t n = batch.rows.n;
    batch.n = 0;
    while (!status && mlpbn__batch_next(&batch, workspace))
        status = evaluate_batch(network, workspace, &batch, &loss, &score);
    if (!status)
        status = mlpbn__check_weight(score.weight);
    if (!status)
        status = mlpbn__metrics_of(&ours, network, &decay, &score, n);
    if (!status)
        mlpbn__metrics_write(metrics, &ours);
    return status;
}
