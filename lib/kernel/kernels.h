/* The table of kernels: arithmetic on arrays. Kernels use no handles and allocate nothing.
 *
 * Every file of this folder, but for dispatch.c and blas.c, is compiled for each dtype and
 * each instruction set. There is a table for each instruction set, and R(select_kernels)()
 * returns the one for this CPU.
 *
 * Layout. The first layer's input is batch-major, x[row][input]; all later arrays are
 * feature-major, z[unit][row], so that the values of a unit are contiguous. Rows of every
 * matrix begin at a multiple of 64 bytes and are padded to one (mlpbn__row_stride); the
 * padding of an operand is zero where a kernel reads it. "padded" lengths below are rounded up
 * to 64 bytes. If a single row is predicted, its units are adjacent instead, z[unit], padded
 * as a whole. */
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

    /* gemm_dot: cs_a = rs_b = 1 and k is padded; C0 is C with beta = 1, or NULL. Columns of C
     * after n are not written. One call gives the same bits as one call for each block of k
     * (blocking.h). */
    R(gemm) *gemm_dot;

    /* gemm_outer: cs_b = 1 and n is padded; prefetch is not used. Or n = cs_b = ldc = rs_b =
     * cs_a = 1, C0 and max_abs are NULL, and C has the same bits as in a product with more
     * columns. */
    R(gemm) *gemm_outer;
    R(gather) *gather;

    R(max_abs) *max_abs;
    R(sum) *sum, *sum_squares;
    R(mean) *mean;
    R(sum_squared_deviations) *sum_squared_deviations;
    R(axpy) *axpy;

    R(batchnorm_fn) *batchnorm_forward, *batchnorm_backward;
    R(batchnorm_fn) *frozen_backward; /* the statistics were constants */
    R(running_fn) *running_affine;
    R(affine_fn) *affine;

    R(update_fn) *const *updates; /* indexed by mlpbn_optimizer_kind */

    const R(activation) *activations; /* indexed by mlpbn_activation; none for softmax */
    R(softmax_fn) *softmax_forward, *softmax_backward;
    R(dropout) *dropout;
    R(loss_fn) *const *losses; /* indexed by mlpbn_loss */
} R(kernels);

/* n rounded up to 64 bytes of reals. */
static inline size_t R(padded)(size_t n)
{
    const size_t line = 64 / sizeof(real);
    return (n + line - 1) / line * line;
}

/* The fastest table that this CPU can run, or the one that MLPBN_CPU named when the library was
 * loaded. */
const R(kernels) *R(select_kernels)(void);

/* Makes select_kernels return this table, for tests; NULL: the one at load again. */
void R(use_kernels)(const R(kernels) *table);

/* The table of an instruction set by name, for tests; NULL if this build or CPU lacks it. */
const R(kernels) *R(find_kernels)(const char *name);

/* Whether CBLAS is expected to be faster for this shape than the kernels; 0 without CBLAS. */
int R(blas_is_faster)(const R(gemm_args) *args);

/* Computes C = A B by CBLAS; C0 is not used. Returns 0 if a stride does not fit an int. */
int R(blas_gemm)(const R(gemm_args) *args);

/* blas_is_faster requires m, n and k of at least this; tests change it. */
extern size_t R(blas_min_side);

#endif
