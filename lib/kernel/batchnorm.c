/* Batch normalization of one unit (Ioffe and Szegedy, 2015, Algorithm 1), whose values are
 * contiguous. docs/math.md derives the backward pass. */
#include "kernel/simd.h"

#include <math.h>
#include <string.h>

/* Computes the moments by the corrected two-pass algorithm (Chan, Golub and LeVeque, 1983) in
 * double, so that values with a large mean, or tiny values, lose no digits. */
void K(batchnorm_forward)(R(batchnorm_args) *args)
{
    const size_t n = args->n;
    const real gamma = args->gamma, beta = args->beta;
    real *x = args->x, *y = args->y;
    double mean = K(mean)(n, x), residual_sum;
    double variance = K(sum_squared_deviations)(n, x, mean, &residual_sum) / (double)n;
    const double mean_lo = residual_sum / (double)n;
    variance -= mean_lo * mean_lo;
    if (variance < 0) /* by rounding; NaN is kept */
        variance = 0;
    double inverse_deviation = 1 / sqrt(variance + args->eps);
    size_t j = 0;
    for (; j + F64_LANES <= n; j += F64_LANES) {
        vec_f64 xhat = (load_f64(x + j) - mean - mean_lo) * inverse_deviation;
        vec_half scaled = gamma * store_f64(xhat, x + j) + beta;
        memcpy(y + j, &scaled, sizeof scaled);
    }
    for (; j < n; j++) {
        x[j] = (real)(((double)x[j] - mean - mean_lo) * inverse_deviation);
        y[j] = gamma * x[j] + beta;
    }
    clear_padding(1, n, 0, y);
    *args->moments = (mlpbn__moments){mean + mean_lo, variance, inverse_deviation};
}

/* dx = gamma / deviation * (dy - mean(dy) - xhat * mean(dy * xhat)) */
void K(batchnorm_backward)(R(batchnorm_args) *args)
{
    const size_t n = args->n;
    const real *xhat = args->x;
    real *d = args->d;
    double sum = K(sum)(n, d);
    double sum_xhat = K(dot)(n, d, xhat);
    double mean = sum / (double)n, mean_xhat = sum_xhat / (double)n;
    double factor = (double)args->gamma * args->moments->inverse_deviation;
    size_t j = 0;
    for (; j + F64_LANES <= n; j += F64_LANES)
        store_f64(factor * (load_f64(d + j) - mean - load_f64(xhat + j) * mean_xhat),
                  d + j);
    for (; j < n; j++)
        d[j] = (real)(factor * ((double)d[j] - mean - (double)xhat[j] * mean_xhat));
    clear_padding(1, n, 0, d);
    args->d_gamma = (real)sum_xhat;
    args->d_beta = (real)sum;
}

/* dx = gamma / deviation * dy */
void K(frozen_backward)(R(batchnorm_args) *args)
{
    args->d_gamma = (real)K(dot)(args->n, args->d, args->x);
    args->d_beta = (real)K(sum)(args->n, args->d);
    real factor = args->gamma * (real)args->moments->inverse_deviation;
    K(affine)
    (&(R(affine_args)){
        .units = 1, .n = args->n, .x = args->d, .scale = &factor, .y = args->d});
}

/* Batchnorm by the running statistics, gamma (x + bias - mean) / sqrt(var + eps) + beta, is the
 * affine map (x - center) * scale + beta. This computes center [units] and scale [units], by
 * which `affine` applies it. */
void K(running_affine)(const R(running_args) *args)
{
    const real *mean = args->mean, *variance = args->variance, *bias = args->bias,
               *gamma = args->gamma;
    const double eps = args->eps;
    real *restrict center = args->center, *restrict scale = args->scale;
    for (size_t u = 0, units = args->units; u < units; u++) {
        double deviation = sqrt((double)variance[u] + eps);
        center[u] = bias ? mean[u] - bias[u] : mean[u];
        scale[u] = (real)((gamma ? (double)gamma[u] : 1) / deviation);
    }
}

/* The affine map of a single row, whose units are adjacent. */
static void affine_row(const R(affine_args) *args)
{
    const size_t units = args->units;
    const real *x = args->x, *centers = args->center, *scales = args->scale,
               *shifts = args->shift;
    real *y = args->y;
    for (size_t u = 0; u < R(padded)(units); u += LANES) {
        vec center = {0}, scale = vec_broadcast(1), shift = {0};
        if (centers)
            center = *(const vec_unaligned *)(centers + u);
        if (scales)
            scale = *(const vec_unaligned *)(scales + u);
        if (shifts)
            shift = *(const vec_unaligned *)(shifts + u);
        vec v = vec_fma(*(const vec *)(x + u) - center, scale, shift);
        if (u + LANES > units)
            v = (vec)((vec_bits)v & tail_mask(u < units ? units - u : 0));
        *(vec *)(y + u) = v;
    }
}

void K(affine)(const R(affine_args) *args)
{
    const size_t n = args->n, ld = args->ld, whole = n / LANES * LANES;
    const vec_bits tail = tail_mask(n - whole);
    const real *x = args->x, *centers = args->center, *scales = args->scale,
               *shifts = args->shift;
    real *y = args->y;
    if (ld == 1) {
        affine_row(args);
        return;
    }
    for (size_t u = 0, units = args->units; u < units; u++, x += ld, y += ld) {
        vec center = vec_broadcast(centers ? centers[u] : 0);
        vec scale = vec_broadcast(scales ? scales[u] : 1);
        vec shift = vec_broadcast(shifts ? shifts[u] : 0);
        for (size_t j = 0; j < R(padded)(n); j += LANES) {
            vec v = vec_fma(*(const vec *)(x + j) - center, scale, shift);
            if (j >= whole)
                v = (vec)((vec_bits)v & (j == whole ? tail : (vec_bits){0}));
            *(vec *)(y + j) = v;
        }
    }
}
