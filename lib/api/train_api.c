#include "api/check.h"
#include "api/gradient.h"
#include "api/metrics.h"

#include <mlpbn/train.h>

mlpbn_status mlpbn_gradient(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows, const mlpbn_loss_options *options,
                            mlpbn_metrics *metrics)
{
    mlpbn_metrics ours;
    mlpbn_status status =
        mlpbn__train_gradient(network, workspace, rows, options, metrics, &ours, NULL);
    if (!status)
        mlpbn__metrics_write(metrics, &ours);
    return status;
}

static mlpbn_status step(mlpbn_optimizer *optimizer, mlpbn_network *network,
                         mlpbn_workspace *ws)
{
    const mlpbn__typed_ops *passes = mlpbn__typed_ops_of(network->dtype);
    ws->stage = MLPBN__NOTHING;
    mlpbn_status status = passes->step(optimizer, network, ws);
    if (!status)
        passes->commit(network, ws);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_UPDATE);
    return status;
}

mlpbn_status mlpbn_optimizer_step(mlpbn_optimizer *optimizer, mlpbn_network *network,
                                  mlpbn_workspace *workspace)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(optimizer);
    if (!status)
        status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(workspace);
    if (!status)
        status = mlpbn__check_optimizer(optimizer, network);
    if (!status)
        status = mlpbn__check_workspace(workspace, network);
    if (!status)
        status = mlpbn__check_stage(workspace, MLPBN__GRADIENT);
    if (status)
        return status;
    mlpbn__profile_begin(workspace->profile);
    /* The caller may have changed them. */
    status = mlpbn__typed_ops_of(network->dtype)->check_gradients(network, workspace);
    mlpbn__phase_end(workspace->profile, MLPBN_PHASE_CHECK);
    return status ? status : step(optimizer, network, workspace);
}

mlpbn_status mlpbn_train_step(mlpbn_network *network, mlpbn_optimizer *optimizer,
                              mlpbn_workspace *workspace, const mlpbn_rows *rows,
                              const mlpbn_loss_options *options, mlpbn_metrics *metrics)
{
    mlpbn_metrics ours;
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(optimizer);
    if (!status)
        status = mlpbn__check_optimizer(optimizer, network);
    if (!status)
        status = mlpbn__train_gradient(network, workspace, rows, options, metrics, &ours,
                                       NULL);
    if (!status)
        status = step(optimizer, network, workspace);
    if (!status)
        mlpbn__metrics_write(metrics, &ours);
    return status;
}

static mlpbn_status forward_in_pieces(const mlpbn_network *network,
                                      mlpbn_workspace *workspace, const mlpbn_rows *rows,
                                      void *y, mlpbn_dtype dtype)
{
    mlpbn__batch batch;
    mlpbn_status status = mlpbn__train_batch(&batch, network, workspace, rows);
    if (!status)
        status = MLPBN__CHECK_POINTER(y);
    if (!status)
        status = mlpbn__check_dtype(network->dtype, dtype);
    if (!status)
        status = mlpbn__train_forward(network, workspace, &batch);
    if (status)
        return status;
    mlpbn__typed_ops_of(dtype)->read_outputs(network, workspace, y);
    workspace->stage = MLPBN__FORWARD;
    return MLPBN_OK;
}

mlpbn_status mlpbn_forward_f32(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, float *y)
{
    return forward_in_pieces(network, workspace, rows, y, MLPBN_F32);
}

mlpbn_status mlpbn_forward_f64(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, double *y)
{
    return forward_in_pieces(network, workspace, rows, y, MLPBN_F64);
}

static mlpbn_status backward_in_pieces(const mlpbn_network *network,
                                       mlpbn_workspace *workspace, const void *dy,
                                       void *dx, mlpbn_dtype dtype)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(workspace);
    if (!status)
        status = MLPBN__CHECK_POINTER(dy);
    if (!status)
        status = mlpbn__check_workspace(workspace, network);
    if (!status)
        status = mlpbn__check_dtype(network->dtype, dtype);
    if (!status)
        status = mlpbn__check_stage(workspace, MLPBN__FORWARD);
    if (status)
        return status;
    const mlpbn__typed_ops *passes = mlpbn__typed_ops_of(dtype);
    workspace->stage = MLPBN__NOTHING;
    mlpbn__profile_begin(workspace->profile);
    status = passes->write_derivatives(network, workspace, dy);
    if (!status)
        status = passes->backward(network, workspace, &(mlpbn__decay){0}, dx);
    if (!status)
        workspace->stage = MLPBN__GRADIENT;
    return status;
}

mlpbn_status mlpbn_backward_f32(const mlpbn_network *network, mlpbn_workspace *workspace,
                                const float *dy, float *dx)
{
    return backward_in_pieces(network, workspace, dy, dx, MLPBN_F32);
}

mlpbn_status mlpbn_backward_f64(const mlpbn_network *network, mlpbn_workspace *workspace,
                                const double *dy, double *dx)
{
    return backward_in_pieces(network, workspace, dy, dx, MLPBN_F64);
}

mlpbn_status mlpbn_commit_statistics(mlpbn_network *network, mlpbn_workspace *workspace)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(workspace);
    if (!status)
        status = mlpbn__check_workspace(workspace, network);
    if (!status)
        status = mlpbn__check_stage(workspace, MLPBN__GRADIENT);
    if (status)
        return status;
    workspace->stage = MLPBN__NOTHING;
    mlpbn__typed_ops_of(network->dtype)->commit(network, workspace);
    return MLPBN_OK;
}
