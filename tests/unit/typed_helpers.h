/* What the tests of kernels share: every table this CPU can run, irregular numbers, and
 * comparison with a long-double reference. */
#ifndef TYPED_HELPERS_H
#define TYPED_HELPERS_H

#include "base/random.h"
#include "kernel/kernels.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define SUITE_SUFFIX (MLPBN_REAL == 32 ? " f32" : " f64")
#include "../runner/suites.h"

static const char *const isa_names[] = {"generic", "avx2", "avx512"};
enum { ISA_COUNT = LENGTH(isa_names) };

/* KERNEL_TEST(name, n) { ... } tests the kernels of every instruction set that CPU and build
 * have, for each _i from 0 to n - 1. */
#define KERNEL_TEST(name, n) ADD_KERNEL_TEST(name, n, 0)
#define LARGE_KERNEL_TEST(name) ADD_KERNEL_TEST(name, 1, 1)
#define ADD_KERNEL_TEST(name, n, is_large)                                               \
    static void name##_of(const R(kernels) *kernels, int _i);                            \
    ADD_TEST(name, ISA_COUNT *(int)(n), is_large)                                        \
    {                                                                                    \
        const R(kernels) *kernels = R(find_kernels)(isa_names[_i / (int)(n)]);           \
        if (kernels)                                                                     \
            name##_of(kernels, _i % (int)(n));                                           \
    }                                                                                    \
    static void name##_of(CK_ATTRIBUTE_UNUSED const R(kernels) *kernels,                 \
                          CK_ATTRIBUTE_UNUSED int _i)

/* Arguments of a kernel; those that are not told are 0 or NULL. */
#define ARGS(type, ...) ((R(type)){__VA_ARGS__})

/* Normal numbers with this deviation. */
static inline void draw(real *x, size_t n, double sigma, uint64_t seed)
{
    mlpbn__random random = mlpbn__random_new(seed, 77, 0);
    for (size_t i = 0; i < n; i++) {
        double pair[2];
        mlpbn__random_normals(&random, pair);
        x[i] = (real)(sigma * pair[0]);
    }
}

/* Whether long double has more digits and a wider range than double, when it runs: under
 * valgrind it is double, whatever the compiler says. */
static inline int long_double_is_wider(void)
{
    volatile long double epsilon = LDBL_EPSILON, smallest = LDBL_MIN;
    return LDBL_EPSILON < (long double)DBL_EPSILON && 1 + epsilon != 1 && smallest > 0;
}

/* |got - expected| <= units of rounding * scale, where scale is the size of what was
 * added up. Check writes a file at each of its assertions, even those that hold: too slow for
 * each element of a matrix. */
static inline void assert_close(real got, long double expected, long double scale,
                                double units)
{
    long double error = fabsl((long double)got - expected);
    if (!(error <= (long double)units * (long double)REAL_EPSILON * scale))
        ck_abort_msg("got %.17g, expected %.17Lg: off by %.3Lg roundings", (double)got,
                     expected, error / ((long double)REAL_EPSILON * scale));
}

#endif
