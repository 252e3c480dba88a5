#include "api/gradient.h"

#include "api/batch.h"
#include "api/check.h"
#include "api/metrics.h"
#include "api/options.h"
#include "nn/labels.h"

mlpbn_status mlpbn__train_batch(mlpbn__batch *batch, const mlpbn_network *network,
                                mlpbn_workspace *ws, const mlpbn_rows *rows)
{
    size_t most = ws ? ws->max_batch : 0;
    mlpbn_status status = mlpbn__batch_read(batch, network, ws, rows, most);
    if (!status)
        status = mlpbn__check_mode(ws);
    if (!status && batch->n == 1 && mlpbn__network_has_batch_statistics(network))
        status = mlpbn__fail(MLPBN_EBATCH,
                             "rows: batchnorm in training needs at least 2 rows, "
                             "got 1 (a last batch of one row? see mlpbn_last_batch)");
    return status;
}

mlpbn_status mlpbn__train_forward(const mlpbn_network *network, mlpbn_workspace *ws,
                                  const mlpbn__batch *batch)
{
    const mlpbn__typed_ops *passes = mlpbn__typed_ops_of(network->dtype);
    mlpbn_status status = passes->input_layer(network, ws, batch);
    if (!status)
        status = passes->forward(network, ws);
    return passes->report_nonfinite_row(network, ws, batch, status);
}

/* Reads options and rows, and computes the outputs. */
static mlpbn_status forward(const mlpbn_network *network, mlpbn_workspace *ws,
                            const mlpbn_rows *rows, const mlpbn_loss_options *options,
                            const mlpbn_metrics *caller, mlpbn_loss_options *loss,
                            mlpbn__batch *batch)
{
    mlpbn_status status = mlpbn__train_batch(batch, network, ws, rows);
    if (!status)
        status = mlpbn__read_loss_options(loss, options, network);
    if (!status)
        status = mlpbn__metrics_check(caller);
    if (!status)
        status = mlpbn__batch_answers(batch, network, ws, loss);
    if (!status)
        status = mlpbn__check_weight(ws->sum_of_weights);
    return status ? status : mlpbn__train_forward(network, ws, batch);
}

/* Of outputs that are there; with scale != 0 also the derivatives by them. The penalty
 * counts only where metrics are wanted, because it costs a pass over the weights. */
static mlpbn_status compute_loss(const mlpbn_network *network, mlpbn_workspace *ws,
                                 const mlpbn_loss_options *loss, double scale,
                                 int wants_metrics, mlpbn_metrics *ours)
{
    mlpbn__decay decay = mlpbn__decay_of(loss), no_decay = {0};
    mlpbn__loss_sums score = {0};
    mlpbn__typed_ops_of(network->dtype)->loss(network, ws, loss, scale, &score);
    mlpbn_status status = mlpbn__metrics_of(
        ours, network, wants_metrics ? &decay : &no_decay, &score, ws->n);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_LOSS);
    return status;
}

mlpbn_status mlpbn__train_metrics(const mlpbn_network *network, mlpbn_workspace *ws,
                                  const mlpbn_rows *rows,
                                  const mlpbn_loss_options *options,
                                  mlpbn_metrics *metrics)
{
    mlpbn_loss_options loss;
    mlpbn__batch batch;
    mlpbn_status status = forward(network, ws, rows, options, NULL, &loss, &batch);
    return status ? status : compute_loss(network, ws, &loss, 0, 1, metrics);
}

mlpbn_status mlpbn__train_gradient(const mlpbn_network *network, mlpbn_workspace *ws,
                                   const mlpbn_rows *rows,
                                   const mlpbn_loss_options *options,
                                   const mlpbn_metrics *caller, mlpbn_metrics *ours,
                                   void *dx)
{
    mlpbn_loss_options loss;
    mlpbn__batch batch;
    mlpbn_status status = forward(network, ws, rows, options, caller, &loss, &batch);
    if (!status)
        status = compute_loss(network, ws, &loss, 1 / ws->sum_of_weights, caller != NULL,
                              ours);
    if (status)
        return status;
    mlpbn__decay decay = mlpbn__decay_of(&loss);
    status = mlpbn__typed_ops_of(network->dtype)->backward(network, ws, &decay, dx);
    if (!status)
        ws->stage = MLPBN__GRADIENT;
    return status;
}
