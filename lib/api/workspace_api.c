#include "api/check.h"
#include "api/options.h"
#include "train/workspace_block.h"

#include <mlpbn/workspace.h>

mlpbn_status mlpbn_workspace_create(mlpbn_workspace **workspace,
                                    const mlpbn_network *network,
                                    const mlpbn_workspace_options *options)
{
    mlpbn_workspace_options ours;
    mlpbn_status status = MLPBN__CHECK_POINTER(workspace);
    if (!status)
        status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__read_workspace_options(&ours, options);
    return status ? status : mlpbn__workspace_new(workspace, network, &ours);
}

void mlpbn_workspace_destroy(mlpbn_workspace *workspace)
{
    mlpbn__workspace_free(workspace);
}

static mlpbn_status check_gradients(const void *data, const size_t *n,
                                    const mlpbn_workspace *workspace, mlpbn_dtype dtype)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(data);
    if (!status)
        status = MLPBN__CHECK_POINTER(n);
    if (!status)
        status = MLPBN__CHECK_POINTER(workspace);
    if (!status)
        status = mlpbn__check_dtype(workspace->dtype, dtype);
    return status ? status : mlpbn__check_stage(workspace, MLPBN__GRADIENT);
}

mlpbn_status mlpbn_workspace_gradients_f32(float **data, size_t *n,
                                           mlpbn_workspace *workspace)
{
    mlpbn_status status = check_gradients(data, n, workspace, MLPBN_F32);
    if (status)
        return status;
    *data = workspace->gradients;
    *n = workspace->n_gradients;
    return MLPBN_OK;
}

mlpbn_status mlpbn_workspace_gradients_f64(double **data, size_t *n,
                                           mlpbn_workspace *workspace)
{
    mlpbn_status status = check_gradients(data, n, workspace, MLPBN_F64);
    if (status)
        return status;
    *data = workspace->gradients;
    *n = workspace->n_gradients;
    return MLPBN_OK;
}
