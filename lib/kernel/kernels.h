/* The kernels: numbers in, numbers out. They know no handle and allocate nothing.
 *
 * Every file here is compiled for each type and each instruction set; a table holds what
 * one instruction set offers, and R(kernels)() picks the table for this CPU.
 *
 * Layout. The first layer's input is batch-major, x[row][input]; everything behind it is
 * feature-major, z[unit][row], so that a unit's whole batch is contiguous. Rows of every
 * matrix begin at a multiple of 64 bytes and are padded to one (mlpbn__row_stride); the
 * padding of an operand is zero where a kernel reads it. "padded" lengths below are
 * rounded up to 64 bytes. Where a single row is predicted, its units are neighbours
 * instead, z[unit], padded as a whole. */
#ifndef MLPBN_KERNEL_KERNELS_H
#define MLPBN_KERNEL_KERNELS_H

#include "base/real.h"
#include "kernel/blocking.h"
#include "kernel/dropout.h"
#include "kernel/gather.h"
#include "kernel/gemm.h"
#include "kernel/moments.h"
#include "kernel/reduce.h"

#include <mlpbn/layer.h>
#include <mlpbn/loss.h>
#include <mlpbn/optimizer.h>

/* One batch's outputs, feature-major, and what they should have been. */
typedef struct R(outputs) {
    size_t units, n, stride;
    const real *y;               /* [units][n] */
    const int32_t *labels;       /* [n], or NULL and */
    const real *targets;         /* [units][n] */
    const double *weights;       /* [n], of the rows */
    const double *class_weights; /* [units]; NULL: all 1 */
    double smoothing, delta;     /* label smoothing; Huber's */
} R(outputs);

typedef struct R(activation) {
    void (*forward)(size_t n, real alpha, real *y); /* y <- f(y) */
    /* d <- d * f' at output y, or at input y */
    void (*backward)(size_t n, real alpha, const real *y, real *d);
    int takes_input; /* backward does */
    int grows;       /* |f(y)| may be more than |y| + 1 */
} R(activation);

typedef struct R(loss) {
    /* Adds up weight * loss of the rows and, unless dy is NULL, writes scale times the
     * derivative of that to dy[units][n], with padding zeroed. */
    void (*rows)(const R(outputs) *outputs, double scale, real *dy,
                 mlpbn__loss_sums *score);
} R(loss);

/* The numbers of one step of an optimizer. */
typedef struct R(step) {
    real rate;               /* for Adam divided by 1 - beta1^t */
    real clip;               /* factor of all gradients */
    real beta1, rest1;       /* momentum, or decay of the average gradient; 1 - beta1 */
    real beta2, rest2;       /* decay of the average square; 1 - beta2 */
    real inverse_root2, eps; /* 1 / sqrt(1 - beta2^t) */
    real keep;               /* factor of p itself: decoupled decay */
    int nesterov;
} R(step);

/* One update of parameters p by gradients g; m and v are NULL where the method has none. */
typedef void R(update)(size_t n, const R(step) *step, const real *g, real *m, real *v,
                       real *p);

typedef struct R(kernels) {
    const char *name; /* of the instruction set */

    /* Products. gemm_dot: cs_a = rs_b = 1 and k padded; C0 is C with beta = 1, or NULL;
     * columns of C past n are not written; the same bits in one call as in one for each
     * block of the depth (blocking.h). gemm_outer: cs_b = 1 and n padded; it does not use
     * prefetch. Or n = 1 = cs_b = ldc = rs_b = cs_a, without C0 and max_abs: C has the bits
     * that it would have beside other columns. */
    R(gemm) *gemm_dot, *gemm_outer;
    R(gather) *gather;

    R(max_abs) *max_abs;
    R(sum) *sum, *sum_squares;
    R(sum_squared_deviations) *sum_squared_deviations;
    R(axpy) *axpy;

    /* Batchnorm of one unit's batch in training: z becomes xhat, and y = gamma * xhat +
     * beta with padding zeroed. y is not z. */
    void (*batchnorm_forward)(size_t n, real *z, real gamma, real beta, double eps,
                              real *y, mlpbn__moments *moments);
    /* d: dL/dy becomes dL/dz, with padding zeroed; gradients[2]: of gamma, of beta. */
    void (*batchnorm_backward)(size_t n, const real *xhat, real gamma,
                               const mlpbn__moments *moments, real *d, real gradients[2]);
    /* The same where the statistics were constants, not the batch's. */
    void (*frozen_backward)(size_t n, const real *xhat, real gamma,
                            const mlpbn__moments *moments, real *d, real gradients[2]);
    /* What affine takes to normalize units by running statistics: centre = mean - bias, scale
     * = gamma / sqrt(variance + eps); bias and gamma may be NULL: 0 and 1. */
    void (*running_affine)(size_t units, const real *mean, const real *variance,
                           const real *bias, const real *gamma, double eps, real *center,
                           real *scale);
    /* y = (z - mean) * scale + shift of [units][n], with padding zeroed; a number a unit, or
     * NULL: 0, 1 and 0. y may be z. If ld is 1, so is n: the units are padded, and the numbers
     * readable as far. */
    void (*affine)(size_t units, size_t n, size_t ld, const real *z, const real *mean,
                   const real *scale, const real *shift, real *y);

    R(update) *const *updates; /* by mlpbn_optimizer_kind */

    const R(activation) *activations; /* by mlpbn_activation, but for softmax */
    /* y[units][n] <- softmax over the units, with padding zeroed; if stride is 1, so is n, and
     * the units are padded. d <- its derivative by the input, from that by the output y. */
    void (*softmax_forward)(size_t units, size_t n, size_t stride, real *y);
    void (*softmax_backward)(size_t units, size_t n, size_t stride, const real *y,
                             real *d);
    R(dropout) *dropout;
    const R(loss) *losses; /* by mlpbn_loss */
} R(kernels);

/* n rounded up to 64 bytes of reals. */
static inline size_t R(padded)(size_t n)
{
    const size_t unit = 64 / sizeof(real);
    return (n + unit - 1) / unit * unit;
}

/* The fastest table that this CPU can run. */
const R(kernels) *R(select_kernels)(void);

/* Puts another table in its place, for tests; NULL: the fastest again. */
void R(use_kernels)(const R(kernels) *table);

/* The table of an instruction set by name, for tests; NULL if this build or CPU lacks it. */
const R(kernels) *R(find_kernels)(const char *name);

/* Whether CBLAS is at its best with a product of this shape; 0 where there is none. */
int R(blas_takes)(const R(gemm_args) *args);

/* Such a product through CBLAS, from C0 = 0. Returns 0 if strides are too long for it. */
int R(blas_gemm)(const R(gemm_args) *args);

/* CBLAS is taken if m, n and k are at least this; tests change it. */
extern size_t R(blas_min_side);

#endif
