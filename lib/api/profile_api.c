/* The functions of mlpbn/profile.h. */
#include "api/check.h"
#include "base/array.h"

static const char *const names[] = {
    [MLPBN_PHASE_GATHER] = "gather",
    [MLPBN_PHASE_FORWARD_MATMUL] = "forward matmul",
    [MLPBN_PHASE_FORWARD_EPILOGUE] = "forward epilogue",
    [MLPBN_PHASE_LOSS] = "loss",
    [MLPBN_PHASE_BACKWARD_EPILOGUE] = "backward epilogue",
    [MLPBN_PHASE_WEIGHT_GRADIENT] = "weight gradient",
    [MLPBN_PHASE_INPUT_GRADIENT] = "input gradient",
    [MLPBN_PHASE_CHECK] = "check",
    [MLPBN_PHASE_UPDATE] = "update",
};
MLPBN__ASSERT_ROWS(names, MLPBN__PHASES);

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
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(seconds));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(workspace));
    if (!is_known(phase))
        return mlpbn__fail(MLPBN_EINVAL, "phase: expected one of 0 to %d, got %d",
                           MLPBN__PHASES - 1, (int)phase);
    if (!workspace->profile)
        return mlpbn__fail(MLPBN_ESTATE,
                           "workspace: it was made without the option profile");
    *seconds = workspace->profile->seconds[phase];
    return MLPBN_OK;
}
