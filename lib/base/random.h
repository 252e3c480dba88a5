/* A counter-based random number generator: Philox4x32-10 (Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", 2011). A number depends on (seed, stream, counter) only, so
 * any thread can generate any part of a sequence, and the state is three integers. */
#ifndef MLPBN_BASE_RANDOM_H
#define MLPBN_BASE_RANDOM_H

#include <stdint.h>

/* The purpose of a stream is its upper byte, so that uses of the same seed for different
 * purposes never share numbers. */
enum {
    MLPBN__STREAM_WEIGHTS = 1,
    MLPBN__STREAM_SHUFFLE = 2,
    MLPBN__STREAM_GRADCHECK = 3,
    MLPBN__STREAM_SELF_TEST = 4,
    MLPBN__STREAM_DROPOUT = 5,
    MLPBN__STREAM_FOLD = 6,
    MLPBN__STREAM_ROUNDING = 7,
    MLPBN__STREAM_SPLIT = 8
};

typedef struct mlpbn__random {
    uint64_t seed;
    uint64_t stream;
    uint64_t counter; /* of the next block of 128 bits */
    uint32_t block[4];
    int left; /* 64-bit words of `block` that were not returned yet */
} mlpbn__random;

/* The generator of stream `index` of this purpose, at counter 0. */
mlpbn__random mlpbn__random_new(uint64_t seed, uint64_t purpose, uint64_t index);

enum {
    MLPBN__PHILOX_ROUNDS = 10,
    MLPBN__PHILOX_WORDS = 4, /* of 32 bits, in a block */
    MLPBN__PHILOX_LANES = 16 /* blocks that mlpbn__philox_lanes computes at once */
};

static inline void mlpbn__philox_round(uint32_t c[MLPBN__PHILOX_WORDS], uint32_t key[2])
{
    uint64_t p0 = UINT64_C(0xD2511F53) * c[0];
    uint64_t p1 = UINT64_C(0xCD9E8D57) * c[2];
    c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ key[0];
    c[1] = (uint32_t)p1;
    c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ key[1];
    c[3] = (uint32_t)p0;
}

static inline void mlpbn__philox_next_key(uint32_t key[2])
{
    key[0] += UINT32_C(0x9E3779B9);
    key[1] += UINT32_C(0xBB67AE85);
}

/* Computes the blocks with the counters `counter` .. `counter` + MLPBN__PHILOX_LANES - 1. It
 * is inline, with the lanes as the inner loop of each round, so that compilers vectorize it in
 * kernels. */
static inline void
mlpbn__philox_lanes(uint32_t blocks[MLPBN__PHILOX_WORDS][MLPBN__PHILOX_LANES],
                    uint64_t seed, uint64_t stream, uint64_t counter)
{
    uint32_t key[] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    for (int l = 0; l < MLPBN__PHILOX_LANES; l++) {
        uint64_t lane_counter = counter + (uint64_t)l;
        blocks[0][l] = (uint32_t)lane_counter;
        blocks[1][l] = (uint32_t)(lane_counter >> 32);
        blocks[2][l] = (uint32_t)stream;
        blocks[3][l] = (uint32_t)(stream >> 32);
    }
    for (int round = 0; round < MLPBN__PHILOX_ROUNDS; round++) {
        for (int l = 0; l < MLPBN__PHILOX_LANES; l++) {
            uint32_t c[] = {blocks[0][l], blocks[1][l], blocks[2][l], blocks[3][l]};
            mlpbn__philox_round(c, key);
            for (int word = 0; word < MLPBN__PHILOX_WORDS; word++)
                blocks[word][l] = c[word];
        }
        mlpbn__philox_next_key(key);
    }
}

/* Computes the block of 128 bits with this counter. */
void mlpbn__philox(uint32_t block[MLPBN__PHILOX_WORDS], uint64_t seed, uint64_t stream,
                   uint64_t counter);

/* The next 64 random bits. */
uint64_t mlpbn__random_bits(mlpbn__random *random);

/* A uniform integer in 0 .. bound - 1, without modulo bias; bound >= 1. */
uint64_t mlpbn__random_below(mlpbn__random *random, uint64_t bound);

/* A uniform number in (0, 1], a multiple of 2^-53. */
double mlpbn__random_uniform(mlpbn__random *random);

/* Two independent standard normal numbers (Box and Muller, 1958). */
void mlpbn__random_normals(mlpbn__random *random, double normals[2]);

#endif
