/* The vectorized exponential function, in double. */
#ifndef MLPBN_KERNEL_EXP_H
#define MLPBN_KERNEL_EXP_H

#include "kernel/simd.h"

/* exp(x), within 2 ulp for x <= 0. It is 0 for x < -708, where the result would be subnormal,
 * and meaningless for x > 709.
 *
 * exp(x) = 2^n exp(r), where n is an integer and r = x - n log 2, |r| <= log(2) / 2. log 2 is
 * split into two parts (as in fdlibm's e_exp.c), so that n times the first is exact. The
 * Taylor series of exp(r) has 14 terms. Adding 1.5 * 2^52 to x / log 2 rounds it to an
 * integer, which is then in the last bits; shifted to the exponent bits, it multiplies by
 * 2^n. */
static inline vec_f64 vec_exp(vec_f64 x)
{
    typedef uint64_t bits __attribute__((vector_size(VECTOR_BYTES)));
    static const double one_over_factorials[] = {
        1.0 / 6227020800,
        1.0 / 479001600,
        1.0 / 39916800,
        1.0 / 3628800,
        1.0 / 362880,
        1.0 / 40320,
        1.0 / 5040,
        1.0 / 720,
        1.0 / 120,
        1.0 / 24,
        1.0 / 6,
        1.0 / 2,
        1,
        1,
    };
    const double min_x = -708, round = 0x1.8p52, log2_e = 1.44269504088896338700;
    const double log2_high = 6.93147180369123816490e-01,
                 log2_low = 1.90821492927058770002e-10;
    vec_f64 rounded = x * log2_e + round, n = rounded - round;
    vec_f64 r = x - n * log2_high - n * log2_low, e = {0};
    for (size_t i = 0; i < sizeof one_over_factorials / sizeof *one_over_factorials; i++)
        e = e * r + one_over_factorials[i];
    bits times_2n = (bits)e + ((bits)rounded << 52);
    return vec_select(x >= min_x, (vec_f64)times_2n, (vec_f64){0});
}

#endif
