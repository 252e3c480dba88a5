/* The account of a workspace's time (mlpbn/profile.h). */
#ifndef MLPBN_NN_PROFILE_H
#define MLPBN_NN_PROFILE_H

#include "base/clock.h"

#include <mlpbn/profile.h>

enum { MLPBN__PHASES = MLPBN_PHASE_UPDATE + 1 };

typedef struct mlpbn__profile {
    double last; /* when the latest phase ended */
    double seconds[MLPBN__PHASES];
} mlpbn__profile;

/* The phases to come begin here. profile may be NULL, here and below: no account. */
static inline void mlpbn__profile_begin(mlpbn__profile *profile)
{
    if (profile)
        profile->last = mlpbn__now();
}

/* The phase ends here; it began where the one before ended. */
static inline void mlpbn__phase_end(mlpbn__profile *profile, mlpbn_phase phase)
{
    if (!profile)
        return;
    double now = mlpbn__now();
    profile->seconds[phase] += now - profile->last;
    profile->last = now;
}

/* Two phases end here; a share of the time was the first one's. */
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
