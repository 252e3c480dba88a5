/* The block size KC of gemm_dot, for callers that divide k among threads. */
#ifndef MLPBN_KERNEL_BLOCKING_H
#define MLPBN_KERNEL_BLOCKING_H

#include <stddef.h>

/* KC, in elements: gemm_dot adds its sums to C after each block of k. At most 4 KB, so that MR
 * rows of A stay in the L1 cache. If k is larger, it has an even number of blocks, for two
 * threads, of equal size up to rounding to cache lines. */
static inline size_t mlpbn__dot_kc(size_t k, size_t element)
{
    const size_t max_kc = 4096 / element, line = 64 / element;
    size_t blocks = (k + max_kc - 1) / max_kc;
    if (blocks <= 1)
        return max_kc;
    blocks += blocks % 2;
    return ((k + blocks - 1) / blocks + line - 1) / line * line;
}

/* The number of blocks of k. */
static inline size_t mlpbn__dot_kc_blocks(size_t k, size_t element)
{
    size_t kc = mlpbn__dot_kc(k, element);
    return (k + kc - 1) / kc;
}

#endif
