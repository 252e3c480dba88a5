/* The time that a workspace spent in each phase (mlpbn/profile.h). */
#ifndef MLPBN_NN_PROFILE_H
#define MLPBN_NN_PROFILE_H

#include "base/clock.h"

#include <mlpbn/profile.h>

enum { MLPBN__PHASES = MLPBN_PHASE_UPDATE + 1 };

typedef struct mlpbn__profile {
    double last;                   /* the time when the last phase ended */
    double seconds[MLPBN__PHASES]; /* total time of each phase */
} mlpbn__profile;

/* Starts the clock of the first phase. Does nothing if profile is NULL. */
static inline void mlpbn__profile_begin(mlpbn__profile *profile)
{
    if (profile)
        profile->last = mlpbn__now();
}

/* Ends a phase, which began when the previous one ended. Does nothing if profile is NULL. */
static inline void mlpbn__phase_end(mlpbn__profile *profile, mlpbn_phase phase)
{
    if (!profile)
        return;
    double now = mlpbn__now();
    profile->seconds[phase] += now - profile->last;
    profile->last = now;
}

/* Ends two phases that ran interleaved; `share` of the time belongs to the first one. profile
 * must not be NULL. */
static inline void mlpbn__phase_split(mlpbn__profile *profile, mlpbn_phase first,
                                      mlpbn_phase second, double share)
{
    double elapsed = -profile->last;
    profile->last = mlpbn__now();
    elapsed += profile->last;
    profile->seconds[first] += share * elapsed;
    profile->seconds[second] += (1 - share) * elapsed;
}

#endif
