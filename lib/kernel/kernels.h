/* The kernels: numbers in, numbers out. They know no handle and allocate nothing.
 *
 * Every file here is compiled for each type and each instruction set; a table holds what
 * one instruction set offers, and R(kernels)() picks the table for this CPU.
 *
 * Layout. The first layer's input is batch-major, x[row][input]; everything behind it is
 * feature-major, z[unit][row], so that a unit's whole batch is contiguous. Rows of every
 * matrix begin at a multiple of 64 bytes and are padded to one (mlpbn__row_stride); the
 * padding of an operand is zero where a kernel reads it. "padded" lengths below are
 * rounded up to 64 bytes. Where a single row is predicted, its units are neighbors
 * instead, z[unit], padded as a whole. */
#ifndef MLPBN_KERNEL_KERNELS_H
#define MLPBN_KERNEL_KERNELS_H

#include "base/real.h"
#include "kernel/activations.h"
#include "kernel/batchnorm.h"
#include "kernel/blocking.h"
#include "kernel/dropout.h"
#include "kernel/gather.h"
#include "kernel/gemm.h"
#include "kernel/losses.h"
#include "kernel/moments.h"
#include "kernel/optimizers.h"
#include "kernel/reduce.h"

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

    R(batchnorm_fn) *batchnorm_forward, *batchnorm_backward;
    R(batchnorm_fn) *frozen_backward; /* where the statistics were constants */
    R(running_fn) *running_affine;
    R(affine_fn) *affine;

    R(update_fn) *const *updates; /* by mlpbn_optimizer_kind */

    const R(activation) *activations; /* by mlpbn_activation; of softmax: */
    R(softmax_fn) *softmax_forward, *softmax_backward;
    R(dropout) *dropout;
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
int R(blas_takes)(const R(gemm_args) *args);

/* Such a product through CBLAS, from C0 = 0. Returns 0 if strides are too long for it. */
int R(blas_gemm)(const R(gemm_args) *args);

/* CBLAS is taken if m, n and k are at least this; tests change it. */
extern size_t R(blas_min_side);

#endif
