/* Arguments of the gather kernel. */
#ifndef MLPBN_KERNEL_GATHER_H
#define MLPBN_KERNEL_GATHER_H

#include "base/real.h"

#include <mlpbn/common.h>

/* The caller's rows, of which the gather kernel reads some. */
typedef struct R(source) {
    const void *data; /* [n][stride], of which `columns` are used; need not be aligned */
    mlpbn_dtype dtype;
    size_t n, columns, stride;
    const size_t *index; /* NULL: rows in order */
    /* Standardization, [columns] each: x = (value - mean - mean_lo) * scale. The mean is in
     * two parts, so that a large mean costs no precision. All arrays are aligned to 64 bytes.
     * NULL: no standardization. */
    const real *mean, *mean_lo, *scale;
    /* The whole mean, which is subtracted from doubles: they may lie closer together than the
     * two parts tell in float. */
    const double *mean_f64;
} R(source);

/* x[i][j] is column first_column + j of row first_row + i, converted and standardized.
 * first_column is a multiple of 64 / sizeof(real). The padding of x after the last column of
 * the source is zeroed. */
typedef struct R(gather_args) {
    const R(source) *source;
    size_t first_row, end_row;
    size_t first_column, end_column;
    real *x;
    size_t ldx;
} R(gather_args);

typedef void R(gather)(const R(gather_args) *args);

#endif
