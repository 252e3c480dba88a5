/* Prototypes of the reductions of arrays of n elements, and of axpy. */
#ifndef MLPBN_KERNEL_REDUCE_H
#define MLPBN_KERNEL_REDUCE_H

#include "base/real.h"

#include <stddef.h>

/* The sum of x, its mean, and the sum of x y, accumulated in double. */
typedef double R(sum)(size_t n, const real *x);
typedef double R(mean)(size_t n, const real *x);
typedef double R(dot)(size_t n, const real *x, const real *y);

/* The sum of (x - center)^2; *sum receives the sum of x - center. */
typedef double R(sum_squared_deviations)(size_t n, const real *x, double center,
                                         double *sum);

/* max |x|; infinity or NaN if any x is. */
typedef real R(max_abs)(size_t n, const real *x);

/* y += alpha x */
typedef void R(axpy)(size_t n, real alpha, const real *x, real *y);

#endif
