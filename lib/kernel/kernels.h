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
#include "kernel/prefetch.h"
#include "kernel/blocking.h"
#include "kernel/moments.h"

#include <mlpbn/layer.h>
#include <mlpbn/loss.h>
#include <mlpbn/optimizer.h>

/* Rows of the caller, to be gathered into x[row][column]. */
typedef struct R(source) {
    const void *data;
    mlpbn_dtype dtype;
    size_t n, columns, stride;
    const size_t *index; /* NULL: rows in order */
    /* Standardization: (value - mean - mean_rest) * scale, the mean in two parts so that
     * a mean far from 0 costs no digits; all begin at a multiple of 64 bytes. NULL: none. */
    const real *mean, *mean_rest, *scale;
} R(source);

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
    /* d <- d * f'; y is f's output, or its input where that is needed
     * (model/activation_table.h) */
    void (*backward)(size_t n, real alpha, const real *y, real *d);
} R(activation);

/* Which outputs of a layer dropout keeps, and what these are multiplied by. */
typedef struct R(mask) {
    uint64_t key;       /* of this layer in this step */
    uint32_t threshold; /* random words below it drop */
    real scale;
} R(mask);

/* Adds up weight * loss of the rows and, unless dy is NULL, writes scale times the derivative
 * of that to dy[units][n], with padding zeroed. */
typedef void R(loss_fn)(const R(outputs) *outputs, double scale, real *dy,
                        mlpbn__loss_sums *sums);

/* One update of n parameters p by their gradients g. */
typedef struct R(update_args) {
    size_t n;
    const real *g;
    real *m, *v; /* NULL where the optimizer has none */
    real *p;
    real rate;                   /* for Adam divided by 1 - beta1^t */
    real clip;                   /* factor of all gradients */
    real beta1, one_minus_beta1; /* momentum, or decay of the average gradient */
    real beta2, one_minus_beta2; /* decay of the average square */
    real inverse_root2, eps;     /* 1 / sqrt(1 - beta2^t) */
    real decay_factor;           /* of p itself: decoupled weight decay */
    int nesterov;
} R(update_args);

typedef void R(update_fn)(const R(update_args) *args);

typedef struct R(kernels) {
    const char *name; /* of the instruction set */

    /* c[m][n] = a[m][k] b[n][k]^T, or added to c; k padded, b anywhere; columns of c past n
     * are not written. The same bits in one call as in one for each chunk (chunk.h).
     * Meanwhile asks for lines ahead; NULL: none. */
    void (*product_dot)(size_t m, size_t n, size_t k, int add, const real *a, size_t lda,
                        const real *b, size_t ldb, real *c, size_t ldc,
                        mlpbn__lines *ahead);
    /* c[m][n] = factor start[m][n] + A b[k][n]; n padded; A(i, p) = a[i * a_row + p *
     * a_column]; start is laid out as c, or NULL for 0. Meanwhile asks for lines ahead;
     * NULL: none. *largest: of |c|, infinite or NaN if any element is; may be NULL.
     * Or n = 1 = ldb = ldc = a_column, without all that: c has the bits that it would have
     * beside other columns. */
    void (*product_broadcast)(size_t m, size_t n, size_t k, const real *start,
                              real factor, const real *a, size_t a_row, size_t a_column,
                              const real *b, size_t ldb, real *c, size_t ldc,
                              mlpbn__lines *ahead, real *largest);

    /* Rows begin .. end - 1 of the source, columns first .. stop - 1 of each, into x, which
     * begins with row begin and column first, a multiple of 64 bytes of reals; padding behind
     * the source's last column is zeroed. */
    void (*gather)(const R(source) *source, size_t begin, size_t end, size_t first,
                   size_t stop, real *x, size_t ldx);

    /* The largest |x|; infinite or NaN if any element is. x is padded. */
    real (*magnitude)(size_t n, const real *x);
    double (*sum)(size_t n, const real *x);
    double (*sum_squares)(size_t n, const real *x);
    /* Of (x - centre)^2; *sum: of x - centre. */
    double (*sum_centred_squares)(size_t n, const real *x, double centre, double *sum);
    /* y += factor * x */
    void (*add_scaled)(size_t n, real factor, const real *x, real *y);

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
                           const real *bias, const real *gamma, double eps, real *centre,
                           real *scale);
    /* y = (z - mean) * scale + shift of [units][n], with padding zeroed; a number a unit, or
     * NULL: 0, 1 and 0. y may be z. If ld is 1, so is n: the units are padded, and the numbers
     * readable as far. */
    void (*affine)(size_t units, size_t n, size_t ld, const real *z, const real *mean,
                   const real *scale, const real *shift, real *y);

    R(update_fn) *const *updates; /* by mlpbn_optimizer_kind */

    const R(activation) *activations; /* by mlpbn_activation, but for softmax */
    /* y[units][n] <- softmax over the units, with padding zeroed; if stride is 1, so is n, and
     * the units are padded. d <- its derivative by the input, from that by the output y. */
    void (*softmax_forward)(size_t units, size_t n, size_t stride, real *y);
    void (*softmax_backward)(size_t units, size_t n, size_t stride, const real *y,
                             real *d);
    /* y[units][n] <- 0 where dropped, else scaled: of outputs and of derivatives alike; the
     * units begin .. end - 1, from a multiple of 4 on. */
    void (*dropout)(const R(mask) *mask, size_t begin, size_t end, size_t n, size_t ld,
                    real *y);
    R(loss_fn) *const *losses; /* by mlpbn_loss */
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
int R(blas_takes)(size_t m, size_t n, size_t k);

/* Such products through CBLAS: 0 if strides are too long for it. Arguments as the kernels';
 * c starts at 0. */
int R(blas_dot)(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b,
                size_t ldb, real *c, size_t ldc);
int R(blas_broadcast)(size_t m, size_t n, size_t k, const real *a, size_t a_row,
                      size_t a_column, const real *b, size_t ldb, real *c, size_t ldc);

/* The least of the three sides from which on CBLAS is taken; for tests. */
extern size_t R(blas_least);

#endif
