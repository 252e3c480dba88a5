/* FNV-1a of 64 bits (Fowler, Noll and Vo, 1991). It detects accidents, not attacks: any change
 * within one byte, and others but for one in 2^64.
 *
 * A file holds the checksum of its contents (docs/format.md) as 16 hexadecimal digits. It does not
 * depend on the order of keys and tensors, which other programs change when they save a file that
 * they have loaded. */
#ifndef MLPBN_IO_SAFETENSORS_CHECKSUM_H
#define MLPBN_IO_SAFETENSORS_CHECKSUM_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MLPBN__CHECKSUM_INIT UINT64_C(0xcbf29ce484222325)
#define MLPBN__CHECKSUM_PREFIX "fnv1a64:"

/* The text of a checksum. */
enum {
    MLPBN__CHECKSUM_PREFIX_LENGTH = sizeof MLPBN__CHECKSUM_PREFIX - 1,
    MLPBN__CHECKSUM_DIGITS = 16,
    MLPBN__CHECKSUM_LENGTH = MLPBN__CHECKSUM_PREFIX_LENGTH + MLPBN__CHECKSUM_DIGITS
};

static inline void mlpbn__checksum_format(char text[MLPBN__CHECKSUM_LENGTH + 1],
                                          uint64_t checksum)
{
    snprintf(text, MLPBN__CHECKSUM_LENGTH + 1, MLPBN__CHECKSUM_PREFIX "%016" PRIx64,
             checksum);
}

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
