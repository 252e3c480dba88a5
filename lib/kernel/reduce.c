/* Reductions and axpy (kernel/reduce.h). Sums are accumulated in double, in two vectors, so
 * that an addition does not wait for the previous one. */
#include "kernel/simd.h"

#include <math.h>

double K(sum)(size_t n, const real *x)
{
    vec_f64 even = {0}, odd = {0};
    double tail_sum = 0;
    size_t j = 0;
    for (; j + 2 * F64_LANES <= n; j += 2 * F64_LANES) {
        even += load_f64(x + j);
        odd += load_f64(x + j + F64_LANES);
    }
    for (; j < n; j++)
        tail_sum += (double)x[j];
    return hsum(even + odd) + tail_sum;
}

/* If the sum overflows, it is computed of numbers that are so small that it cannot. */
double K(mean)(size_t n, const real *x)
{
    const double scale = 0x1p-64;
    double mean = K(sum)(n, x) / (double)n, scaled_sum = 0;
    if (isfinite(mean))
        return mean;
    for (size_t j = 0; j < n; j++)
        scaled_sum += scale * (double)x[j];
    return scaled_sum / (double)n / scale;
}

double K(dot)(size_t n, const real *x, const real *y)
{
    vec_f64 even = {0}, odd = {0};
    double tail_sum = 0;
    size_t j = 0;
    for (; j + 2 * F64_LANES <= n; j += 2 * F64_LANES) {
        even += load_f64(x + j) * load_f64(y + j);
        odd += load_f64(x + j + F64_LANES) * load_f64(y + j + F64_LANES);
    }
    for (; j < n; j++)
        tail_sum += (double)x[j] * (double)y[j];
    return hsum(even + odd) + tail_sum;
}

double K(sum_squares)(size_t n, const real *x)
{
    return K(dot)(n, x, x);
}

double K(sum_squared_deviations)(size_t n, const real *x, double center, double *sum)
{
    vec_f64 squares[2] = {{0}}, sums[2] = {{0}};
    double tail_sum = 0, tail_squares = 0;
    size_t j = 0;
    for (; j + 2 * F64_LANES <= n; j += 2 * F64_LANES) {
        vec_f64 even = load_f64(x + j) - center,
                odd = load_f64(x + j + F64_LANES) - center;
        sums[0] += even;
        sums[1] += odd;
        squares[0] += even * even;
        squares[1] += odd * odd;
    }
    for (; j < n; j++) {
        double centered = (double)x[j] - center;
        tail_sum += centered;
        tail_squares += centered * centered;
    }
    *sum = hsum(sums[0] + sums[1]) + tail_sum;
    return hsum(squares[0] + squares[1]) + tail_squares;
}

real K(max_abs)(size_t n, const real *x)
{
    vec_bits max[4] = {{0}};
    size_t j = 0;
    for (; j + 4 * LANES <= n; j += 4 * LANES)
        for (size_t i = 0; i < 4; i++)
            max[i] =
                max_bits(max[i], abs_bits(*(const vec_unaligned *)(x + j + i * LANES)));
    for (; j + LANES <= n; j += LANES)
        max[0] = max_bits(max[0], abs_bits(*(const vec_unaligned *)(x + j)));
    if (j < n)
        max[0] = max_bits(max[0],
                          abs_bits(*(const vec_unaligned *)(x + j)) & tail_mask(n - j));
    return hmax(max_bits(max_bits(max[0], max[1]), max_bits(max[2], max[3])));
}

void K(axpy)(size_t n, real alpha, const real *x, real *y)
{
    for (size_t j = 0; j < n; j++)
        y[j] += alpha * x[j];
}
