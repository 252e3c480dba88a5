/* Passes over one array: sums, the largest magnitude, y += factor * x. Sums are carried in
 * double, in the lanes of two vectors, so that an addition need not wait for the last. */
#include "kernel/simd.h"

double K(sum)(size_t n, const real *x)
{
    wide even = {0}, odd = {0};
    double rest = 0;
    size_t j = 0;
    for (; j + 2 * WIDE <= n; j += 2 * WIDE) {
        even += load_wide(x + j);
        odd += load_wide(x + j + WIDE);
    }
    for (; j < n; j++)
        rest += (double)x[j];
    return add_lanes(even + odd) + rest;
}

double K(sum_products)(size_t n, const real *x, const real *y)
{
    wide even = {0}, odd = {0};
    double rest = 0;
    size_t j = 0;
    for (; j + 2 * WIDE <= n; j += 2 * WIDE) {
        even += load_wide(x + j) * load_wide(y + j);
        odd += load_wide(x + j + WIDE) * load_wide(y + j + WIDE);
    }
    for (; j < n; j++)
        rest += (double)x[j] * (double)y[j];
    return add_lanes(even + odd) + rest;
}

double K(sum_squares)(size_t n, const real *x)
{
    return K(sum_products)(n, x, x);
}

double K(sum_centred_squares)(size_t n, const real *x, double centre, double *sum)
{
    wide squares[2] = {{0}}, sums[2] = {{0}};
    double rest = 0, rest_squares = 0;
    size_t j = 0;
    for (; j + 2 * WIDE <= n; j += 2 * WIDE) {
        wide even = load_wide(x + j) - centre, odd = load_wide(x + j + WIDE) - centre;
        sums[0] += even;
        sums[1] += odd;
        squares[0] += even * even;
        squares[1] += odd * odd;
    }
    for (; j < n; j++) {
        double centred = (double)x[j] - centre;
        rest += centred;
        rest_squares += centred * centred;
    }
    *sum = add_lanes(sums[0] + sums[1]) + rest;
    return add_lanes(squares[0] + squares[1]) + rest_squares;
}

real K(magnitude)(size_t n, const real *x)
{
    lanes most[4] = {{0}};
    size_t j = 0;
    for (; j + 4 * LANES <= n; j += 4 * LANES)
        for (size_t i = 0; i < 4; i++)
            most[i] = larger_bits(
                most[i], magnitude_bits(*(const loose_vector *)(x + j + i * LANES)));
    for (; j + LANES <= n; j += LANES)
        most[0] = larger_bits(most[0], magnitude_bits(*(const loose_vector *)(x + j)));
    if (j < n)
        most[0] = larger_bits(most[0], magnitude_bits(*(const loose_vector *)(x + j)) &
                                           lanes_below(n - j));
    return largest_lane(
        larger_bits(larger_bits(most[0], most[1]), larger_bits(most[2], most[3])));
}

void K(add_scaled)(size_t n, real factor, const real *x, real *y)
{
    for (size_t j = 0; j < n; j++)
        y[j] += factor * x[j];
}
