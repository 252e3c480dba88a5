/* Inverted dropout (Srivastava et al., 2014): kept elements are scaled by 1 / (1 - p), so that
 * prediction needs no scaling. The mask is not stored: a counter-based random word, a function
 * of unit and row, decides on each element. The backward pass calls the same kernel, and the
 * result does not depend on the number of threads. */
#include "base/random.h"
#include "kernel/simd.h"

/* One call of Philox generates a word for each of WORDS units in each of ROWS rows. */
enum { WORDS = MLPBN__PHILOX_WORDS, ROWS = MLPBN__PHILOX_LANES };

/* Applies dropout to the units first .. first + units - 1, at most WORDS. */
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
