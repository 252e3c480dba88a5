/* The sum of squares of an array, at a scale at which it does not overflow. */
#ifndef MLPBN_NN_SCALED_SQUARES_H
#define MLPBN_NN_SCALED_SQUARES_H

#include "base/real.h"

#include <stddef.h>

/* Squares of numbers times this do not overflow; those that vanish do not count beside one
 * whose own square overflows. */
static const double MLPBN__SQUARE_SCALE = 0x1p-600;

/* The sum of (MLPBN__SQUARE_SCALE x)^2, for n < 2^170. */
static inline double R(scaled_squares)(size_t n, const real *x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double scaled = MLPBN__SQUARE_SCALE * (double)x[i];
        sum += scaled * scaled;
    }
    return sum;
}

#endif
