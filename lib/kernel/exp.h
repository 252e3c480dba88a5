/* exp(x) of several numbers at once, in double. */
#ifndef MLPBN_KERNEL_EXP_H
#define MLPBN_KERNEL_EXP_H

#include "kernel/simd.h"

/* Within 2 ulp for x <= 0; 0 below -708, where the normal numbers end; some number for x above
 * 709.
 *
 * exp(x) = 2^n exp(r), with n whole and r = x - n log 2 at most log(2) / 2 in magnitude;
 * log 2 comes in two parts (as in fdlibm's e_exp.c), of which the first times n is exact. Of
 * exp(r) the Taylor series needs 14 terms. Adding 1.5 * 2^52 rounds to a whole number and
 * leaves it in the last bits; shifted to where the exponent is, it multiplies by 2^n. */
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
    const double least = -708, round = 0x1.8p52, log2_e = 1.44269504088896338700;
    const double log2_high = 6.93147180369123816490e-01,
                 log2_low = 1.90821492927058770002e-10;
    vec_f64 rounded = x * log2_e + round, n = rounded - round;
    vec_f64 r = x - n * log2_high - n * log2_low, e = {0};
    for (size_t i = 0; i < sizeof one_over_factorials / sizeof *one_over_factorials; i++)
        e = e * r + one_over_factorials[i];
    bits times_2n = (bits)e + ((bits)rounded << 52);
    return vec_select(x >= least, (vec_f64)times_2n, (vec_f64){0});
}

#endif
