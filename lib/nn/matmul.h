/* Matrix products on the threads of a workspace. The division of a product into tasks depends
 * on its shape only. */
#ifndef MLPBN_NN_MATMUL_H
#define MLPBN_NN_MATMUL_H

#include "base/parallel.h"
#include "kernel/kernels.h"

/* C = beta C0 + A B, on the threads of the pool; if it is NULL, on the calling thread.
 * matmul_dot needs A with contiguous rows and B with contiguous columns, matmul_outer B with
 * contiguous rows; kernel/kernels.h has the exact layouts. may_use_blas: CBLAS, which may allocate,
 * may compute large products. */
void R(matmul_dot)(mlpbn__pool *pool, const R(gemm_args) *args, int may_use_blas);
void R(matmul_outer)(mlpbn__pool *pool, const R(gemm_args) *args, int may_use_blas);

/* Returns the pool, or NULL if the product takes less time than waking a thread. */
mlpbn__pool *R(pool_if_worthwhile)(mlpbn__pool *pool, const R(gemm_args) *args);

/* *max = the larger of *max and value; NaN counts as the largest. */
void R(atomic_max)(_Atomic(real) *max, real value);

#endif
