/* c[m][n] = a[m][k] b[n][k]^T, in dot form: both operands are contiguous along k.
 *
 * A tile of ROWS x COLUMNS outputs stays in registers while k runs: each vector of a is
 * used COLUMNS times, each of b ROWS times. k is cut into chunks so that a strip of ROWS
 * rows of a stays in the first-level cache while rows of b pass by, and these come in
 * blocks that stay in the second-level cache while all strips of a pass by.
 *
 *            b0 b1 b2 b3      k ->
 *        a0   .  .  .  .      each dot is a vector of partial sums over k,
 *        a1   .  .  .  .      added up across its lanes at the end of a chunk
 *        a2   .  .  .  .
 *
 * Every output is summed in the same order whatever tile it falls in. */
#include "kernel/simd.h"

enum {
    ROWS = VECTOR_REGISTERS == 32 ? 5 : 3,
    COLUMNS = 4, /* so many sums are added up at once */
    MOST_ROWS = ROWS > COLUMNS ? ROWS : COLUMNS,
    BLOCK = 60,
    STRETCH = 256 /* of k: between two, a few lines ahead are asked for */
};

/* The sums of a tile that is one column wide. */
__attribute__((always_inline)) static inline void
add_up_column(size_t rows, vector sums[][COLUMNS], int add, real *c, size_t ldc)
{
#pragma GCC unroll 2
    for (size_t i = 0; i < rows; i += COLUMNS) {
        vector column[COLUMNS] = {{0}};
        real dots[COLUMNS];
        size_t left = rows - i < COLUMNS ? rows - i : COLUMNS;
#pragma GCC unroll 4
        for (size_t r = 0; r < left; r++)
            column[r] = sums[i + r][0];
        if (left == COLUMNS && ldc == 1) {
            add_up4(column, add, c + i);
            continue;
        }
        add_up4(column, 0, dots);
        for (size_t r = 0; r < left; r++) {
            real *cr = c + (i + r) * ldc;
            *cr = add ? *cr + dots[r] : dots[r];
        }
    }
}

__attribute__((always_inline)) static inline void
tile(size_t rows, size_t columns, size_t k, int add, const real *a, size_t lda,
     const real *b, size_t ldb, real *c, size_t ldc, mlpbn__lines *ahead)
{
    vector sums[MOST_ROWS][COLUMNS] = {{{0}}};
    for (size_t p = 0, stop; p < k; p = stop) {
        stop = k - p < STRETCH ? k : p + STRETCH;
        if (ahead)
            mlpbn__ask(ahead);
        for (size_t q = p; q < stop; q += LANES)
            for (size_t j = 0; j < columns; j++) {
                vector bj = *(const loose_vector *)(b + j * ldb + q);
                for (size_t i = 0; i < rows; i++)
                    sums[i][j] =
                        multiply_add(*(const vector *)(a + i * lda + q), bj, sums[i][j]);
            }
    }
    if (columns == COLUMNS)
#pragma GCC unroll 8 /* or the sums would go through memory */
        for (size_t i = 0; i < rows; i++)
            add_up4(sums[i], add, c + i * ldc);
    else
        add_up_column(rows, sums, add, c, ldc);
}

__attribute__((always_inline)) static inline void
strip(size_t rows, size_t n, size_t k, int add, const real *a, size_t lda, const real *b,
      size_t ldb, real *c, size_t ldc, mlpbn__lines *ahead)
{
    size_t j = 0;
    for (; j + COLUMNS <= n; j += COLUMNS)
        tile(rows, COLUMNS, k, add, a, lda, b + j * ldb, ldb, c + j, ldc, ahead);
    for (; j < n; j++)
        tile(rows, 1, k, add, a, lda, b + j * ldb, ldb, c + j, ldc, ahead);
}

/* All rows of a by one block of rows of b, over one chunk of k. */
static void block(size_t m, size_t n, size_t k, int add, const real *a, size_t lda,
                  const real *b, size_t ldb, real *c, size_t ldc, mlpbn__lines *ahead)
{
    size_t i = 0;
    for (; n == 1 && i + COLUMNS <= m; i += COLUMNS) /* again so many sums at once */
        tile(COLUMNS, 1, k, add, a + i * lda, lda, b, ldb, c + i * ldc, ldc, ahead);
    for (; i + ROWS <= m; i += ROWS) /* a constant number of rows stays in registers */
        strip(ROWS, n, k, add, a + i * lda, lda, b, ldb, c + i * ldc, ldc, ahead);
    for (; i + 2 <= m; i += 2)
        strip(2, n, k, add, a + i * lda, lda, b, ldb, c + i * ldc, ldc, ahead);
    if (i < m)
        strip(1, n, k, add, a + i * lda, lda, b, ldb, c + i * ldc, ldc, ahead);
}

void K(product_dot)(size_t m, size_t n, size_t k, int add, const real *a, size_t lda,
                    const real *b, size_t ldb, real *c, size_t ldc, mlpbn__lines *ahead)
{
    if (ahead)
        mlpbn__ask_evenly(ahead, m / ROWS * (n / COLUMNS + n % COLUMNS) *
                                     ((k + STRETCH - 1) / STRETCH));
    size_t chunk = mlpbn__dot_chunk(k, sizeof(real));
    for (size_t p = 0; p < k; p += chunk)
        for (size_t j = 0; j < n; j += BLOCK)
            block(m, n - j < BLOCK ? n - j : BLOCK, k - p < chunk ? k - p : chunk,
                  add || p > 0, a + p, lda, b + j * ldb + p, ldb, c + j, ldc, ahead);
}
