#include "train/products.h"

enum {
    STRIP = 5,  /* rows of a dot-form piece: those that a kernel keeps in registers */
    PANEL = 256 /* columns of a broadcast-form piece: a few cache lines of each row */
};

/* A smaller product is done before a second thread would have woken up. */
static int worth_threads(const R(product) *p)
{
    const double FEW = 2e5; /* multiplications */
    return (double)p->m * (double)p->n * (double)p->k >= FEW;
}

static void dot_piece(void *context, size_t piece)
{
    const R(product) *p = context;
    size_t i = piece * STRIP;
    size_t rows = p->m - i < STRIP ? p->m - i : STRIP;
    R(select_kernels)()->product_dot(rows, p->n, p->k, p->a + i * p->a_row, p->a_row,
                                     p->b, p->ldb, p->c + i * p->ldc, p->ldc);
}

static void broadcast_piece(void *context, size_t piece)
{
    const R(product) *p = context;
    size_t j = piece * PANEL;
    size_t columns = p->n - j < PANEL ? p->n - j : PANEL;
    R(select_kernels)()->product_broadcast(p->m, columns, p->k, p->a, p->a_row,
                                           p->a_column, p->b + j, p->ldb, p->c + j,
                                           p->ldc);
}

void R(multiply_dot)(mlpbn__pool *pool, const R(product) *p)
{
    if (p->by_blas &&
        R(blas_dot)(p->m, p->n, p->k, p->a, p->a_row, p->b, p->ldb, p->c, p->ldc))
        return;
    if (!pool || !worth_threads(p)) {
        R(select_kernels)()->product_dot(p->m, p->n, p->k, p->a, p->a_row, p->b, p->ldb,
                                         p->c, p->ldc);
        return;
    }
    R(product) shared = *p;
    mlpbn__parallel(pool, (p->m + STRIP - 1) / STRIP, dot_piece, &shared);
}

void R(multiply_broadcast)(mlpbn__pool *pool, const R(product) *p)
{
    if (p->by_blas && R(blas_broadcast)(p->m, p->n, p->k, p->a, p->a_row, p->a_column,
                                        p->b, p->ldb, p->c, p->ldc))
        return;
    if (!pool || !worth_threads(p)) {
        R(select_kernels)()->product_broadcast(p->m, p->n, p->k, p->a, p->a_row,
                                               p->a_column, p->b, p->ldb, p->c, p->ldc);
        return;
    }
    R(product) shared = *p;
    mlpbn__parallel(pool, (p->n + PANEL - 1) / PANEL, broadcast_piece, &shared);
}
