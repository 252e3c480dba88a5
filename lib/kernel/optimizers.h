/* Arguments of the update kernels. */
#ifndef MLPBN_KERNEL_OPTIMIZERS_H
#define MLPBN_KERNEL_OPTIMIZERS_H

#include "base/real.h"

#include <mlpbn/optimizer.h>

/* One update of n parameters p by their gradients g. */
typedef struct R(update_args) {
    size_t n;
    const real *g;
    real *m, *v; /* NULL: the optimizer does not use it */
    real *p;
    real step_size;                /* learning rate; for Adam divided by 1 - beta1^t */
    real clip;                     /* factor of all gradients */
    real beta1, one_minus_beta1;   /* momentum, or decay of the average gradient */
    real beta2, one_minus_beta2;   /* decay of the average squared gradient */
    real inverse_sqrt_correction2; /* 1 / sqrt(1 - beta2^t) */
    real eps;
    real decay_factor; /* of p: decoupled weight decay */
    int nesterov;
} R(update_args);

typedef void R(update_fn)(const R(update_args) *args);

#endif
