/* One block of memory per handle, carved into arrays by an arena.
 *
 * A lay-out function takes its arrays from the arena in order. It runs twice: first on an
 * arena without memory, which only measures, then on one with a block of that size:
 *
 *   | handle | array | array | ...      each begins at a multiple of 64 bytes
 */
#ifndef MLPBN_BASE_MEMORY_H
#define MLPBN_BASE_MEMORY_H

#include <stddef.h>

enum { MLPBN__ALIGNMENT = 64 }; /* bytes: a cache line, and the widest vector */

typedef struct mlpbn__arena {
    char *base;  /* NULL: measuring */
    size_t used; /* bytes; SIZE_MAX once a size has overflowed */
} mlpbn__arena;

/* The next count * size bytes; NULL while measuring. */
void *mlpbn__arena_take(mlpbn__arena *arena, size_t count, size_t size);

/* What measuring came to cannot be allocated on any machine. */
int mlpbn__arena_overflowed(const mlpbn__arena *arena);

/* a * b, or SIZE_MAX where that does not fit. */
size_t mlpbn__multiply(size_t a, size_t b);

/* Zeroed memory, 64-byte aligned; NULL if there is none. */
void *mlpbn__memory_new(size_t bytes);
void mlpbn__memory_free(void *memory);

/* Elements from row to row for rows of n: a multiple of 64 bytes, so that every row is
 * aligned and vectors need no tail, but not of 1 KiB, or rows would fall on the same
 * lines of the first-level cache. */
size_t mlpbn__row_stride(size_t n, size_t element);

#endif
