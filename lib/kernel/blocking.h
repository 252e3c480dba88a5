/* How a long product in dot form is cut along its depth. */
#ifndef MLPBN_KERNEL_BLOCKING_H
#define MLPBN_KERNEL_BLOCKING_H

#include <stddef.h>

/* Numbers that a product of depth k sums up before it adds the sum to c: a strip of as many
 * stays in the first-level cache. There is one chunk or an even number, for two threads. */
static inline size_t mlpbn__dot_chunk(size_t k, size_t element)
{
    const size_t most = 4096 / element, line = 64 / element;
    size_t chunks = (k + most - 1) / most;
    if (chunks <= 1)
        return most;
    chunks += chunks % 2;
    return ((k + chunks - 1) / chunks + line - 1) / line * line;
}

static inline size_t mlpbn__dot_chunks(size_t k, size_t element)
{
    size_t chunk = mlpbn__dot_chunk(k, element);
    return (k + chunk - 1) / chunk;
}

#endif
