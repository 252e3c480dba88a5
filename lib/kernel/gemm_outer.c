/* c[m][n] = factor * start[m][n] + A b[k][n], in broadcast form: A(i, p) = a[i * a_row +
 * p * a_column], so that A may be stored either way round.
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
#include "kernel/simd.h"

#include <stdint.h>

enum {
    ROWS = 5,
    VECTORS = VECTOR_REGISTERS == 32 ? 4 : 2,
    CHUNK = 256,
    COLUMN_ROWS = 8,      /* as many sums as the CPU can add to at once */
    SLOTS = 16 * VECTORS, /* of a tile's list of lines */
    LIST_LEAST = 64,      /* a shorter tile is done before lines arrive */
    PACKED_ROWS = 4 * ROWS,
    PACKED_LEAST = 128
};

/* The lines that a tile asks for, one each step of k, so that they never queue up: where the
 * next tile begins and ends up, which in a large c is far away, and each row in another page,
 * so that the CPU does not foresee it; and a few of the lines ahead. (A list, because the
 * tile has no registers to spare for working them out; those of c are written once for a
 * panel, and shifted from tile to tile, because stores of the list would wait behind those of
 * c, and the next tile behind them.) */
typedef struct asking {
    uintptr_t lines[SLOTS]; /* addresses less shift */
    size_t of_tile,
        end;     /* where those of c and start end, and those ahead, behind them */
    size_t most; /* that a tile comes to */
    size_t shift;
} asking;

/* Those of a panel's first tile. */
static void list_tile(asking *ask, size_t vectors, size_t k, const real *start,
                      const real *c, size_t ldc)
{
    ask->most = k < SLOTS ? k : SLOTS;
    size_t n = 0;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < vectors * LANES; j += MLPBN__LINE / sizeof(real)) {
            ask->lines[n++] = (uintptr_t)(c + i * ldc + j);
            if (start)
                ask->lines[n++] = (uintptr_t)(start + i * ldc + j);
        }
    ask->of_tile = ask->end = n;
    for (; n < SLOTS; n++)
        ask->lines[n] = ask->lines[0];
}

/* Those of the tile that begins so many bytes behind the first, and lines ahead. */
static void list_next(asking *ask, size_t shift, mlpbn__lines *ahead)
{
    size_t n = ask->of_tile;
    const char *asked[MLPBN__GROUP];
    ask->shift = shift;
    if (ahead)
        mlpbn__chance(ahead);
    while (ahead && n + MLPBN__GROUP <= ask->most && mlpbn__turn(ahead, asked))
        for (size_t r = 0; r < MLPBN__GROUP; r++)
            ask->lines[n++] = (uintptr_t)asked[r] - shift;
    size_t end = n;
    for (; n < ask->end; n++)
        ask->lines[n] = ask->lines[0];
    ask->end = end;
}

