/* Aligned memory, and an arena that divides one block of memory into the arrays of a handle.
 *
 * A layout function allocates its arrays from the arena in order. It runs twice: first on an
 * arena without memory, which only measures, and then on one with a block of that size:
 *
 *   | handle | array | array | ...      each begins at a multiple of 64 bytes
 */
#ifndef MLPBN_BASE_MEMORY_H
#define MLPBN_BASE_MEMORY_H

#include <stddef.h>

enum { MLPBN__ALIGNMENT = 64 }; /* bytes: a cache line and the widest vector */

typedef struct mlpbn__arena {
    char *base;  /* the block; NULL: the arena only measures */
    size_t used; /* bytes allocated; SIZE_MAX after an overflow */
} mlpbn__arena;

/* Allocates the next count * size bytes. Returns NULL if the arena only measures. */
void *mlpbn__arena_alloc(mlpbn__arena *arena, size_t count, size_t size);

/* Whether the measured size is too large for any allocation. */
int mlpbn__arena_overflowed(const mlpbn__arena *arena);

/* a * b, or SIZE_MAX if that overflows. */
size_t mlpbn__multiply(size_t a, size_t b);

/* Allocates zeroed memory, aligned to 64 bytes. Returns NULL if there is none. */
void *mlpbn__memory_new(size_t bytes);
void mlpbn__memory_free(void *memory);

/* The stride of a matrix whose rows have n elements of `element` bytes, in elements. In bytes
 * it is a multiple of 64, so that every row is aligned and vector loops need no tail, but not
 * a multiple of 1024, for which many rows would map to the same set of the L1 cache. Returns
 * SIZE_MAX if that overflows. */
size_t mlpbn__row_stride(size_t n, size_t element);

#endif
