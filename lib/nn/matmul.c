#include "nn/matmul.h"

#include <math.h>
#include <stdatomic.h>

enum {
    STRIP = 15,  /* rows of a piece are a multiple of this, as in the kernels' tiles */
    PIECES = 32, /* about so many at most: each goes through all that it needs of b */
    /* Columns of a piece. In dot form so many rows of b stay in the second-level cache while
     * the pieces beside each other pass by; in broadcast form they are a few cache lines of
     * each row. */
    DOT_PANEL = 60,
    BROADCAST_PANEL = 256
};

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

mlpbn__pool *R(pool_for)(mlpbn__pool *pool, const R(product) *p)
{
    const double FEW = 2e5; /* multiplications */
    if (pool && (double)p->m * (double)p->n * (double)p->k < FEW)
        pool = NULL;
    return pool;
}

void R(raise)(_Atomic(real) *largest, real found)
{
    real before = *largest;
    while (!(found <= before || isnan(before)) &&
           !atomic_compare_exchange_weak(largest, &before, found))
        ;
}

/* Computes the block of c that begins at row i and column j. */
typedef void block_of(const R(product) *p, size_t i, size_t rows, size_t j,
                      size_t columns);

static void dot_block(const R(product) *p, size_t i, size_t rows, size_t j,
                      size_t columns)
{
    R(select_kernels)()->product_dot(rows, columns, p->k, 0, p->a + i * p->a_row,
                                     p->a_row, p->b + j * p->ldb, p->ldb,
                                     p->c + i * p->ldc + j, p->ldc, NULL);
}

static void broadcast_block(const R(product) *p, size_t i, size_t rows, size_t j,
                            size_t columns)
{
    real found;
    R(select_kernels)()->product_broadcast(
        rows, columns, p->k, p->start ? p->start + i * p->ldc + j : NULL, p->factor,
        p->a + i * p->a_row, p->a_row, p->a_column, p->b + j, p->ldb,
        p->c + i * p->ldc + j, p->ldc, NULL, p->largest ? &found : NULL);
    if (p->largest)
        R(raise)(p->largest, found);
}

/* A product that is cut into pieces, panel of columns by panel. */
typedef struct cutting {
    const R(product) *p;
    block_of *block;
    size_t panel, rows; /* of a piece */
    size_t in_a_panel;  /* pieces */
} cutting;

static void compute_piece(void *context, size_t piece)
{
    const cutting *c = context;
    size_t i = piece % c->in_a_panel * c->rows, j = piece / c->in_a_panel * c->panel;
    c->block(c->p, i, at_most(c->rows, c->p->m - i), j, at_most(c->panel, c->p->n - j));
}

static void multiply(mlpbn__pool *pool, const R(product) *p, block_of *block,
                     size_t panel)
{
    pool = R(pool_for)(pool, p);
    if (!pool) {
        block(p, 0, p->m, 0, p->n);
        return;
    }
    size_t panels = (p->n + panel - 1) / panel;
    size_t wanted = panels < PIECES ? PIECES / panels : 1; /* pieces in a panel */
    cutting c = {.p = p, .block = block, .panel = panel};
    c.rows = (p->m / (STRIP * wanted) + 1) * STRIP;
    c.in_a_panel = (p->m + c.rows - 1) / c.rows;
    mlpbn__parallel(pool, panels * c.in_a_panel, compute_piece, &c);
}

int R(goes_by_blas)(const R(product) *p)
{
    return p->by_blas && R(blas_takes)(p->m, p->n, p->k);
}

static int broadcast_by_blas(const R(product) *p)
{
    if (!R(goes_by_blas)(p) ||
        !R(blas_broadcast)(p->m, p->n, p->k, p->a, p->a_row, p->a_column, p->b, p->ldb,
                           p->c, p->ldc))
        return 0;
    if (p->start)
        R(select_kernels)()->add_scaled(p->m * p->ldc, p->factor, p->start, p->c);
    if (p->largest)
        R(raise)(p->largest, R(select_kernels)()->magnitude(p->m * p->ldc, p->c));
    return 1;
}

void R(multiply_dot)(mlpbn__pool *pool, const R(product) *p)
{
    if (!R(goes_by_blas)(p) ||
        !R(blas_dot)(p->m, p->n, p->k, p->a, p->a_row, p->b, p->ldb, p->c, p->ldc))
        multiply(pool, p, dot_block, DOT_PANEL);
}

void R(multiply_broadcast)(mlpbn__pool *pool, const R(product) *p)
{
    if (!broadcast_by_blas(p))
        multiply(pool, p, broadcast_block, BROADCAST_PANEL);
}
