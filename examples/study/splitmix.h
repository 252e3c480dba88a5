/* SplitMix64 (Steele, Lea and Flood, 2014): random numbers, the same on every machine. */
#ifndef SPLITMIX_H
#define SPLITMIX_H

#include <stdint.h>

/* Returns the next 64 random bits. */
static inline uint64_t splitmix_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Returns an integer from low to high, both included. */
static inline int splitmix_between(uint64_t *state, int low, int high)
{
    uint64_t range = (uint64_t)(high - low) + 1;
    return low + (int)((splitmix_bits(state) >> 32) * range >> 32);
}

/* Returns a number in [0, 1). */
static inline double splitmix_unit(uint64_t *state)
{
    return (double)(splitmix_bits(state) >> 11) * 0x1p-53;
}

#endif
