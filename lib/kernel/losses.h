/* Arguments of the loss kernels. */
#ifndef MLPBN_KERNEL_LOSSES_H
#define MLPBN_KERNEL_LOSSES_H

#include "base/real.h"
#include "kernel/moments.h"

#include <mlpbn/loss.h>

/* The loss of one batch. */
typedef struct R(loss_args) {
    size_t units, n, ld;
    const real *y;               /* [units][n], the outputs */
    const int32_t *labels;       /* [n], or NULL and */
    const real *targets;         /* [units][n] */
    const double *weights;       /* [n], of the rows */
    const double *class_weights; /* [units]; NULL: all 1 */
    double smoothing, delta;     /* label smoothing; Huber's */
    double scale;
    real *dy; /* [units][n], scale times dL/dy, with padding zeroed; NULL: not wanted */
    mlpbn__loss_sums *sums; /* weight * loss of the rows is added */
} R(loss_args);
typedef void R(loss_fn)(const R(loss_args) *args);

#endif
