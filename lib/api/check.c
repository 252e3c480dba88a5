#include "api/check.h"

#include "base/array.h"

#include <mlpbn/gradcheck.h>

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

mlpbn_status mlpbn__check_at_least(double value, double min, const char *name)
{
    if (isfinite(value) && value >= min)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "%s: expected a finite number of at least %g, got %g", name, min,
                       value);
}

mlpbn_status mlpbn__check_parameter_kinds(unsigned kinds, const char *name)
{
    if (!(kinds & ~MLPBN_ALL_PARAMETERS))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "%s: expected a sum of bits of parameters, such as "
                       "MLPBN_KIND_BIT(MLPBN_WEIGHT), got 0x%x, which is %s",
                       name, kinds,
                       kinds < MLPBN_KIND_BIT(MLPBN_WEIGHT) ? "a kind, no bit"
                                                            : "not only such bits");
}

mlpbn_status mlpbn__check_tolerance(double *tolerance, double default_tolerance)
{
    if (*tolerance == MLPBN_DEFAULT_TOLERANCE)
        *tolerance = default_tolerance;
    if (*tolerance > 0 && isfinite(*tolerance))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "tolerance: expected a finite number above 0, or "
                       "MLPBN_DEFAULT_TOLERANCE, got %g",
                       *tolerance);
}

static const char *dtype_name(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? "f32" : "f64";
}

mlpbn_status mlpbn__check_dtype(mlpbn_dtype network, mlpbn_dtype call)
{
    if (network == call)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EDTYPE,
                       "expected the _%s call for a network of dtype %s, got _%s",
                       dtype_name(network), dtype_name(network), dtype_name(call));
}

static mlpbn_status check_owner(size_t network_id, const mlpbn_network *network,
                                const char *what)
{
    if (network_id == network->id)
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

/* For each stage, its name and the calls that lead to it. */
static const struct {
    const char *name, *calls;
} stages[] = {
    [MLPBN__NOTHING] = {"nothing", ""},
    [MLPBN__FORWARD] = {"a forward pass", "mlpbn_forward_*, for each backward"},
    [MLPBN__GRADIENT] = {"a gradient",
                         "mlpbn_gradient or mlpbn_backward_*; a step uses it up"},
};
MLPBN__ASSERT_ROWS(stages, MLPBN__GRADIENT + 1);

mlpbn_status mlpbn__check_stage(const mlpbn_workspace *workspace, mlpbn__stage stage)
{
    if (workspace->stage == stage)
        return MLPBN_OK;
    if (workspace->mode != MLPBN_TRAIN)
        return mlpbn__check_mode(workspace);
    return mlpbn__fail(
        MLPBN_ESTATE, "workspace: expected it to hold %s, but it holds %s (call %s)",
        stages[stage].name, stages[workspace->stage].name, stages[stage].calls);
}

mlpbn_status mlpbn__check_current(const mlpbn_workspace *workspace, mlpbn__stage stage,
                                  const mlpbn_network *network)
{
    const mlpbn__revision *then = &workspace->pass.revision, *now = &network->revision;
    RETURN_IF_ERROR(mlpbn__check_stage(workspace, stage));
    if (stage == MLPBN__FORWARD && then->parameters != now->parameters)
        return mlpbn__fail(MLPBN_ESTATE,
                           "network: expected it as it was in the forward pass, but its "
                           "parameters or standardization have changed (call "
                           "mlpbn_forward_* again)");
    if (then->contents != now->contents)
        return mlpbn__fail(MLPBN_ESTATE,
                           "network: the gradient is that of other contents: it was "
                           "copied into, loaded into, initialized, standardized or "
                           "recomputed since (call mlpbn_gradient or "
                           "mlpbn_forward_* again)");
    return MLPBN_OK;
}
