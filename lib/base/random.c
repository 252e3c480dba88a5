#include "base/random.h"

#include <math.h>

void mlpbn__philox(uint32_t block[MLPBN__PHILOX_WORDS], uint64_t seed, uint64_t stream,
                   uint64_t counter)
{
    uint32_t key[] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    block[0] = (uint32_t)counter;
    block[1] = (uint32_t)(counter >> 32);
    block[2] = (uint32_t)stream;
    block[3] = (uint32_t)(stream >> 32);
    for (int round = 0; round < MLPBN__PHILOX_ROUNDS; round++) {
        mlpbn__philox_round(block, key);
        mlpbn__philox_next_key(key);
    }
}

mlpbn__random mlpbn__random_new(uint64_t seed, uint64_t purpose, uint64_t index)
{
    mlpbn__random random = {.seed = seed, .stream = purpose << 56 ^ index};
    return random;
}

uint64_t mlpbn__random_bits(mlpbn__random *random)
{
    if (random->left == 0) {
        mlpbn__philox(random->block, random->seed, random->stream, random->counter++);
        random->left = 2;
    }
    random->left--;
    const uint32_t *pair = random->block + 2 * random->left;
    return (uint64_t)pair[1] << 32 | pair[0];
}

uint64_t mlpbn__random_below(mlpbn__random *random, uint64_t bound)
{
    uint64_t excess = (UINT64_MAX % bound + 1) % bound; /* 2^64 mod bound */
    uint64_t bits;
    do
        bits = mlpbn__random_bits(random);
    while (bits > UINT64_MAX - excess);
    return bits % bound;
}

/* The result is never 0, so that its logarithm is finite. */
double mlpbn__random_uniform(mlpbn__random *random)
{
    return (double)((mlpbn__random_bits(random) >> 11) + 1) * 0x1p-53;
}

void mlpbn__random_normals(mlpbn__random *random, double normals[2])
{
    double radius = sqrt(-2 * log(mlpbn__random_uniform(random)));
    double angle = 6.283185307179586 * mlpbn__random_uniform(random);
    normals[0] = radius * cos(angle);
    normals[1] = radius * sin(angle);
}
