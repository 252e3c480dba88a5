/* Dropout (Srivastava et al., 2014), inverted: what is kept is scaled by 1 / (1 - p), so that
 * prediction needs none. A mask is never stored: one counter-based random word decides on an
 * element, by its unit and row, whoever computes it and how often. So the backward pass is
 * the same function, and the number of threads does not matter. */
#include "base/random.h"
#include "kernel/simd.h"

enum { WORDS = MLPBN__PHILOX_WORDS, ROWS = MLPBN__PHILOX_LANES };

/* Of up to as many units as a block has words: a block for each row. */
static void drop_units(const R(mask) *mask, size_t first, size_t units, size_t n,
                       size_t ld, real *y)
{
    for (size_t j = 0; j < n; j += ROWS) {
        uint32_t words[WORDS][ROWS];
        size_t rows = n - j < ROWS ? n - j : ROWS;
        mlpbn__philox_lanes(words, mask->key, first, j);
        for (size_t u = 0; u < units; u++)
            for (size_t l = 0; l < rows; l++) {
                real *at = y + u * ld + j + l;
                *at = words[u][l] < mask->threshold ? 0 : *at * mask->scale;
            }
    }
}

void K(dropout)(const R(mask) *mask, size_t begin, size_t end, size_t n, size_t ld,
                real *y)
{
    for (size_t u = begin; u < end; u += WORDS)
        drop_units(mask, u, end - u < WORDS ? end - u : WORDS, n, ld, y + u * ld);
}
