/* c[m][n] = factor * start[m][n] + A b[k][n], in broadcast form: A(i, p) = a[i * a_row + p * a_column], so that A
 * may be stored either way round.
 *
 * A tile of ROWS rows x VECTORS vectors of c stays in registers while k runs; per p, each
 * A(i, p) is broadcast and multiplies the VECTORS vectors of b's row p. A panel of columns
 * of b stays in the cache while all rows of A pass by. A long k is cut into chunks, added
 * to c one after the other: all but the first start from c.
 *
 *                    b(p, 0..) b(p, 16..) b(p, 32..) b(p, 48..)
 *        A(0, p)  x     .          .          .          .
 *        A(1, p)  x     .          .          .          .      c stays in registers
 *
 * Every output is summed in the same order whatever tile it falls in. */
#include "kernel/isa.h"

enum { ROWS = 5, VECTORS = VECTOR_REGISTERS == 32 ? 4 : 2, CHUNK = 256, LINE = 64 };

__attribute__((always_inline)) static inline void
tile(size_t rows, size_t vectors, size_t k, const real *start, real factor, const real *a,
     size_t a_row, size_t a_column, const real *b, size_t ldb, real *c, size_t ldc)
{
    vector sums[ROWS][VECTORS];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            if (start)
                sums[i][j] = factor * *(const vector *)(start + i * ldc + j * LANES);
            else
                sums[i][j] = (vector){0};
    for (size_t p = 0; p < k; p++) {
        vector bp[VECTORS];
        for (size_t j = 0; j < vectors; j++)
            bp[j] = *(const vector *)(b + p * ldb + j * LANES);
        for (size_t i = 0; i < rows; i++) {
            vector aip = a[i * a_row + p * a_column] - (vector){0}; /* to all lanes */
            for (size_t j = 0; j < vectors; j++)
                sums[i][j] = multiply_add(aip, bp[j], sums[i][j]);
        }
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            *(vector *)(c + i * ldc + j * LANES) = sums[i][j];
}

/* The part of the lines that begin in these columns which is due at row i of m: a few for
 * each tile, so that they never queue up. */
static void fetch(const mlpbn__ahead *ahead, size_t column, size_t columns, size_t i,
                  size_t m)
{
    size_t begin = (column * ahead->column_bytes + LINE - 1) / LINE * LINE;
    size_t end = (column + columns) * ahead->column_bytes;
    size_t stop = ahead->n * (i + 2 * ROWS <= m ? i + ROWS : m) / m;
    for (size_t row = ahead->n * i / m; row < stop; row++)
        for (size_t byte = begin; byte < end; byte += LINE)
            /* read, and not at the cost of what is in the first-level cache */
            __builtin_prefetch(ahead->data + ahead->index[row] * ahead->row_bytes + byte,
                               0, 0);
}

/* Asks for where the next tile begins and ends up: in a large c these lines are far away,
 * and each in another page, so that the CPU does not foresee them. */
static void fetch_next(const real *start, const real *c, size_t ldc)
{
    for (size_t i = 0; i < ROWS; i++) {
        __builtin_prefetch(c + i * ldc, 1);
        if (start)
            __builtin_prefetch(start + i * ldc, 0);
    }
}

__attribute__((always_inline)) static inline void
panel(size_t vectors, size_t m, size_t k, const real *start, real factor, const real *a,
      size_t a_row, size_t a_column, const real *b, size_t ldb, real *c, size_t ldc,
      const mlpbn__ahead *ahead, size_t column)
{
    size_t i = 0;
    for (; i + ROWS <= m; i += ROWS) {
        if (ahead)
            fetch(ahead, column, vectors * LANES, i, m);
        if (i + 2 * ROWS <= m)
            fetch_next(start ? start + (i + ROWS) * ldc : NULL, c + (i + ROWS) * ldc,
                       ldc);
        tile(ROWS, vectors, k, start ? start + i * ldc : NULL, factor, a + i * a_row,
             a_row, a_column, b, ldb, c + i * ldc, ldc);
    }
    for (; i < m; i++)
        tile(1, vectors, k, start ? start + i * ldc : NULL, factor, a + i * a_row, a_row,
             a_column, b, ldb, c + i * ldc, ldc);
}

void K(product_broadcast)(size_t m, size_t n, size_t k, const real *start, real factor,
                          const real *a, size_t a_row, size_t a_column, const real *b,
                          size_t ldb, real *c, size_t ldc, const mlpbn__ahead *ahead)
{
    for (size_t p = 0; p < k; p += CHUNK, start = c, factor = 1, ahead = NULL) {
        size_t chunk = k - p < CHUNK ? k - p : CHUNK;
        const real *ap = a + p * a_column;
        const real *bp = b + p * ldb;
        size_t j = 0;
        for (; j + VECTORS * LANES <= n; j += VECTORS * LANES)
            panel(VECTORS, m, chunk, start ? start + j : NULL, factor, ap, a_row,
                  a_column, bp + j, ldb, c + j, ldc, ahead, j);
        for (; j < n; j += LANES)
            panel(1, m, chunk, start ? start + j : NULL, factor, ap, a_row, a_column,
                  bp + j, ldb, c + j, ldc, ahead, j);
    }
}
