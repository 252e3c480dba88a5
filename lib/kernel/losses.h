/* Arguments of the loss kernels. */
#ifndef MLPBN_KERNEL_LOSSES_H
#define MLPBN_KERNEL_LOSSES_H

#include "base/real.h"
#include "kernel/moments.h"

#include <mlpbn/loss.h>

/* The loss of one batch. */
typedef struct R(loss_args) {
    size_t units, n, ld;
    const real *y;         /* [units][n], the outputs */
    const int32_t *labels; /* [n], -1 for ignored rows; NULL: the loss uses targets */
    const real *targets;   /* [units][n]; NULL: the loss uses labels */
    const double *weights; /* [n], of the rows; their sum is about 1 (nn/labels.h) */
    const double *class_weights; /* [units]; NULL: all 1 */
    const double *pos_weights;   /* [units]; NULL: all 1 */
    const double *quantiles; /* [units], of the pinball loss; NULL: all are `quantile` */
    double smoothing, delta, quantile; /* label smoothing; Huber's; the pinball loss's */
    double scale;
    real *dy; /* [units][n], scale times dL/dy, with padding zeroed; or NULL */
    mlpbn__loss_sums *sums; /* the weighted losses and correct rows are added */
} R(loss_args);
typedef void R(loss_fn)(const R(loss_args) *args);

#endif
