/* Products through CBLAS, as whole calls under the host program's own BLAS setting.
 * Compiled per type only.
 *
 * A good BLAS packs its operands, which pays from about 1024 rows, columns and depth on
 * (measured against OpenBLAS: equal there, 15 % ahead at 2048). Below that, and beside a
 * BLAS that is not made for this CPU, our own kernels are the faster ones. */
#include "kernel/kernels.h"

size_t R(blas_least) = 1024;

#if MLPBN_CBLAS && MLPBN_CBLAS_FAST

#define ACCELERATE_NEW_LAPACK /* macOS: the names without it are deprecated */
#include <cblas.h>
#include <limits.h>
#include <string.h>

#if MLPBN_REAL == 32
#define GEMM cblas_sgemm
#else
#define GEMM cblas_dgemm
#endif

/* Old releases of OpenBLAS take a CPU they do not know for one of 2004. */
#if defined(__ELF__)
extern char *openblas_get_corename(void) __attribute__((weak));

static int made_for_this_cpu(void)
{
    return !openblas_get_corename || strcmp(openblas_get_corename(), "Prescott") != 0;
}
#else
static int made_for_this_cpu(void)
{
    return 1;
}
#endif

int R(blas_takes)(size_t m, size_t n, size_t k)
{
    return m >= R(blas_least) &&n >= R(blas_least) &&k >= R(blas_least) &&m <= INT_MAX &&
           n <= INT_MAX && k <= INT_MAX && made_for_this_cpu();
}

int R(blas_dot)(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b,
                size_t ldb, real *c, size_t ldc)
{
    if (lda > INT_MAX || ldb > INT_MAX || ldc > INT_MAX)
        return 0;
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)lda,
         b, (int)ldb, 0, c, (int)ldc);
    return 1;
}

int R(blas_broadcast)(size_t m, size_t n, size_t k, const real *a, size_t a_row,
                      size_t a_column, const real *b, size_t ldb, real *c, size_t ldc)
{
    int transposed = a_row == 1;
    size_t lda = transposed ? a_column : a_row;
    if (lda > INT_MAX || ldb > INT_MAX || ldc > INT_MAX)
        return 0;
    GEMM(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)m,
         (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, 0, c, (int)ldc);
    return 1;
}

#else

int R(blas_takes)(size_t m, size_t n, size_t k)
{
    (void)m, (void)n, (void)k;
    return 0;
}

int R(blas_dot)(size_t m, size_t n, size_t k, const real *a, size_t lda, const real *b,
                size_t ldb, real *c, size_t ldc)
{
    (void)m, (void)n, (void)k, (void)a, (void)lda, (void)b, (void)ldb, (void)c, (void)ldc;
    return 0;
}

int R(blas_broadcast)(size_t m, size_t n, size_t k, const real *a, size_t a_row,
                      size_t a_column, const real *b, size_t ldb, real *c, size_t ldc)
{
    (void)m, (void)n, (void)k, (void)a, (void)a_row, (void)a_column;
    (void)b, (void)ldb, (void)c, (void)ldc;
    return 0;
}

#endif
