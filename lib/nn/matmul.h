/* Products on as many threads as a workspace has. How a product is cut into pieces depends
 * on its shape only. Arguments as in kernel/kernels.h. */
#ifndef MLPBN_NN_MATMUL_H
#define MLPBN_NN_MATMUL_H

#include "base/parallel.h"
#include "kernel/kernels.h"

typedef struct R(product) {
    size_t m, n, k;
    const real *a;
    size_t a_row, a_column; /* a_column is 1 in dot form */
    const real *b;
    size_t ldb;
    real *c;
    size_t ldc;
    const real *start; /* broadcast form: c begins at factor * start; NULL: at 0 */
    real factor;
    _Atomic(real) *largest; /* broadcast form: rises to the largest |c|; or NULL */
    int by_blas; /* may go to CBLAS, which may allocate: not in prediction */
} R(product);

/* The pool; or NULL where the product is done before a second thread would have woken up. */
mlpbn__pool *R(pool_for)(mlpbn__pool *pool, const R(product) *product);

/* *largest becomes the larger of the two; a NaN stays one. */
void R(raise)(_Atomic(real) *largest, real found);

/* Whether CBLAS is at its best with it. */
int R(goes_by_blas)(const R(product) *product);

void R(multiply_dot)(mlpbn__pool *pool, const R(product) *product);
void R(multiply_broadcast)(mlpbn__pool *pool, const R(product) *product);

#endif
