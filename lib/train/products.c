#include "train/products.h"

enum {
    STRIP = 5,   /* rows of a piece are a multiple of this, as in the kernels' tiles */
    PIECES = 32, /* about so many at most: each goes through all that it needs of b */
    PANEL = 256  /* columns of a broadcast-form piece: a few cache lines of each row */
};

/* In this many pieces, or a few less. */
static size_t rows_a_piece(const R(product) *p, size_t pieces)
{
    return (p->m / (STRIP * pieces) + 1) * STRIP;
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A smaller product is done before a second thread would have woken up. */
static int worth_threads(const R(product) *p)
{
    const double FEW = 2e5; /* multiplications */
    return (double)p->m * (double)p->n * (double)p->k >= FEW;
}

static void dot_rows(const R(product) *p, size_t i, size_t rows)
{
    R(select_kernels)()->product_dot(rows, p->n, p->k, p->a + i * p->a_row, p->a_row,
                                     p->b, p->ldb, p->c + i * p->ldc, p->ldc);
}

static void dot_piece(void *context, size_t piece)
{
    const R(product) *p = context;
    size_t most = rows_a_piece(p, PIECES), i = piece * most;
    dot_rows(p, i, at_most(most, p->m - i));
}

/* The block of c that begins at row i and column j. Its first rows ask for what is ahead. */
static void broadcast_block(const R(product) *p, size_t i, size_t rows, size_t j,
                            size_t columns)
{
    mlpbn__ahead ahead = p->ahead ? *p->ahead : (mlpbn__ahead){0};
    ahead.data += j * ahead.column_bytes;
    R(select_kernels)()->product_broadcast(
        rows, columns, p->k, p->start ? p->start + i * p->ldc + j : NULL, p->factor,
        p->a + i * p->a_row, p->a_row, p->a_column, p->b + j, p->ldb,
        p->c + i * p->ldc + j, p->ldc, p->ahead && i == 0 ? &ahead : NULL);
}

static size_t panels_of(const R(product) *p)
{
    return (p->n + PANEL - 1) / PANEL;
}

static size_t rows_a_block(const R(product) *p)
{
    size_t panels = panels_of(p);
    return rows_a_piece(p, panels < PIECES ? PIECES / panels : 1);
}

static void broadcast_piece(void *context, size_t piece)
{
    const R(product) *p = context;
    size_t most = rows_a_block(p), panels = panels_of(p);
    size_t i = piece / panels * most, j = piece % panels * PANEL;
    broadcast_block(p, i, at_most(most, p->m - i), j, at_most(PANEL, p->n - j));
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
        dot_rows(p, 0, p->m);
        return;
    }
    R(product) shared = *p;
    size_t rows = rows_a_piece(p, PIECES);
    mlpbn__parallel(pool, (p->m + rows - 1) / rows, dot_piece, &shared);
}

void R(multiply_broadcast)(mlpbn__pool *pool, const R(product) *p)
{
    if (broadcast_by_blas(p))
        return;
    if (!pool || !worth_threads(p)) {
        broadcast_block(p, 0, p->m, 0, p->n);
        return;
    }
    R(product) shared = *p;
    size_t rows = rows_a_block(p);
    mlpbn__parallel(pool, panels_of(p) * ((p->m + rows - 1) / rows), broadcast_piece,
                    &shared);
}
