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

static _Atomic(const R(kernels) *) selected;

void R(use_kernels)(const R(kernels) *table)
{
    selected = table;
}

const R(kernels) *R(find_kernels)(const char *name)
{
    const R(kernels) *table = NULL;
    for (size_t n = 0; (table = nth_runnable(n)) && strcmp(table->name, name) != 0; n++)
        ;
    return table;
}

/* The environment variable MLPBN_CPU may name a slower table, for tests and for comparison.
 * The function is not inlined into select_kernels, which is called for every unit of a layer. */
__attribute__((noinline)) static const R(kernels) *select_once(void)
{
    const char *name = getenv("MLPBN_CPU");
    const R(kernels) *named = name ? R(find_kernels)(name) : NULL;
    selected = named ? named : nth_runnable(0);
    return selected;
}

const R(kernels) *R(select_kernels)(void)
{
    const R(kernels) *table = selected;
    return table ? table : select_once();
}
