#include "api/batch.h"
#include "api/check.h"
#include "api/metrics.h"
#include "api/options.h"
#include "nn/typed_ops.h"

#include <mlpbn/train.h>

mlpbn_status mlpbn_gradient(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows,
                            const mlpbn_loss_options *loss_options,
                            mlpbn_metrics *metrics)
{
    mlpbn__batch batch;
    mlpbn_loss_options loss;
    mlpbn_metrics result;
    RETURN_IF_ERROR(mlpbn__read_training_batch(&batch, network, workspace, rows));
    RETURN_IF_ERROR(mlpbn__read_loss_options(&loss, loss_options, network));
    RETURN_IF_ERROR(mlpbn__check_metrics(metrics));
    RETURN_IF_ERROR(mlpbn__typed_ops_of(network->dtype)
                        ->gradient(network, workspace, &batch, &loss,
                                   metrics ? &result : NULL, NULL));
    return mlpbn__write_metrics(metrics, &result);
}

mlpbn_status mlpbn_optimizer_step(mlpbn_optimizer *optimizer, mlpbn_network *network,
                                  mlpbn_workspace *workspace)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(optimizer));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(workspace));
    RETURN_IF_ERROR(mlpbn__check_optimizer(optimizer, network));
    RETURN_IF_ERROR(mlpbn__check_workspace(workspace, network));
    RETURN_IF_ERROR(mlpbn__check_current(workspace, MLPBN__GRADIENT, network));
    return mlpbn__typed_ops_of(network->dtype)->update(network, optimizer, workspace);
}

mlpbn_status mlpbn_train_step(mlpbn_network *network, mlpbn_optimizer *optimizer,
                              mlpbn_workspace *workspace, const mlpbn_rows *rows,
                              const mlpbn_loss_options *loss_options,
                              mlpbn_metrics *metrics)
{
    mlpbn__batch batch;
    mlpbn_loss_options loss;
    mlpbn_metrics result;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(optimizer));
    RETURN_IF_ERROR(mlpbn__check_optimizer(optimizer, network));
    RETURN_IF_ERROR(mlpbn__read_training_batch(&batch, network, workspace, rows));
    RETURN_IF_ERROR(mlpbn__read_loss_options(&loss, loss_options, network));
    RETURN_IF_ERROR(mlpbn__check_metrics(metrics));
    RETURN_IF_ERROR(mlpbn__typed_ops_of(network->dtype)
                        ->train_step(network, optimizer, workspace, &batch, &loss,
                                     metrics ? &result : NULL));
    return mlpbn__write_metrics(metrics, &result);
}

static mlpbn_status forward(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows, void *y, mlpbn_dtype dtype)
{
    mlpbn__batch batch;
    RETURN_IF_ERROR(mlpbn__read_training_batch(&batch, network, workspace, rows));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(y));
    RETURN_IF_ERROR(mlpbn__check_dtype(network->dtype, dtype));
    return mlpbn__typed_ops_of(dtype)->forward(network, workspace, &batch, y);
}

mlpbn_status mlpbn_forward_f32(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, float *y)
{
    return forward(network, workspace, rows, y, MLPBN_F32);
}

mlpbn_status mlpbn_forward_f64(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, double *y)
{
    return forward(network, workspace, rows, y, MLPBN_F64);
}

static mlpbn_status backward(const mlpbn_network *network, mlpbn_workspace *workspace,
                             const void *dy, void *dx, mlpbn_dtype dtype)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(workspace));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(dy));
    RETURN_IF_ERROR(mlpbn__check_workspace(workspace, network));
    RETURN_IF_ERROR(mlpbn__check_dtype(network->dtype, dtype));
    RETURN_IF_ERROR(mlpbn__check_current(workspace, MLPBN__FORWARD, network));
    return mlpbn__typed_ops_of(dtype)->backward(workspace, dy, dx);
}

mlpbn_status mlpbn_backward_f32(const mlpbn_network *network, mlpbn_workspace *workspace,
                                const float *dy, float *dx)
{
    return backward(network, workspace, dy, dx, MLPBN_F32);
}

mlpbn_status mlpbn_backward_f64(const mlpbn_network *network, mlpbn_workspace *workspace,
                                const double *dy, double *dx)
{
    return backward(network, workspace, dy, dx, MLPBN_F64);
}

mlpbn_status mlpbn_commit_statistics(mlpbn_network *network, mlpbn_workspace *workspace)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(workspace));
    RETURN_IF_ERROR(mlpbn__check_workspace(workspace, network));
    RETURN_IF_ERROR(mlpbn__check_current(workspace, MLPBN__GRADIENT, network));
    workspace->stage = MLPBN__NOTHING;
    mlpbn__typed_ops_of(network->dtype)->commit_statistics(network, workspace);
    return MLPBN_OK;
}

mlpbn_status mlpbn_recompute_statistics(mlpbn_network *network,
                                        mlpbn_workspace *workspace,
                                        const mlpbn_rows *rows)
{
    mlpbn__batch batch;
    RETURN_IF_ERROR(mlpbn__read_batch(&batch, network, workspace, rows, SIZE_MAX));
    if (batch.n < 2)
        return mlpbn__fail(MLPBN_EBATCH, "rows: expected at least 2 rows, got %zu",
                           batch.n);
    return mlpbn__typed_ops_of(network->dtype)
        ->recompute_statistics(network, workspace, &batch);
}
