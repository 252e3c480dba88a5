/* One cycle of the learning rate for a whole training: L. N. Smith and N. Topin,
 * "Super-Convergence" (2017, arXiv 1708.07120), with cosines for straight lines. */
#ifndef ONE_CYCLE_H
#define ONE_CYCLE_H

#include <stdint.h>

typedef struct one_cycle {
    double eta_max; /* highest rate */
    uint64_t steps; /* of the training, >= 1 */
} one_cycle;

/* The rate of this step, from 0: rises from eta_max / 25 through the first 30 % of the
 * steps and falls to 0 with the others. */
double one_cycle_at(const one_cycle *schedule, uint64_t step);

#endif
