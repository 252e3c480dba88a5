#include "train/products.h"

enum {
    STRIP = 5,   /* rows of a dot-form piece are a multiple of this, as in the kernel */
    STRIPS = 32, /* about so many pieces at most: each goes through all of b */
    PANEL = 256  /* columns of a broadcast-form piece: a few cache lines of each row */
};

static size_t rows_a_piece(const R(product) *p)
{
    return (p->m / (STRIP * STRIPS) + 1) * STRIP;
}

/* A smaller product is done before a second thread would have woken up. */
static int worth_threads(const R(product) *p)
{
    const double FEW = 2e5; /* multiplications */
    return (double)p->m * (double)p->n * (double)p->k >= FEW;
}

static void dot_piece(void *context, size_t piece)
{
    const R(product) *p = context;
    size_t most = rows_a_piece(p), i = piece * most;
    size_t rows = p->m - i < most ? p->m - i : most;
    R(select_kernels)()->product_dot(rows, p->n, p->k, p->a + i * p->a_row, p->a_row,
                                     p->b, p->ldb, p->c + i * p->ldc, p->ldc);
}

static void broadcast_columns(const R(product) *p, size_t j, size_t columns)
{
    R(select_kernels)()->product_broadcast(
        p->m, columns, p->k, p->start ? p->start + j : NULL, p->factor, p->a, p->a_row,
        p->a_column, p->b + j, p->ldb, p->c + j, p->ldc);
}

static void broadcast_piece(void *context, size_t piece)
{
    const R(product) *p = context;
    size_t j = piece * PANEL;
    broadcast_columns(p, j, p->n - j < PANEL ? p->n - j : PANEL);
}

static int broadcast_by_blas(const R(product) *p)
{
    if (!p->by_blas || !R(blas_broadcast)(p->m, p->n, p->k, p->a, p->a_row, p->a_column,
                                          p->b, p->ldb, p->c, p->ldc))
        return 0;
    if (p->start)
        R(select_kernels)()->add_scaled(p->m * p->ldc, p->factor, p->start, p->c);
    return 1;
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
    size_t rows = rows_a_piece(p);
    mlpbn__parallel(pool, (p->m + rows - 1) / rows, dot_piece, &shared);
}

void R(multiply_broadcast)(mlpbn__pool *pool, const R(product) *p)
{
    if (broadcast_by_blas(p))
        return;
    if (!pool || !worth_threads(p)) {
        broadcast_columns(p, 0, p->n);
        return;
    }
    R(product) shared = *p;
    mlpbn__parallel(pool, (p->n + PANEL - 1) / PANEL, broadcast_piece, &shared);
}
