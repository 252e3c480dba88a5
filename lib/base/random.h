/* Random numbers by counter: Philox4x32-10 (Salmon et al., "Parallel random numbers: as
 * easy as 1, 2, 3", 2011). A number depends on (seed, stream, counter) only, so any part
 * of a sequence can be drawn by any thread, and a state is three integers. */
#ifndef MLPBN_BASE_RANDOM_H
#define MLPBN_BASE_RANDOM_H

#include <stdint.h>

/* What a stream is for, in its upper byte, so that equal seeds never share numbers. */
enum {
    MLPBN__STREAM_WEIGHTS = 1,
    MLPBN__STREAM_SHUFFLE = 2,
    MLPBN__STREAM_GRADCHECK = 3,
    MLPBN__STREAM_SELF_TEST = 4,
    MLPBN__STREAM_DROPOUT = 5,
    MLPBN__STREAM_FOLD = 6
};

typedef struct mlpbn__random {
    uint64_t seed;
    uint64_t stream;
    uint64_t counter; /* of the next block of 128 bits */
    uint32_t block[4];
    int left; /* 64-bit numbers left in block */
} mlpbn__random;

mlpbn__random mlpbn__random_new(uint64_t seed, uint64_t purpose, uint64_t number);

/* The block of 128 bits with this counter. Inline, so that kernels draw whole vectors of
 * them. */
static inline void mlpbn__philox(uint32_t block[4], uint64_t seed, uint64_t stream,
                                 uint64_t counter)
{
    uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
    uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = UINT64_C(0xD2511F53) * c0;
        uint64_t p1 = UINT64_C(0xCD9E8D57) * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    block[0] = c0;
    block[1] = c1;
    block[2] = c2;
    block[3] = c3;
}

uint64_t mlpbn__random_bits(mlpbn__random *random);

/* Uniform on 0 .. bound - 1, without bias; bound >= 1. */
uint64_t mlpbn__random_below(mlpbn__random *random, uint64_t bound);

/* Uniform on (0, 1], in steps of 2^-53. */
double mlpbn__random_uniform(mlpbn__random *random);

/* Two independent standard normal numbers (Box and Muller, 1958). */
void mlpbn__random_normals(mlpbn__random *random, double normals[2]);

#endif
