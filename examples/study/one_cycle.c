/* The one-cycle schedule. */
#include "one_cycle.h"

#include <math.h>

static const double PI = 3.141592653589793, START = 1. / 25, RISE = 0.3;

/* From `from` to `to` along half a cosine. */
static double between(double from, double to, double part)
{
    return to + (from - to) * (1 + cos(PI * part)) / 2;
}

double one_cycle_at(const one_cycle *schedule, uint64_t step)
{
    double part = (double)step / (double)schedule->steps;
    double high = schedule->eta_max;
    return part < RISE ? between(high * START, high, part / RISE)
                       : between(high, 0, (part - RISE) / (1 - RISE));
}
