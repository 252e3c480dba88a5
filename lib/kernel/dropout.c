/* Dropout (Srivastava et al., 2014), inverted: what is kept is scaled by 1 / (1 - p), so that
 * prediction needs none. A mask is never stored: a counter-based random word decides on each
 * element, by its unit and row. So the backward pass is the same function, and the result
 * does not depend on the number of threads. */
#include "base/random.h"
#include "kernel/simd.h"

/* Philox yields a word for each of WORDS units in each of ROWS rows at once. */
enum { WORDS = MLPBN__PHILOX_WORDS, ROWS = MLPBN__PHILOX_LANES };

/* Up to WORDS units, from `first` on. */
static void drop_units(const R(dropout_args) *args, size_t first, size_t units)
{
    for (size_t j = 0; j < args->n; j += ROWS) {
        uint32_t words[WORDS][ROWS];
        size_t rows = args->n - j < ROWS ? args->n - j : ROWS;
        mlpbn__philox_lanes(words, args->key, first, j);
        for (size_t u = 0; u < units; u++)
            for (size_t r = 0; r < rows; r++) {
                real *y = args->y + (first + u) * args->ld + j + r;
                *y = words[u][r] < args->threshold ? 0 : *y * args->scale;
            }
    }
}

void K(dropout)(const R(dropout_args) *args, size_t begin, size_t end)
{
    for (size_t u = begin; u < end; u += WORDS)
        drop_units(args, u, end - u < WORDS ? end - u : WORDS);
}
