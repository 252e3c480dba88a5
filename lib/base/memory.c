#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>

size_t mlpbn__multiply(size_t a, size_t b)
{
    return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

void *mlpbn__arena_alloc(mlpbn__arena *arena, size_t count, size_t size)
{
    size_t bytes = mlpbn__multiply(count, size);
    if (bytes > SIZE_MAX - MLPBN__ALIGNMENT)
        arena->used = SIZE_MAX;
    else
        bytes = (bytes + MLPBN__ALIGNMENT - 1) & ~(size_t)(MLPBN__ALIGNMENT - 1);
    if (arena->used == SIZE_MAX || bytes > SIZE_MAX - arena->used) {
        arena->used = SIZE_MAX;
        return NULL;
    }
    void *array = arena->base ? arena->base + arena->used : NULL;
    arena->used += bytes;
    return array;
}

int mlpbn__arena_overflowed(const mlpbn__arena *arena)
{
    return arena->used > PTRDIFF_MAX;
}

/* Uses calloc, for which the system provides large blocks as zero pages without writing them.
 * calloc does not align to 64 bytes, so the aligned block begins somewhat later. The pointer
 * that free needs is stored right before it. */
void *mlpbn__memory_new(size_t bytes)
{
    if (bytes > PTRDIFF_MAX - 2 * MLPBN__ALIGNMENT)
        return NULL;
    char *raw = calloc(1, bytes + 2 * MLPBN__ALIGNMENT);
    if (!raw)
        return NULL;
    size_t shift = MLPBN__ALIGNMENT - (uintptr_t)raw % MLPBN__ALIGNMENT;
    if (shift < sizeof raw)
        shift += MLPBN__ALIGNMENT;
    char *aligned = raw + shift;
    ((char **)(void *)aligned)[-1] = raw;
    return aligned;
}

void mlpbn__memory_free(void *memory)
{
    if (memory)
        free(((char **)memory)[-1]);
}

size_t mlpbn__row_stride(size_t n, size_t element)
{
    size_t per_line = MLPBN__ALIGNMENT / element;
    if (n > SIZE_MAX / element - 2 * per_line)
        return SIZE_MAX;
    size_t stride = (n + per_line - 1) / per_line * per_line;
    return stride * element % 1024 == 0 ? stride + per_line : stride;
}
