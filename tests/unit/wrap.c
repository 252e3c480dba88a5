/* Lets the n-th allocation fail: the program is linked with -Wl,--wrap. */
#include "wrap.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

long allocations_until_failure = -1;

static int fails(void)
{
    return allocations_until_failure >= 0 && allocations_until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}
