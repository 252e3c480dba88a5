/* What kernels report besides arrays; in double whatever the dtype. */
#ifndef MLPBN_KERNEL_MOMENTS_H
#define MLPBN_KERNEL_MOMENTS_H

#include <stddef.h>

/* A batch's statistics of one unit; the variance is divided by n. */
typedef struct mlpbn__moments {
    double mean, variance;
    double inverse_deviation; /* 1 / sqrt(variance + eps) */
} mlpbn__moments;

/* Sums over rows. */
typedef struct mlpbn__loss_sums {
    double loss;   /* times the rows' weights */
    double weight; /* sum of these, which the loss is divided by */
    size_t correct;
} mlpbn__loss_sums;

#endif
