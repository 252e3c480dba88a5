/* Arguments of the products (GEMM), in the terms of BLAS and BLIS. lib/kernel/README.md
 * shows the loops of gemm_dot and gemm_outer. */
#ifndef MLPBN_KERNEL_GEMM_H
#define MLPBN_KERNEL_GEMM_H

#include "base/real.h"
#include "kernel/prefetch.h"

/* C[m][n] = beta C0[m][n] + A[m][k] B[k][n]. Each matrix has a row and a column stride:
 *
 *     A(i, p) = a[i * rs_a + p * cs_a]     C(i, j)  = c[i * ldc + j]
 *     B(p, j) = b[p * rs_b + j * cs_b]     C0(i, j) = c0[i * ldc + j]
 */
typedef struct R(gemm_args) {
    size_t m, n, k;
    const real *a;
    size_t rs_a, cs_a;
    const real *b;
    size_t rs_b, cs_b;
    real *c;
    size_t ldc;
    const real *c0; /* NULL: 0 */
    real beta;
    mlpbn__prefetch_queue *prefetch; /* lines to prefetch during the product; or NULL */
    real *max_abs; /* receives max |C|: infinity or NaN if C has any; or NULL */
} R(gemm_args);

typedef void R(gemm)(const R(gemm_args) *args);

/* The same product for rows i .. i + m - 1 and columns j .. j + n - 1 of C. */
static inline R(gemm_args)
    R(gemm_block)(const R(gemm_args) *args, size_t i, size_t m, size_t j, size_t n)
{
    R(gemm_args) block = *args;
    block.m = m;
    block.n = n;
    block.a += i * args->rs_a;
    block.b += j * args->cs_b;
    block.c += i * args->ldc + j;
    if (args->c0)
        block.c0 += i * args->ldc + j;
    return block;
}

/* The part of the product over p .. p + k - 1. */
static inline R(gemm_args) R(gemm_depth)(const R(gemm_args) *args, size_t p, size_t k)
{
    R(gemm_args) block = *args;
    block.k = k;
    block.a += p * args->cs_a;
    block.b += p * args->rs_b;
    return block;
}

#endif
