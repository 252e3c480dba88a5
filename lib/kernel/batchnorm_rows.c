/* Batch normalisation of one unit (Ioffe and Szegedy, 2015, Algorithm 1), whose batch is
 * one contiguous row. docs/math.md derives the backward pass. */
#include "kernel/isa.h"

#include <math.h>
#include <string.h>

static void clear_padding(size_t n, real *row)
{
    memset(row + n, 0, (R(padded)(n) - n) * sizeof *row);
}

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
    for (size_t j = 0; j < n; j++) {
        z[j] = (real)(((double)z[j] - mean - rest) * inverse_deviation);
        y[j] = gamma * z[j] + beta;
    }
    clear_padding(n, y);
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
    for (size_t j = 0; j < n; j++)
        d[j] = (real)(factor * ((double)d[j] - mean - (double)xhat[j] * mean_xhat));
    clear_padding(n, d);
    gradients[0] = (real)sum_xhat;
    gradients[1] = (real)sum;
}

/* By constants: dz = gamma / deviation * dy */
void K(frozen_backward)(size_t n, const real *xhat, real gamma,
                        const mlpbn__moments *moments, real *d, real gradients[2])
{
    gradients[0] = (real)K(sum_products)(n, d, xhat);
    gradients[1] = (real)K(sum)(n, d);
    K(affine)(n, d, 0, gamma * (real)moments->inverse_deviation, 0, d);
}

void K(affine)(size_t n, const real *z, real mean, real scale, real shift, real *y)
{
    for (size_t j = 0; j < n; j++)
        y[j] = (z[j] - mean) * scale + shift;
    clear_padding(n, y);
}
