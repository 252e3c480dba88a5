/* Moments of a batch and sums of losses, which kernels return in double for every dtype. */
#ifndef MLPBN_KERNEL_MOMENTS_H
#define MLPBN_KERNEL_MOMENTS_H

#include <stddef.h>

/* The moments of one unit over a batch; the variance has the divisor n. */
typedef struct mlpbn__moments {
    double mean, variance;
    double inverse_deviation; /* 1 / sqrt(variance + eps) */
} mlpbn__moments;

/* Sums over rows. */
typedef struct mlpbn__loss_sums {
    double loss;   /* sum of the weighted losses */
    double weight; /* sum of the weights: the weighted mean is loss / weight */
    int exponent; /* both are multiplied by 2^-exponent, with which weight is at most 1 */
    size_t rows;  /* without ignored ones */
    size_t correct; /* rows whose largest output is that of their label */
} mlpbn__loss_sums;

#endif