__attribute__((always_inline)) static inline void
tile(size_t rows, size_t vectors, size_t k, const real *start, real factor, const real *a,
     size_t a_row, size_t a_column, const real *b, size_t ldb, real *c, size_t ldc,
     const asking *ask, lanes *largest)
{
    const size_t shift = ask ? ask->shift : 0;
    vector sums[ROWS][VECTORS];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            if (start)
                sums[i][j] = factor * *(const vector *)(start + i * ldc + j * LANES);
            else
                sums[i][j] = (vector){0};
    for (size_t p = 0; p < k; p++) {
        vector bp[VECTORS];
        if (ask)
            __builtin_prefetch((const void *)(ask->lines[p % SLOTS] + shift));
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
    if (!largest)
        return;
    lanes found = *largest;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            found = larger_bits(found, magnitude_bits(sums[i][j]));
    *largest = found;
}

/* after: columns to the next panel; 0 where this is the last. */
__attribute__((always_inline)) static inline void
panel(size_t vectors, size_t after, size_t m, size_t k, const real *start, real factor,
      const real *a, size_t a_row, size_t a_column, const real *b, size_t ldb, real *c,
      size_t ldc, mlpbn__lines *ahead, lanes *largest)
{
    asking ask;
    int asks = m >= ROWS && (k >= LIST_LEAST || ahead);
    size_t i = 0;
    if (asks)
        list_tile(&ask, vectors, k, start, c, ldc);
    for (; i + ROWS <= m; i += ROWS) {
        size_t next = i + 2 * ROWS <= m ? (i + ROWS) * ldc : after;
        if (asks)
            list_next(&ask, next * sizeof *c, ahead);
        tile(ROWS, vectors, k, start ? start + i * ldc : NULL, factor, a + i * a_row,
             a_row, a_column, b, ldb, c + i * ldc, ldc, asks ? &ask : NULL, largest);
    }
    for (; i + 2 <= m; i += 2)
        tile(2, vectors, k, start ? start + i * ldc : NULL, factor, a + i * a_row, a_row,
             a_column, b, ldb, c + i * ldc, ldc, NULL, largest);
    if (i < m)
        tile(1, vectors, k, start ? start + i * ldc : NULL, factor, a + i * a_row, a_row,
             a_column, b, ldb, c + i * ldc, ldc, NULL, largest);
}

/* One chunk of k. (Inlined below, GCC 12 would keep a vector of b in memory.) */
__attribute__((noinline)) static void
all_panels(size_t m, size_t n, size_t k, const real *start, real factor, const real *a,
           size_t a_row, size_t a_column, const real *b, size_t ldb, real *c, size_t ldc,
           mlpbn__lines *ahead, lanes *largest)
{
    size_t j = 0;
    for (; j + VECTORS * LANES <= n; j += VECTORS * LANES)
        panel(VECTORS, j + 2 * VECTORS * LANES <= n ? VECTORS * LANES : 0, m, k,
              start ? start + j : NULL, factor, a, a_row, a_column, b + j, ldb, c + j,
              ldc, ahead, largest);
    for (; j < n; j += LANES)
        panel(1, 0, m, k, start ? start + j : NULL, factor, a, a_row, a_column, b + j,
              ldb, c + j, ldc, ahead, largest);
}

/* The same where neighbours along k lie far from each other, a cache line for each: a few
 * rows at a time are copied to where they are neighbours, unless that is more work than it
 * saves. */
static void all_panels_packed(size_t m, size_t n, size_t k, const real *start,
                              real factor, const real *a, size_t a_row, size_t a_column,
                              const real *b, size_t ldb, real *c, size_t ldc,
                              mlpbn__lines *ahead, lanes *largest)
{
    real packed[PACKED_ROWS][CHUNK];
    for (size_t i = 0; i < m; i += PACKED_ROWS) {
        size_t rows = m - i < PACKED_ROWS ? m - i : PACKED_ROWS;
        for (size_t p = 0; p < k; p++)
            for (size_t r = 0; r < rows; r++)
                packed[r][p] = a[(i + r) * a_row + p * a_column];
        all_panels(rows, n, k, start ? start + i * ldc : NULL, factor, packed[0], CHUNK,
                   1, b, ldb, c + i * ldc, ldc, i == 0 ? ahead : NULL, largest);
    }
}

/* A single column, in which k is contiguous, too: number by number, several rows at once. */
__attribute__((always_inline)) static inline void
column(size_t rows, size_t k, const real *a, size_t a_row, const real *b, real *c)
{
    real sums[COLUMN_ROWS] = {0};
    for (size_t p = 0; p < k; p++)
        for (size_t i = 0; i < rows; i++)
            sums[i] = multiply_add_one(a[i * a_row + p], b[p], sums[i]);
    memcpy(c, sums, rows * sizeof *c);
}

static void all_rows(size_t m, size_t k, const real *a, size_t a_row, const real *b,
                     real *c)
{
    size_t i = 0;
    for (; i + COLUMN_ROWS <= m; i += COLUMN_ROWS)
        column(COLUMN_ROWS, k, a + i * a_row, a_row, b, c + i);
    for (; i + 2 <= m; i += 2)
        column(2, k, a + i * a_row, a_row, b, c + i);
    if (i < m)
        column(1, k, a + i * a_row, a_row, b, c + i);
}

void K(product_broadcast)(size_t m, size_t n, size_t k, const real *start, real factor,
                          const real *a, size_t a_row, size_t a_column, const real *b,
                          size_t ldb, real *c, size_t ldc, mlpbn__lines *ahead,
                          real *largest)
{
    lanes most = {0};
    if (n == 1) {
        all_rows(m, k, a, a_row, b, c);
        return;
    }
    if (ahead)
        mlpbn__ask_evenly(ahead, m / ROWS * (n / (VECTORS * LANES)));
    for (size_t p = 0; p < k; p += CHUNK, start = c, factor = 1, ahead = NULL) {
        size_t chunk = k - p < CHUNK ? k - p : CHUNK;
        int packs = a_column > 1 && chunk >= PACKED_LEAST && n >= PACKED_LEAST;
        (packs ? all_panels_packed : all_panels)(
            m, n, chunk, start, factor, a + p * a_column, a_row, a_column, b + p * ldb,
            ldb, c, ldc, ahead, largest && p + CHUNK >= k ? &most : NULL);
    }
    if (largest)
        *largest = largest_lane(most);
}
