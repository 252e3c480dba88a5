/* Products through CBLAS: each is one call, on the threads that the host program has
 * configured for its BLAS. Compiled once for each dtype.
 *
 * A good BLAS packs its operands, which pays if m, n and k are at least about 1024 (measured
 * with OpenBLAS: as fast as gemm_outer there, 15 % faster at 2048). For smaller products, and
 * if the BLAS is not optimized for this CPU, the kernels of this folder are faster. */
#include "kernel/kernels.h"

size_t R(blas_min_side) = 1024;

/* configure sets both; netlib's CBLAS is not optimized. */
#if MLPBN_CBLAS && MLPBN_CBLAS_IS_OPTIMIZED

#define ACCELERATE_NEW_LAPACK /* macOS: the names without it are deprecated */
#include <cblas.h>
#include <limits.h>
#include <string.h>

#if MLPBN_REAL == 32
#define GEMM cblas_sgemm
#else
#define GEMM cblas_dgemm
#endif

/* Old releases of OpenBLAS use kernels of 2004 on a CPU that they do not recognize. */
#if defined(__ELF__)
extern char *openblas_get_corename(void) __attribute__((weak));

static int is_optimized_for_cpu(void)
{
    return !openblas_get_corename || strcmp(openblas_get_corename(), "Prescott") != 0;
}
#else
static int is_optimized_for_cpu(void)
{
    return 1;
}
#endif

static int is_large(size_t side)
{
    return side >= R(blas_min_side) &&side <= INT_MAX;
}

int R(blas_is_faster)(const R(gemm_args) *args)
{
    return is_large(args->m) && is_large(args->n) && is_large(args->k) &&
           is_optimized_for_cpu();
}

int R(blas_gemm)(const R(gemm_args) *g)
{
    const int a_transposed = g->rs_a == 1, b_transposed = g->rs_b == 1;
    const size_t lda = a_transposed ? g->cs_a : g->rs_a;
    const size_t ldb = b_transposed ? g->cs_b : g->rs_b;
    if (lda > INT_MAX || ldb > INT_MAX || g->ldc > INT_MAX)
        return 0;
    GEMM(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans,
         b_transposed ? CblasTrans : CblasNoTrans, (int)g->m, (int)g->n, (int)g->k, 1,
         g->a, (int)lda, g->b, (int)ldb, 0, g->c, (int)g->ldc);
    return 1;
}

#else

int R(blas_is_faster)(const R(gemm_args) *args)
{
    (void)args;
    return 0;
}

int R(blas_gemm)(const R(gemm_args) *args)
{
    (void)args;
    return 0;
}

#endif
