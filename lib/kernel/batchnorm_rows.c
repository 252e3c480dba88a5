/* Batch normalisation of one unit (Ioffe and Szegedy, 2015, Algorithm 1), whose batch is
 * one contiguous row. docs/math.md derives the backward pass. */
#include "kernel/isa.h"

#include <math.h>
#include <string.h>

static void clear_padding(size_t n, real *row)
{
    memset(row + n, 0, (R(padded)(n) - n) * sizeof *row);
}

/* Corrected two-pass algorithm (Chan, Golub and LeVeque, 1983): what rounding left of the
 * mean is found once the mean is subtracted, so rows far from 0 keep all their digits. */
void K(batchnorm_forward)(size_t n, real *z, real gamma, real beta, double eps, real *y,
                          mlpbn__moments *moments)
{
    double mean = K(sum)(n, z) / (double)n;
    for (size_t j = 0; j < n; j++)
        z[j] -= (real)mean;
    double rest = K(sum)(n, z) / (double)n;
    double variance = K(sum_squares)(n, z) / (double)n - rest * rest;
    if (variance < 0) /* by rounding; a NaN stays one */
        variance = 0;
    double inverse_deviation = 1 / sqrt(variance + eps);
    real inverse = (real)inverse_deviation;
    for (size_t j = 0; j < n; j++) {
        z[j] = (z[j] - (real)rest) * inverse;
        y[j] = gamma * z[j] + beta;
    }
    clear_padding(n, y);
    *moments = (mlpbn__moments){mean, variance, inverse_deviation};
}

/* dz = gamma / deviation * (dy - mean(dy) - xhat * mean(dy * xhat)) */
void K(batchnorm_backward)(size_t n, const real *xhat, real gamma,
                           const mlpbn__moments *moments, real *d, real gradients[2])
{
    double sum = K(sum)(n, d);
    double sum_xhat = K(sum_products)(n, d, xhat);
    real mean = (real)(sum / (double)n);
    real mean_xhat = (real)(sum_xhat / (double)n);
    real factor = gamma * (real)moments->inverse_deviation;
    for (size_t j = 0; j < n; j++)
        d[j] = factor * (d[j] - mean - xhat[j] * mean_xhat);
    clear_padding(n, d);
    gradients[0] = (real)sum_xhat;
    gradients[1] = (real)sum;
}

void K(affine)(size_t n, const real *z, real mean, real scale, real shift, real *y)
{
    for (size_t j = 0; j < n; j++)
        y[j] = (z[j] - mean) * scale + shift;
    clear_padding(n, y);
}
