/* FNV-1a of 64 bits (Fowler, Noll and Vo, 1991). It detects accidents, not attacks. */
#ifndef MLPBN_IO_SAFETENSORS_CHECKSUM_H
#define MLPBN_IO_SAFETENSORS_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#define MLPBN__CHECKSUM_INIT UINT64_C(0xcbf29ce484222325)

/* Returns the checksum of the bytes so far, followed by these n. */
static inline uint64_t mlpbn__checksum_update(uint64_t checksum, const void *bytes,
                                              size_t n)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i++)
        checksum = (checksum ^ b[i]) * UINT64_C(0x100000001b3);
    return checksum;
}

#endif
