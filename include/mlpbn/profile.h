/* Where the time of a workspace's calls goes. Only a workspace made with its option profile
 * keeps account; on others it costs nothing. */
#ifndef MLPBN_TIMING_H
#define MLPBN_TIMING_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* The parts of a training step, in their order; prediction has the first three and, in
 * mlpbn_evaluate, the loss. Later versions may have more. */
typedef enum mlpbn_phase {
    MLPBN_PHASE_GATHER = 0,            /* rows picked, converted and standardized */
    MLPBN_PHASE_FORWARD_MATMUL = 1,    /* W x */
    MLPBN_PHASE_FORWARD_EPILOGUE = 2,  /* bias, batchnorm, activation, dropout */
    MLPBN_PHASE_LOSS = 3,              /* with its derivatives and the penalty */
    MLPBN_PHASE_BACKWARD_EPILOGUE = 4, /* back through what phase 2 did */
    MLPBN_PHASE_WEIGHT_GRADIENT = 5,   /* of W, with its penalty */
    MLPBN_PHASE_INPUT_GRADIENT = 6,    /* W^T times the derivatives by z */
    MLPBN_PHASE_CHECK = 7,             /* whether all gradients are finite */
    MLPBN_PHASE_UPDATE = 8             /* of parameters and running statistics */
} mlpbn_phase;

/* Its name in a few words, static; NULL for a number that this version does not know: ask
 * for 0, 1, ... until then. */
MLPBN_API const char *mlpbn_phase_name(mlpbn_phase phase);

/* The time that the workspace's calls have spent in a phase since it was made, on the
 * calling thread and by a clock that never goes back: where several threads compute, it is
 * the time until all have done their part. What lies between the phases, such as checking
 * arguments, is in none of them.
 *
 * seconds    receives it
 * workspace  made with options.profile 1
 *
 * MLPBN_EINVAL  seconds or workspace is NULL, or there is no such phase
 * MLPBN_ESTATE  the workspace keeps no account
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_workspace_seconds(
    double *seconds, const mlpbn_workspace *workspace, mlpbn_phase phase);

MLPBN_END

#endif
