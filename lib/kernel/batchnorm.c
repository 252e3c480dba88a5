/* Batch normalization of one unit (Ioffe and Szegedy, 2015, Algorithm 1), whose batch is
 * one contiguous row. docs/math.md derives the backward pass. */
#include "kernel/simd.h"

#include <math.h>
#include <string.h>

/* Corrected two-pass algorithm (Chan, Golub and LeVeque, 1983), in double, so that rows far
 * from 0, or tiny ones, keep all the digits that they have. */
void K(batchnorm_forward)(size_t n, real *z, real gamma, real beta, double eps, real *y,
                          mlpbn__moments *moments)
{
    double mean = K(sum)(n, z) / (double)n, rest;
    double variance = K(sum_squared_deviations)(n, z, mean, &rest) / (double)n;
    rest /= (double)n;
    variance -= rest * rest;
    if (variance < 0) /* by rounding; a NaN stays one */
        variance = 0;
    double inverse_deviation = 1 / sqrt(variance + eps);
    size_t j = 0;
    for (; j + F64_LANES <= n; j += F64_LANES) {
        vec_f64 xhat = (load_f64(z + j) - mean - rest) * inverse_deviation;
        vec_half scaled = gamma * store_f64(xhat, z + j) + beta;
        memcpy(y + j, &scaled, sizeof scaled);
    }
    for (; j < n; j++) {
        z[j] = (real)(((double)z[j] - mean - rest) * inverse_deviation);
        y[j] = gamma * z[j] + beta;
    }
    clear_padding(1, n, 0, y);
    *moments = (mlpbn__moments){mean + rest, variance, inverse_deviation};
}

/* dz = gamma / deviation * (dy - mean(dy) - xhat * mean(dy * xhat)) */
void K(batchnorm_backward)(size_t n, const real *xhat, real gamma,
                           const mlpbn__moments *moments, real *d, real gradients[2])
{
    double sum = K(sum)(n, d);
    double sum_xhat = K(dot)(n, d, xhat);
    double mean = sum / (double)n, mean_xhat = sum_xhat / (double)n;
    double factor = (double)gamma * moments->inverse_deviation;
    size_t j = 0;
    for (; j + F64_LANES <= n; j += F64_LANES)
        store_f64(factor * (load_f64(d + j) - mean - load_f64(xhat + j) * mean_xhat),
                  d + j);
    for (; j < n; j++)
        d[j] = (real)(factor * ((double)d[j] - mean - (double)xhat[j] * mean_xhat));
    clear_padding(1, n, 0, d);
    gradients[0] = (real)sum_xhat;
    gradients[1] = (real)sum;
}

/* By constants: dz = gamma / deviation * dy */
void K(frozen_backward)(size_t n, const real *xhat, real gamma,
                        const mlpbn__moments *moments, real *d, real gradients[2])
{
    gradients[0] = (real)K(dot)(n, d, xhat);
    gradients[1] = (real)K(sum)(n, d);
    real factor = gamma * (real)moments->inverse_deviation;
    K(affine)(1, n, 0, d, NULL, &factor, NULL, d);
}

void K(running_affine)(size_t units, const real *mean, const real *variance,
                       const real *bias, const real *gamma, double eps,
                       real *restrict center, real *restrict scale)
{
    for (size_t u = 0; u < units; u++) {
        double deviation = sqrt((double)variance[u] + eps);
        center[u] = bias ? mean[u] - bias[u] : mean[u];
        scale[u] = (real)((gamma ? (double)gamma[u] : 1) / deviation);
    }
}

static void affine_row(size_t units, const real *z, const real *mean, const real *scale,
                       const real *shift, real *y)
{
    for (size_t u = 0; u < R(padded)(units); u += LANES) {
        vec center = {0}, factor = (vec){0} + 1, added = {0};
        if (mean)
            center = *(const vec_unaligned *)(mean + u);
        if (scale)
            factor = *(const vec_unaligned *)(scale + u);
        if (shift)
            added = *(const vec_unaligned *)(shift + u);
        vec v = vec_fma(*(const vec *)(z + u) - center, factor, added);
        if (u + LANES > units)
            v = (vec)((vec_bits)v & tail_mask(u < units ? units - u : 0));
        *(vec *)(y + u) = v;
    }
}

void K(affine)(size_t units, size_t n, size_t ld, const real *z, const real *mean,
               const real *scale, const real *shift, real *y)
{
    if (ld == 1) {
        affine_row(units, z, mean, scale, shift, y);
        return;
    }
    const size_t whole = n / LANES * LANES;
    const vec_bits rest = tail_mask(n - whole);
    for (size_t u = 0; u < units; u++, z += ld, y += ld) {
        vec center = (mean ? mean[u] : 0) - (vec){0};
        vec factor = (scale ? scale[u] : 1) - (vec){0};
        vec added = (shift ? shift[u] : 0) - (vec){0};
        for (size_t j = 0; j < R(padded)(n); j += LANES) {
            vec v = vec_fma(*(const vec *)(z + j) - center, factor, added);
            if (j >= whole)
                v = (vec)((vec_bits)v & (j == whole ? rest : (vec_bits){0}));
            *(vec *)(y + j) = v;
        }
    }
}
