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
    double variance = K(sum_centred_squares)(n, z, mean, &rest) / (double)n;
    rest /= (double)n;
    variance -= rest * rest;
    if (variance < 0) /* by rounding; a NaN stays one */
        variance = 0;
    double inverse_deviation = 1 / sqrt(variance + eps);
    size_t j = 0;
    for (; j + WIDE <= n; j += WIDE) {
        wide xhat = (load_wide(z + j) - mean - rest) * inverse_deviation;
        narrow scaled = gamma * store_wide(xhat, z + j) + beta;
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
    double sum_xhat = K(sum_products)(n, d, xhat);
    double mean = sum / (double)n, mean_xhat = sum_xhat / (double)n;
    double factor = (double)gamma * moments->inverse_deviation;
    size_t j = 0;
    for (; j + WIDE <= n; j += WIDE)
        store_wide(factor * (load_wide(d + j) - mean - load_wide(xhat + j) * mean_xhat),
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
    gradients[0] = (real)K(sum_products)(n, d, xhat);
    gradients[1] = (real)K(sum)(n, d);
    real factor = gamma * (real)moments->inverse_deviation;
    K(affine)(1, n, 0, d, NULL, &factor, NULL, d);
}

void K(running_affine)(size_t units, const real *mean, const real *variance,
                       const real *bias, const real *gamma, double eps,
                       real *restrict centre, real *restrict scale)
{
    for (size_t u = 0; u < units; u++) {
        double deviation = sqrt((double)variance[u] + eps);
        centre[u] = bias ? mean[u] - bias[u] : mean[u];
        scale[u] = (real)((gamma ? (double)gamma[u] : 1) / deviation);
    }
}

static void affine_row(size_t units, const real *z, const real *mean, const real *scale,
                       const real *shift, real *y)
{
    for (size_t u = 0; u < R(padded)(units); u += LANES) {
        vector centre = {0}, factor = (vector){0} + 1, added = {0};
        if (mean)
            centre = *(const loose_vector *)(mean + u);
        if (scale)
            factor = *(const loose_vector *)(scale + u);
        if (shift)
            added = *(const loose_vector *)(shift + u);
        vector v = multiply_add(*(const vector *)(z + u) - centre, factor, added);
        if (u + LANES > units)
            v = (vector)((lanes)v & lanes_below(u < units ? units - u : 0));
        *(vector *)(y + u) = v;
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
    const lanes rest = lanes_below(n - whole);
    for (size_t u = 0; u < units; u++, z += ld, y += ld) {
        vector centre = (mean ? mean[u] : 0) - (vector){0};
        vector factor = (scale ? scale[u] : 1) - (vector){0};
        vector added = (shift ? shift[u] : 0) - (vector){0};
        for (size_t j = 0; j < R(padded)(n); j += LANES) {
            vector v = multiply_add(*(const vector *)(z + j) - centre, factor, added);
            if (j >= whole)
                v = (vector)((lanes)v & (j == whole ? rest : (lanes){0}));
            *(vector *)(y + j) = v;
        }
    }
}
