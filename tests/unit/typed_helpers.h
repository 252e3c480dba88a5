/* What the tests of kernels share: every table this CPU can run, irregular numbers, and
 * comparison with a long-double reference. */
#ifndef TYPED_HELPERS_H
#define TYPED_HELPERS_H

#include "base/random.h"
#include "kernel/kernels.h"

#include <check.h>
#include <math.h>

static const char *const isa_names[] = {"generic", "avx2", "avx512"};
enum { ISA_COUNT = sizeof isa_names / sizeof *isa_names };

/* The kernels of the loop test's instruction set; NULL where CPU or build lack it. */
static inline const R(kernels) *kernels_of(int i)
{
    return R(find_kernels)(isa_names[i]);
}

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

/* |got - expected| <= units of rounding * scale, where scale is the size of what was
 * added up. */
static inline void assert_close(real got, long double expected, long double scale,
                                double units)
{
    long double error = fabsl((long double)got - expected);
    ck_assert_msg(error <= (long double)units * (long double)REAL_EPSILON * scale,
                  "got %.17g, expected %.17Lg: off by %.3Lg roundings", (double)got,
                  expected, error / ((long double)REAL_EPSILON * scale));
}

#endif
