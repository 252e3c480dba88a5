/* The account of a workspace's time (mlpbn/timing.h). */
#ifndef MLPBN_TRAIN_PHASES_H
#define MLPBN_TRAIN_PHASES_H

#include "base/clock.h"

#include <mlpbn/timing.h>

enum { MLPBN__PHASES = MLPBN_PHASE_UPDATE + 1 };

typedef struct mlpbn__timing {
    double last; /* when the latest phase ended */
    double seconds[MLPBN__PHASES];
} mlpbn__timing;

/* The phases to come begin here. timing may be NULL, here and below: no account. */
static inline void mlpbn__timing_begin(mlpbn__timing *timing)
{
    if (timing)
        timing->last = mlpbn__now();
}

/* The phase ends here; it began where the one before ended. */
static inline void mlpbn__phase_end(mlpbn__timing *timing, mlpbn_phase phase)
{
    if (!timing)
        return;
    double now = mlpbn__now();
    timing->seconds[phase] += now - timing->last;
    timing->last = now;
}

/* Two phases end here; a share of the time was the first one's. */
static inline void mlpbn__phase_split(mlpbn__timing *timing, mlpbn_phase first,
                                      mlpbn_phase second, double share)
{
    double elapsed = -timing->last;
    timing->last = mlpbn__now();
    elapsed += timing->last;
    timing->seconds[first] += share * elapsed;
    timing->seconds[second] += (1 - share) * elapsed;
}

#endif
