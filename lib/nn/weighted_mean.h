/* Weighted means over rows, for metrics. */
#ifndef MLPBN_NN_WEIGHTED_MEAN_H
#define MLPBN_NN_WEIGHTED_MEAN_H

#include "base/compensated_sum.h"

#include <math.h>
#include <stddef.h>

/* The weights of rows, divided by a power of 2 so that the largest is in [1/2, 1): sums of them
 * do not overflow, and some weight is above 0. */
typedef struct mlpbn__row_weights {
    const double *values; /* [n], as the caller gave them; NULL: all 1 */
    int exponent;         /* of the largest; 0 if values is NULL */
} mlpbn__row_weights;

static inline double mlpbn__row_weight(const mlpbn__row_weights *weights, size_t row)
{
    return weights->values ? ldexp(weights->values[row], -weights->exponent) : 1;
}

/* The exponent e with which |x| 2^-e is in [1/2, 1); 0 if x is 0. */
static inline int mlpbn__exponent(double x)
{
    int exponent;
    frexp(x, &exponent);
    return exponent;
}

/* sum w x / sum w. Starts as {0}. */
typedef struct mlpbn__mean {
    mlpbn__sum values, weights;
} mlpbn__mean;

static inline void mlpbn__mean_add(mlpbn__mean *mean, double value, double weight)
{
    mlpbn__sum_add(&mean->values, weight * value);
    mlpbn__sum_add(&mean->weights, weight);
}

static inline double mlpbn__mean_value(const mlpbn__mean *mean)
{
    return mlpbn__sum_total(&mean->values) / mlpbn__sum_total(&mean->weights);
}

#endif
