/* Products on the threads of a workspace. How a product is divided into tasks depends on its
 * shape only. */
#ifndef MLPBN_NN_MATMUL_H
#define MLPBN_NN_MATMUL_H

#include "base/parallel.h"
#include "kernel/kernels.h"

/* C = beta C0 + A B, by the kernel of this name, on the threads of the pool (NULL: on the
 * caller's alone). may_use_blas: large products may go to CBLAS, which may allocate. */
void R(matmul_dot)(mlpbn__pool *pool, const R(gemm_args) *args, int may_use_blas);
void R(matmul_outer)(mlpbn__pool *pool, const R(gemm_args) *args, int may_use_blas);

/* The pool; or NULL where the product is done before a second thread would have woken up. */
mlpbn__pool *R(matmul_pool)(mlpbn__pool *pool, const R(gemm_args) *args);

/* *max becomes the larger of the two; NaN counts as the largest. */
void R(atomic_max)(_Atomic(real) *max, real value);

#endif
