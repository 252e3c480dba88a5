#include "api/check.h"

static const char *const names[MLPBN__PHASES] = {
    [MLPBN_PHASE_GATHER] = "gather",
    [MLPBN_PHASE_FORWARD_MATMUL] = "forward product",
    [MLPBN_PHASE_FORWARD_EPILOGUE] = "forward units",
    [MLPBN_PHASE_LOSS] = "loss",
    [MLPBN_PHASE_BACKWARD_EPILOGUE] = "backward units",
    [MLPBN_PHASE_WEIGHT_GRADIENT] = "weight gradient",
    [MLPBN_PHASE_INPUT_GRADIENT] = "input derivative",
    [MLPBN_PHASE_CHECK] = "check",
    [MLPBN_PHASE_UPDATE] = "update",
};

static int is_known(mlpbn_phase phase)
{
    return (int)phase >= 0 && (int)phase < MLPBN__PHASES;
}

const char *mlpbn_phase_name(mlpbn_phase phase)
{
    return is_known(phase) ? names[phase] : NULL;
}

mlpbn_status mlpbn_workspace_seconds(double *seconds, const mlpbn_workspace *workspace,
                                     mlpbn_phase phase)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(seconds);
    if (!status)
        status = MLPBN__CHECK_POINTER(workspace);
    if (!status && !is_known(phase))
        status = mlpbn__fail(MLPBN_EINVAL, "phase: expected one of 0 to %d, got %d",
                             MLPBN__PHASES - 1, (int)phase);
    if (!status && !workspace->profile)
        status = mlpbn__fail(MLPBN_ESTATE,
                             "workspace: it was made without the option profile");
    if (!status)
        *seconds = workspace->profile->seconds[phase];
    return status;
}
