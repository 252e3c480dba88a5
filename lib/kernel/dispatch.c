/* Selects the kernels for this CPU. Compiled once for each dtype. */
#include "kernel/kernels.h"

#include <stdlib.h>
#include <string.h>

extern const R(kernels) R(kernels_generic);
#ifdef MLPBN_HAVE_AVX2
extern const R(kernels) R(kernels_avx2);
#endif
#ifdef MLPBN_HAVE_AVX512
extern const R(kernels) R(kernels_avx512);
#endif

/* The n-th fastest of the tables whose instructions this CPU can run; NULL if there are
 * fewer. */
static const R(kernels) *nth_runnable(size_t n)
{
    const R(kernels) *tables[3];
    size_t found = 0;
#ifdef MLPBN_HAVE_AVX512
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        tables[found++] = &R(kernels_avx512);
#endif
#ifdef MLPBN_HAVE_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        tables[found++] = &R(kernels_avx2);
#endif
    tables[found++] = &R(kernels_generic);
    return n < found ? tables[n] : NULL;
}

static const R(kernels) *at_load;
static _Atomic(const R(kernels) *) selected;

void R(use_kernels)(const R(kernels) *table)
{
    selected = table ? table : at_load;
}

const R(kernels) *R(find_kernels)(const char *name)
{
    const R(kernels) *table = NULL;
    for (size_t n = 0; (table = nth_runnable(n)) && strcmp(table->name, name) != 0; n++)
        ;
    return table;
}

/* The environment variable MLPBN_CPU may name a slower table, for tests and for comparison. It is
 * read when the library is loaded, since another thread may change the environment later. The
 * function is not inlined into select_kernels, which is called for every unit of a layer. */
__attribute__((constructor, noinline)) static void select_at_load(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    const char *name = getenv("MLPBN_CPU");
    const R(kernels) *named = name ? R(find_kernels)(name) : NULL;
    at_load = named ? named : nth_runnable(0);
    selected = at_load;
}

const R(kernels) *R(select_kernels)(void)
{
    const R(kernels) *table = selected;
    if (table)
        return table;
    select_at_load(); /* a constructor of the program is the caller */
    return at_load;
}
