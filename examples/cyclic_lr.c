/* Cyclic learning rates; cyclic_lr.h has the formulae. */
#include "cyclic_lr.h"

#include <math.h>

static double scale(const cyclic_lr *schedule, uint64_t step)
{
    switch (schedule->policy) {
    case CYCLIC_TRIANGULAR2:
        return exp2(-(double)(step / (2 * schedule->n_s)));
    case CYCLIC_EXP_RANGE:
        return pow(schedule->gamma, (double)step);
    case CYCLIC_TRIANGULAR:
        break;
    }
    return 1;
}

double cyclic_lr_at(const void *schedule, uint64_t step)
{
    const cyclic_lr *s = schedule;
    uint64_t half = s->n_s, phase = step % (2 * half);
    uint64_t from_end = phase <= half ? phase : 2 * half - phase; /* integers: exact */
    double height = (double)from_end / (double)half;              /* 1 - x */
    return s->eta_min + (s->eta_max - s->eta_min) * height * scale(s, step);
}
