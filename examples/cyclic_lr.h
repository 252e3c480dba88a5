/* Cyclic learning rates: L. N. Smith, "Cyclical Learning Rates for Training Neural
 * Networks" (2015, arXiv 1506.01186).
 *
 * The rate rises from eta_min for n_s steps and falls back for n_s steps. With
 *
 *   cycle = floor(step / (2 n_s))                 0, 1, 2, ...
 *   x     = |step / n_s - 2 cycle - 1|            1 at the ends of a cycle, 0 in the middle
 *
 * the rate at a step is eta_min + (eta_max - eta_min) (1 - x) scale, where scale is
 *
 *   triangular    1                every cycle has the same height
 *   triangular2   1 / 2^cycle      every cycle has half the height of the one before
 *   exp_range     gamma^step       the height decays from step to step
 *
 * Steps count from 0, so the first one is taken with eta_min. */
#ifndef CYCLIC_LR_H
#define CYCLIC_LR_H

#include <stdint.h>

typedef enum cyclic_policy {
    CYCLIC_TRIANGULAR,
    CYCLIC_TRIANGULAR2,
    CYCLIC_EXP_RANGE
} cyclic_policy;

typedef struct cyclic_lr {
    cyclic_policy policy;
    double eta_min, eta_max; /* learning rates, 0 <= eta_min <= eta_max */
    uint64_t n_s;            /* half a cycle, in steps; 1 to 2^62 */
    double gamma;            /* decay of exp_range, in (0, 1]; other policies ignore it */
} cyclic_lr;

/* Returns the learning rate of this step. schedule is a cyclic_lr: the function is a schedule
 * as those of mlpbn/schedule.h. */
double cyclic_lr_at(const void *schedule, uint64_t step);

#endif
