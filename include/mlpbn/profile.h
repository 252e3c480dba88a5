/* A profile of a workspace: the time spent in each phase of its calls. A workspace measures it
 * only if it was made with the option profile; otherwise profiling costs nothing. */
#ifndef MLPBN_PROFILE_H
#define MLPBN_PROFILE_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* The phases of a training step, in their order. Prediction has the first three, and
 * mlpbn_evaluate also the loss. Later versions may have more phases. */
typedef enum mlpbn_phase {
    MLPBN_PHASE_GATHER = 0,            /* gathers, converts and standardizes the rows */
    MLPBN_PHASE_FORWARD_MATMUL = 1,    /* x W^T of each layer */
    MLPBN_PHASE_FORWARD_EPILOGUE = 2,  /* bias, batchnorm, activation, dropout */
    MLPBN_PHASE_LOSS = 3,              /* loss, its derivative, and the penalty */
    MLPBN_PHASE_BACKWARD_EPILOGUE = 4, /* the backward pass of phase 2 */
    MLPBN_PHASE_WEIGHT_GRADIENT = 5,   /* dW = dz^T x of each layer, with the penalty */
    MLPBN_PHASE_INPUT_GRADIENT = 6,    /* dx = dz W of each layer */
    MLPBN_PHASE_CHECK = 7,             /* checks that all gradients are finite */
    MLPBN_PHASE_UPDATE = 8             /* updates parameters and running statistics */
} mlpbn_phase;

/* The name of a phase, as in "forward matmul". The string is static, and NULL if there is no
 * such phase: a loop over all phases begins with 0 and ends with NULL. */
MLPBN_API const char *mlpbn_phase_name(mlpbn_phase phase);

/* The time that calls with this workspace have spent in a phase since it was made. It is wall
 * time on the calling thread, by a monotonic clock: if several threads compute, a phase ends
 * when all of them are done. Time between the phases, as for the checks of arguments, belongs
 * to none of them.
 *
 * seconds    receives the time
 * workspace  made with options.profile 1
 *
 * MLPBN_EINVAL  seconds or workspace is NULL, or there is no such phase
 * MLPBN_ESTATE  the workspace was made without the option profile
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_workspace_seconds(
    double *seconds, const mlpbn_workspace *workspace, mlpbn_phase phase);

MLPBN_END

#endif
