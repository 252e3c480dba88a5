/* Dropout (Srivastava et al., 2014), inverted: what is kept is scaled by 1 / (1 - p), so that
 * prediction needs none. A mask is never stored: one counter-based random word decides on an
 * element, by its unit and row, whoever computes it and how often. So the backward pass is
 * the same function, and the number of threads does not matter. */
#include "base/random.h"
#include "kernel/isa.h"

enum { WORDS = 4 }; /* in a random block: for as many units, of one row */

__attribute__((always_inline)) static inline void
drop_units(const R(mask) *mask, size_t first, size_t units, size_t n, size_t ld, real *y)
{
    for (size_t j = 0; j < n; j++) {
        uint32_t words[WORDS];
        mlpbn__philox(words, mask->key, first, j);
        for (size_t u = 0; u < units; u++)
            y[u * ld + j] = words[u] < mask->threshold ? 0 : y[u * ld + j] * mask->scale;
    }
}

void K(dropout)(const R(mask) *mask, size_t units, size_t n, size_t ld, real *y)
{
    size_t u = 0;
    for (; u + WORDS <= units; u += WORDS)
        drop_units(mask, u, WORDS, n, ld, y + u * ld);
    if (u < units)
        drop_units(mask, u, units - u, n, ld, y + u * ld);
}
