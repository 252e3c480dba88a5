/* Passes over one array: sums, the largest magnitude, y += factor * x. Sums are carried in
 * several lanes, which the compiler turns into vectors, and in double. */
#include "kernel/isa.h"

#include <string.h>

enum { SUM_LANES = 16 };

static double sum_of_lanes(double lanes[SUM_LANES])
{
    for (size_t half = SUM_LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

double K(sum)(size_t n, const real *x)
{
    double lanes[SUM_LANES] = {0};
    size_t j = 0;
    for (; j + SUM_LANES <= n; j += SUM_LANES)
        for (size_t i = 0; i < SUM_LANES; i++)
            lanes[i] += (double)x[j + i];
    for (size_t i = 0; j + i < n; i++)
        lanes[i] += (double)x[j + i];
    return sum_of_lanes(lanes);
}

double K(sum_squares)(size_t n, const real *x)
{
    double lanes[SUM_LANES] = {0};
    size_t j = 0;
    for (; j + SUM_LANES <= n; j += SUM_LANES)
        for (size_t i = 0; i < SUM_LANES; i++)
            lanes[i] += (double)x[j + i] * (double)x[j + i];
    for (size_t i = 0; j + i < n; i++)
        lanes[i] += (double)x[j + i] * (double)x[j + i];
    return sum_of_lanes(lanes);
}

double K(sum_centred_squares)(size_t n, const real *x, double centre, double *sum)
{
    double squares[SUM_LANES] = {0}, lanes[SUM_LANES] = {0};
    size_t j = 0;
    for (; j + SUM_LANES <= n; j += SUM_LANES)
        for (size_t i = 0; i < SUM_LANES; i++) {
            double centred = (double)x[j + i] - centre;
            lanes[i] += centred;
            squares[i] += centred * centred;
        }
    for (size_t i = 0; j + i < n; i++) {
        double centred = (double)x[j + i] - centre;
        lanes[i] += centred;
        squares[i] += centred * centred;
    }
    *sum = sum_of_lanes(lanes);
    return sum_of_lanes(squares);
}

double K(sum_products)(size_t n, const real *x, const real *y)
{
    double lanes[SUM_LANES] = {0};
    size_t j = 0;
    for (; j + SUM_LANES <= n; j += SUM_LANES)
        for (size_t i = 0; i < SUM_LANES; i++)
            lanes[i] += (double)x[j + i] * (double)y[j + i];
    for (size_t i = 0; j + i < n; i++)
        lanes[i] += (double)x[j + i] * (double)y[j + i];
    return sum_of_lanes(lanes);
}

/* Without its sign bit a floating-point number orders as its bits do as an integer, with
 * infinity above all finite ones and NaN above infinity: so a NaN is never lost. */
real K(magnitude)(size_t n, const real *x)
{
#if MLPBN_REAL == 32
    typedef uint32_t bits;
#else
    typedef uint64_t bits;
#endif
    const bits without_sign = (bits)-1 >> 1;
    bits largest = 0;
    for (size_t j = 0; j < n; j++) {
        bits b;
        memcpy(&b, x + j, sizeof b);
        b &= without_sign;
        largest = b > largest ? b : largest;
    }
    real magnitude;
    memcpy(&magnitude, &largest, sizeof magnitude);
    return magnitude;
}

void K(add_scaled)(size_t n, real factor, const real *x, real *y)
{
    for (size_t j = 0; j < n; j++)
        y[j] += factor * x[j];
}
