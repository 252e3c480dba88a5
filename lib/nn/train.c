/* A training step, and its parts for callers that write their own training loop. */
#include "nn/real_ops.h"

#include "base/error.h"
#include "nn/backward.h"
#include "nn/forward.h"
#include "nn/labels.h"
#include "nn/loss.h"
#include "nn/reduction.h"

/* Reads the labels or targets of a batch and computes its outputs. sums receive the rows and their
 * weights. */
static mlpbn_status forward_batch(mlpbn__pass **pass, const mlpbn_network *network,
                                  mlpbn_workspace *ws, const mlpbn__batch *batch,
                                  const mlpbn_loss_options *loss, mlpbn__loss_sums *sums)
{
    *pass = mlpbn__pass_begin(network, ws, batch->n, 1);
    RETURN_IF_ERROR(mlpbn__read_labels(*pass, batch, loss, sums));
    RETURN_IF_ERROR(mlpbn__check_weight_sum(loss->reduction, sums));
    return R(forward)(*pass, batch);
}

/* Computes the loss of the outputs. If scale != 0, also writes dy. metrics may be NULL:
 * the penalty, which costs a pass over the weights, is then not computed. */
static mlpbn_status batch_loss(const mlpbn__pass *pass, const mlpbn_loss_options *loss,
                               double scale, mlpbn__loss_sums *sums,
                               mlpbn_metrics *metrics)
{
    mlpbn__l2_penalty penalty = mlpbn__l2_penalty_of(loss);
    mlpbn_metrics unused;
    R(loss)(pass, loss, scale, sums);
    mlpbn_status status = R(metrics)(metrics ? metrics : &unused, pass->network, loss,
                                     metrics ? &penalty : NULL, sums);
    mlpbn__phase_end(pass->ws->profile, MLPBN_PHASE_LOSS);
    return status;
}

mlpbn_status R(training_loss)(const mlpbn_network *network, mlpbn_workspace *ws,
                              const mlpbn__batch *batch, const mlpbn_loss_options *loss,
                              mlpbn_metrics *metrics)
{
    mlpbn__pass *pass;
    mlpbn__loss_sums sums = {0};
    RETURN_IF_ERROR(forward_batch(&pass, network, ws, batch, loss, &sums));
    return batch_loss(pass, loss, 0, &sums, metrics);
}

mlpbn_status R(gradient)(const mlpbn_network *network, mlpbn_workspace *ws,
                         const mlpbn__batch *batch, const mlpbn_loss_options *loss,
                         mlpbn_metrics *metrics, void *dx)
{
    const mlpbn__l2_penalty penalty = mlpbn__l2_penalty_of(loss);
    mlpbn__pass *pass;
    mlpbn__loss_sums sums = {0};
    RETURN_IF_ERROR(
        forward_batch(&pass, network, ws, batch, loss, &sums)); /* y = network(x) */
    RETURN_IF_ERROR(batch_loss(pass, loss,
                               1 / mlpbn__loss_divisor(loss->reduction, &sums), &sums,
                               metrics)); /* dy */
    RETURN_IF_ERROR(R(backward)(pass, &penalty, dx));
    ws->stage = MLPBN__GRADIENT;
    return MLPBN_OK;
}

static mlpbn_status update(mlpbn_network *network, mlpbn_optimizer *optimizer,
                           mlpbn_workspace *ws)
{
    ws->stage = MLPBN__NOTHING;
    mlpbn_status status = R(optimizer_step)(optimizer, network, ws); /* p = p - rate g */
    if (!status)
        R(commit_statistics)(network, ws); /* running mean and variance */
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_UPDATE);
    return status;
}

mlpbn_status R(train_step)(mlpbn_network *network, mlpbn_optimizer *optimizer,
                           mlpbn_workspace *ws, const mlpbn__batch *batch,
                           const mlpbn_loss_options *loss, mlpbn_metrics *metrics)
{
    RETURN_IF_ERROR(R(gradient)(network, ws, batch, loss, metrics, NULL));
    return update(network, optimizer, ws);
}

mlpbn_status R(pass_forward)(const mlpbn_network *network, mlpbn_workspace *ws,
                             const mlpbn__batch *batch, void *y)
{
    mlpbn__pass *pass = mlpbn__pass_begin(network, ws, batch->n, 1);
    RETURN_IF_ERROR(R(forward)(pass, batch));
    R(read_outputs)(pass, y);
    ws->stage = MLPBN__FORWARD;
    return MLPBN_OK;
}

mlpbn_status R(pass_backward)(mlpbn_workspace *ws, const void *dy, void *dx)
{
    const mlpbn__l2_penalty no_penalty = {0};
    ws->stage = MLPBN__NOTHING;
    mlpbn__profile_begin(ws->profile);
    RETURN_IF_ERROR(R(write_output_gradient)(&ws->pass, dy));
    RETURN_IF_ERROR(R(backward)(&ws->pass, &no_penalty, dx));
    ws->stage = MLPBN__GRADIENT;
    return MLPBN_OK;
}

mlpbn_status R(checked_update)(mlpbn_network *network, mlpbn_optimizer *optimizer,
                               mlpbn_workspace *ws)
{
    mlpbn__profile_begin(ws->profile);
    mlpbn_status status = R(check_gradients)(network, ws);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_CHECK);
    return status ? status : update(network, optimizer, ws);
}
