#include "api/check.h"

#include <math.h>

mlpbn_status mlpbn__check_pointer(const void *pointer, const char *name)
{
    if (pointer)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL, "%s: expected a pointer, got NULL", name);
}

mlpbn_status mlpbn__check_flag(int value, const char *name)
{
    if (value == 0 || value == 1)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL, "%s: expected 0 or 1, got %d", name, value);
}

mlpbn_status mlpbn__check_at_least(double value, double least, const char *name)
{
    if (isfinite(value) && value >= least)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "%s: expected a finite number of at least %g, got %g", name, least,
                       value);
}

static const char *dtype_name(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? "f32" : "f64";
}

mlpbn_status mlpbn__check_dtype(mlpbn_dtype of_network, mlpbn_dtype of_call)
{
    if (of_network == of_call)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EDTYPE, "expected the _%s call for a network of dtype %s, got _%s",
        dtype_name(of_network), dtype_name(of_network), dtype_name(of_call));
}

static mlpbn_status check_owner(size_t made_for, const mlpbn_network *network,
                                const char *what)
{
    if (made_for == network->id)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EMISMATCH,
        "%s: expected one made for this network, got one made for another: every network "
        "needs its own, a clone too (mlpbn_%s_create)",
        what, what);
}

mlpbn_status mlpbn__check_workspace(const mlpbn_workspace *workspace,
                                    const mlpbn_network *network)
{
    return check_owner(workspace->network_id, network, "workspace");
}

mlpbn_status mlpbn__check_optimizer(const mlpbn_optimizer *optimizer,
                                    const mlpbn_network *network)
{
    return check_owner(optimizer->network_id, network, "optimizer");
}

mlpbn_status mlpbn__check_mode(const mlpbn_workspace *workspace)
{
    if (workspace->mode == MLPBN_TRAIN)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_ESTATE,
        "workspace: training needs one of mode MLPBN_TRAIN, got MLPBN_PREDICT");
}

static const struct {
    const char *name, *origin;
} stages[] = {
    [MLPBN__NOTHING] = {"nothing", ""},
    [MLPBN__FORWARD] = {"a forward pass", "mlpbn_forward_*, for each backward"},
    [MLPBN__GRADIENT] = {"a gradient",
                         "mlpbn_gradient or mlpbn_backward_*; a step uses it up"},
};

mlpbn_status mlpbn__check_stage(const mlpbn_workspace *workspace, mlpbn__stage stage)
{
    if (workspace->stage == stage)
        return MLPBN_OK;
    if (workspace->mode != MLPBN_TRAIN)
        return mlpbn__check_mode(workspace);
    return mlpbn__fail(
        MLPBN_ESTATE, "workspace: expected it to hold %s, but it holds %s (call %s)",
        stages[stage].name, stages[workspace->stage].name, stages[stage].origin);
}
