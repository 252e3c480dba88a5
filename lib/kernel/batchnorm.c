/* Batch normalization of one unit (Ioffe and Szegedy, 2015, Algorithm 1), whose batch is one
 * contiguous row. docs/math.md derives the backward pass. */
#include "kernel/simd.h"

#include <math.h>
#include <string.h>

/* Corrected two-pass algorithm (Chan, Golub and LeVeque, 1983), in double, so that rows far
 * from 0, or tiny ones, keep all the digits that they have. */
void K(batchnorm_forward)(R(batchnorm_args) *args)
{
    const size_t n = args->n;
    const real gamma = args->gamma, beta = args->beta;
    real *x = args->x, *y = args->y;
    double mean = K(sum)(n, x) / (double)n, mean_lo;
    double variance = K(sum_centred_squares)(n, x, mean, &mean_lo) / (double)n;
    mean_lo /= (double)n;
    variance -= mean_lo * mean_lo;
    if (variance < 0) /* by rounding; a NaN stays one */
        variance = 0;
    double inverse_deviation = 1 / sqrt(variance + args->eps);
    size_t j = 0;
    for (; j + WIDE <= n; j += WIDE) {
        wide xhat = (load_wide(x + j) - mean - mean_lo) * inverse_deviation;
        narrow scaled = gamma * store_wide(xhat, x + j) + beta;
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
    double sum_xhat = K(sum_products)(n, d, xhat);
    double mean = sum / (double)n, mean_xhat = sum_xhat / (double)n;
    double factor = (double)args->gamma * args->moments->inverse_deviation;
    size_t j = 0;
    for (; j + WIDE <= n; j += WIDE)
        store_wide(factor * (load_wide(d + j) - mean - load_wide(xhat + j) * mean_xhat),
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
    args->d_gamma = (real)K(sum_products)(args->n, args->d, args->x);
    args->d_beta = (real)K(sum)(args->n, args->d);
    real factor = args->gamma * (real)args->moments->inverse_deviation;
    K(affine)
    (&(R(affine_args)){
        .units = 1, .n = args->n, .x = args->d, .scale = &factor, .y = args->d});
}

void K(running_affine)(const R(running_args) *args)
{
    const real *bias = args->bias, *gamma = args->gamma;
    real *restrict center = args->center, *restrict scale = args->scale;
    for (size_t u = 0; u < args->units; u++) {
        double deviation = sqrt((double)args->variance[u] + args->eps);
        center[u] = bias ? args->mean[u] - bias[u] : args->mean[u];
        scale[u] = (real)((gamma ? (double)gamma[u] : 1) / deviation);
    }
}

/* One row, whose units are neighbors. */
static void affine_row(const R(affine_args) *args)
{
    const size_t units = args->units;
    for (size_t u = 0; u < R(padded)(units); u += LANES) {
        vector center = {0}, scale = (vector){0} + 1, shift = {0};
        if (args->center)
            center = *(const loose_vector *)(args->center + u);
        if (args->scale)
            scale = *(const loose_vector *)(args->scale + u);
        if (args->shift)
            shift = *(const loose_vector *)(args->shift + u);
        vector v = multiply_add(*(const vector *)(args->x + u) - center, scale, shift);
        if (u + LANES > units)
            v = (vector)((lanes)v & lanes_below(u < units ? units - u : 0));
        *(vector *)(args->y + u) = v;
    }
}

void K(affine)(const R(affine_args) *args)
{
    const size_t n = args->n, whole = n / LANES * LANES;
    const lanes tail = lanes_below(n - whole);
    const real *x = args->x;
    real *y = args->y;
    if (args->ld == 1) {
        affine_row(args);
        return;
    }
    for (size_t u = 0; u < args->units; u++, x += args->ld, y += args->ld) {
        vector center = (args->center ? args->center[u] : 0) - (vector){0};
        vector scale = (args->scale ? args->scale[u] : 1) - (vector){0};
        vector shift = (args->shift ? args->shift[u] : 0) - (vector){0};
        for (size_t j = 0; j < R(padded)(n); j += LANES) {
            vector v = multiply_add(*(const vector *)(x + j) - center, scale, shift);
            if (j >= whole)
                v = (vector)((lanes)v & (j == whole ? tail : (lanes){0}));
            *(vector *)(y + j) = v;
        }
    }
}
