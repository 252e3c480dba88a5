#include "api/check.h"
#include "api/options.h"
#include "nn/workspace.h"

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

/* What placing shares with asking for the size. */
static mlpbn_status measure(size_t *bytes, mlpbn_workspace_options *ours,
                            const mlpbn_network *network,
                            const mlpbn_workspace_options *options)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__read_workspace_options(ours, options);
    if (!status && ours->threads != 1)
        status = mlpbn__fail(MLPBN_EINVAL,
                             "workspace: one in the caller's memory computes on the "
                             "caller's thread: expected threads 1, got %d",
                             ours->threads);
    return status ? status : mlpbn__workspace_size(bytes, network, ours);
}

mlpbn_status mlpbn_workspace_size(size_t *bytes, const mlpbn_network *network,
                                  const mlpbn_workspace_options *options)
{
    mlpbn_workspace_options ours;
    mlpbn_status status = MLPBN__CHECK_POINTER(bytes);
    return status ? status : measure(bytes, &ours, network, options);
}

mlpbn_status mlpbn_workspace_create_in(mlpbn_workspace **workspace, void *memory,
                                       size_t bytes, const mlpbn_network *network,
                                       const mlpbn_workspace_options *options)
{
    size_t needed;
    mlpbn_workspace_options ours;
    mlpbn_status status = MLPBN__CHECK_POINTER(workspace);
    if (!status)
        status = MLPBN__CHECK_POINTER(memory);
    if (!status)
        status = measure(&needed, &ours, network, options);
    if (status)
        return status;
    size_t beyond = (uintptr_t)memory % MLPBN_WORKSPACE_ALIGNMENT;
    if (beyond != 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "memory: expected an address that is a multiple of %d, got "
                           "one that is %zu beyond",
                           MLPBN_WORKSPACE_ALIGNMENT, beyond);
    if (bytes < needed)
        return mlpbn__fail(MLPBN_EINVAL, "bytes: expected at least %zu, got %zu", needed,
                           bytes);
    *workspace = mlpbn__workspace_create_in(memory, needed, network, &ours);
    return MLPBN_OK;
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
