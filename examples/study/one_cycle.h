/* The one-cycle learning rate: L. N. Smith and N. Topin, "Super-Convergence" (2017, arXiv
 * 1708.07120), with cosines in place of straight lines. */
#ifndef ONE_CYCLE_H
#define ONE_CYCLE_H

#include <stdint.h>

typedef struct one_cycle {
    double eta_max; /* highest rate */
    uint64_t steps; /* the length of the training, >= 1 */
} one_cycle;

/* Returns the learning rate of this step, counted from 0. It rises from eta_max / 25 to eta_max
 * in the first 30 % of the steps, and falls to 0 in the others. */
double one_cycle_at(const one_cycle *schedule, uint64_t step);

#endif
