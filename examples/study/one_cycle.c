/* The one-cycle learning rate; see one_cycle.h. */
#include "one_cycle.h"

#include <math.h>

static const double PI = 3.141592653589793, START = 1. / 25, RISE = 0.3;

/* Interpolates along half a cosine: `from` at fraction 0, `to` at fraction 1. */
static double anneal_cosine(double from, double to, double fraction)
{
    return to + (from - to) * (1 + cos(PI * fraction)) / 2;
}

double one_cycle_at(const one_cycle *schedule, uint64_t step)
{
    double fraction = (double)step / (double)schedule->steps;
    double max = schedule->eta_max;
    return fraction < RISE ? anneal_cosine(max * START, max, fraction / RISE)
                           : anneal_cosine(max, 0, (fraction - RISE) / (1 - RISE));
}
