/* Arguments of the activation kernels. */
#ifndef MLPBN_KERNEL_ACTIVATIONS_H
#define MLPBN_KERNEL_ACTIVATIONS_H

#include "base/real.h"

#include <mlpbn/layer.h>

/* y[i] = f(y[i]) for i < n */
typedef void R(activation_forward_fn)(size_t n, real alpha, real *y);

/* d[n] *= f'; y is the output of f, or its input if the activation needs that
 * (model/activation_table.h). */
typedef void R(activation_backward_fn)(size_t n, real alpha, const real *y, real *d);

typedef struct R(activation) {
    R(activation_forward_fn) *forward;
    R(activation_backward_fn) *backward;
} R(activation);

/* Softmax over the units of each row. */
typedef struct R(softmax_args) {
    size_t units, n,
        ld;  /* ld = 1: a single row, whose units lie side by side and are padded */
    real *y; /* [units][n]; forward: replaced by softmax(y), with padding zeroed */
    real *
        d; /* [units][n]; backward: dL/dy is replaced by dL/dx, x being softmax's input */
} R(softmax_args);
typedef void R(softmax_fn)(const R(softmax_args) *args);

#endif
