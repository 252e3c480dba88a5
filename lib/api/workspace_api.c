/* The functions of mlpbn/workspace.h. */
#include "api/check.h"
#include "api/options.h"
#include "nn/workspace.h"

#include <mlpbn/workspace.h>

mlpbn_status mlpbn_workspace_create(mlpbn_workspace **workspace,
                                    const mlpbn_network *network,
                                    const mlpbn_workspace_options *options)
{
    mlpbn_workspace_options checked;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(workspace));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__read_workspace_options(&checked, options));
    return mlpbn__workspace_new(workspace, network, &checked);
}

/* Checks the options of a workspace in the caller's memory, and computes its size. */
static mlpbn_status check_and_measure(size_t *bytes, mlpbn_workspace_options *checked,
                                      const mlpbn_network *network,
                                      const mlpbn_workspace_options *options)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__read_workspace_options(checked, options));
    if (checked->threads != 1)
        return mlpbn__fail(MLPBN_EINVAL,
                           "workspace: one in the caller's memory computes on the "
                           "caller's thread: expected threads 1, got %d",
                           checked->threads);
    return mlpbn__workspace_size(bytes, network, checked);
}

mlpbn_status mlpbn_workspace_size(size_t *bytes, const mlpbn_network *network,
                                  const mlpbn_workspace_options *options)
{
    mlpbn_workspace_options checked;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(bytes));
    return check_and_measure(bytes, &checked, network, options);
}

mlpbn_status mlpbn_workspace_create_in(mlpbn_workspace **workspace, void *memory,
                                       size_t bytes, const mlpbn_network *network,
                                       const mlpbn_workspace_options *options)
{
    size_t needed;
    mlpbn_workspace_options checked;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(workspace));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(memory));
    RETURN_IF_ERROR(check_and_measure(&needed, &checked, network, options));
    size_t beyond = (uintptr_t)memory % MLPBN_WORKSPACE_ALIGNMENT;
    if (beyond != 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "memory: expected an address that is a multiple of %d, got "
                           "one that is %zu beyond",
                           MLPBN_WORKSPACE_ALIGNMENT, beyond);
    if (bytes < needed)
        return mlpbn__fail(MLPBN_EINVAL, "bytes: expected at least %zu, got %zu", needed,
                           bytes);
    *workspace = mlpbn__workspace_create_in(memory, needed, network, &checked);
    return MLPBN_OK;
}

void mlpbn_workspace_destroy(mlpbn_workspace *workspace)
{
    mlpbn__workspace_free(workspace);
}

static mlpbn_status check_gradients(const void *data, const size_t *n,
                                    const mlpbn_workspace *workspace, mlpbn_dtype dtype)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(data));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(n));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(workspace));
    RETURN_IF_ERROR(mlpbn__check_dtype(workspace->dtype, dtype));
    return mlpbn__check_stage(workspace, MLPBN__GRADIENT);
}

mlpbn_status mlpbn_workspace_gradients_f32(float **data, size_t *n,
                                           mlpbn_workspace *workspace)
{
    RETURN_IF_ERROR(check_gradients(data, n, workspace, MLPBN_F32));
    *data = workspace->gradients;
    *n = workspace->n_gradients;
    return MLPBN_OK;
}

mlpbn_status mlpbn_workspace_gradients_f64(double **data, size_t *n,
                                           mlpbn_workspace *workspace)
{
    RETURN_IF_ERROR(check_gradients(data, n, workspace, MLPBN_F64));
    *data = workspace->gradients;
    *n = workspace->n_gradients;
    return MLPBN_OK;
}
