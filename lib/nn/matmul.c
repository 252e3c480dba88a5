/* A product is divided into blocks of C; each block is a task:
 *
 *             NC columns
 *           +-----------+-----------+--
 *   MC rows |  task 0   |  task 2   |
 *           +-----------+-----------+--
 *           |  task 1   |  task 3   |
 *           +-----------+-----------+--
 *
 * MC is a multiple of the kernels' MR, chosen so that there are about MAX_TASKS tasks.
 */
#include "nn/matmul.h"

#include <math.h>
#include <stdatomic.h>

enum {
    MR_MULTIPLE = 15, /* of the kernels' MR, 3 or 5 */
    MAX_TASKS = 32,
    DOT_NC = 60,   /* columns of B that stay in the L2 cache */
    OUTER_NC = 256 /* a few cache lines of each row of B */
};

mlpbn__pool *R(pool_if_worthwhile)(mlpbn__pool *pool, const R(gemm_args) *args)
{
    const double MIN_MULTIPLICATIONS = 2e5;
    double multiplications = (double)args->m * (double)args->n * (double)args->k;
    return multiplications < MIN_MULTIPLICATIONS ? NULL : pool;
}

void R(atomic_max)(_Atomic(real) *max, real value)
{
    real old = *max;
    while (!(value <= old || isnan(old)) &&
           !atomic_compare_exchange_weak(max, &old, value))
        ;
}

typedef struct matmul {
    const R(gemm_args) *args;
    R(gemm) *kernel;
    size_t mc, nc;
    size_t m_blocks; /* blocks of mc rows */
    _Atomic(real) max_abs;
} matmul;

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void compute_block(void *context, size_t task)
{
    matmul *mm = context;
    const R(gemm_args) *args = mm->args;
    size_t ic = task % mm->m_blocks * mm->mc, jc = task / mm->m_blocks * mm->nc;
    R(gemm_args)
    block =
        R(gemm_block)(args, ic, min(mm->mc, args->m - ic), jc, min(mm->nc, args->n - jc));
    real max_abs;
    if (args->max_abs)
        block.max_abs = &max_abs;
    mm->kernel(&block);
    if (args->max_abs)
        R(atomic_max)(&mm->max_abs, max_abs);
}

static void multiply(mlpbn__pool *pool, const R(gemm_args) *args, R(gemm) *kernel,
                     size_t nc)
{
    pool = R(pool_if_worthwhile)(pool, args);
    if (!pool) {
        kernel(args);
        return;
    }
    size_t n_blocks = (args->n + nc - 1) / nc;
    size_t max_m_blocks = n_blocks < MAX_TASKS ? MAX_TASKS / n_blocks : 1;
    matmul mm = {.args = args, .kernel = kernel, .nc = nc};
    mm.mc = (args->m / (MR_MULTIPLE * max_m_blocks) + 1) * MR_MULTIPLE;
    mm.m_blocks = (args->m + mm.mc - 1) / mm.mc;
    mlpbn__parallel(pool, n_blocks * mm.m_blocks, compute_block, &mm);
    if (args->max_abs)
        *args->max_abs = mm.max_abs;
}

/* Computes the product by CBLAS. Returns 0 if the kernels are faster or CBLAS cannot. */
static int multiply_by_blas(const R(gemm_args) *args)
{
    if (!R(blas_is_faster)(args) || !R(blas_gemm)(args))
        return 0;
    if (args->c0)
        R(select_kernels)()->axpy(args->m * args->ldc, args->beta, args->c0, args->c);
    if (args->max_abs)
        *args->max_abs = R(select_kernels)()->max_abs(args->m * args->ldc, args->c);
    return 1;
}

void R(matmul_dot)(mlpbn__pool *pool, const R(gemm_args) *args, int may_use_blas)
{
    if (!may_use_blas || !multiply_by_blas(args))
        multiply(pool, args, R(select_kernels)()->gemm_dot, DOT_NC);
}

void R(matmul_outer)(mlpbn__pool *pool, const R(gemm_args) *args, int may_use_blas)
{
    if (!may_use_blas || !multiply_by_blas(args))
        multiply(pool, args, R(select_kernels)()->gemm_outer, OUTER_NC);
}
