/* Arguments of the kernels for batchnorm and for affine maps of units. */
#ifndef MLPBN_KERNEL_BATCHNORM_H
#define MLPBN_KERNEL_BATCHNORM_H

#include "base/real.h"
#include "kernel/moments.h"

/* Batchnorm of one unit's batch in training. */
typedef struct R(batchnorm_args) {
    size_t n;
    real *x; /* [n]; forward: x is replaced by xhat; backward: xhat, only read */
    real gamma, beta;
    double eps;
    real *y; /* [n]; forward: gamma * xhat + beta, with padding zeroed; not x */
    mlpbn__moments *moments; /* forward: written; backward: read */
    real *d; /* [n]; backward: dL/dy is replaced by dL/dx, with padding zeroed */
    real d_gamma, d_beta; /* backward: written */
} R(batchnorm_args);
typedef void R(batchnorm_fn)(R(batchnorm_args) *args);

/* y = (x - center) * scale + shift of [units][n], with padding zeroed; y may be x. */
typedef struct R(affine_args) {
    /* If ld is 1, so is n: the units are adjacent and padded; center, scale and shift are
     * readable up to the same length. */
    size_t units, n, ld;
    const real *x;
    const real *center, *scale, *shift; /* [units]; NULL: 0, 1 and 0 */
    real *y;
} R(affine_args);
typedef void R(affine_fn)(const R(affine_args) *args);

/* Computes the center and scale of the affine map that normalizes units by running statistics:
 * center = mean - bias, scale = gamma / sqrt(variance + eps). */
typedef struct R(running_args) {
    size_t units;
    const real *mean, *variance;
    const real *bias, *gamma; /* NULL: 0 and 1 */
    double eps;
    real *center, *scale; /* written */
} R(running_args);
typedef void R(running_fn)(const R(running_args) *args);

#endif
