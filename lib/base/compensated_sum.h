/* Sums that carry the rounding errors along (Neumaier, 1974): they are as exact for millions of
 * numbers as for a few. Code that uses them must not be compiled with -ffast-math. */
#ifndef MLPBN_BASE_COMPENSATED_SUM_H
#define MLPBN_BASE_COMPENSATED_SUM_H

#include <math.h>

/* Starts as {0, 0}. */
typedef struct mlpbn__sum {
    double rounded, error;
} mlpbn__sum;

static inline void mlpbn__sum_add(mlpbn__sum *sum, double x)
{
    double before = sum->rounded, after = before + x;
    sum->error += fabs(before) >= fabs(x) ? (before - after) + x : (x - after) + before;
    sum->rounded = after;
}

static inline double mlpbn__sum_total(const mlpbn__sum *sum)
{
    return sum->rounded + sum->error;
}

#endif
