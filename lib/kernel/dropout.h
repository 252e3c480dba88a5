/* Arguments of the dropout kernel. */
#ifndef MLPBN_KERNEL_DROPOUT_H
#define MLPBN_KERNEL_DROPOUT_H

#include "base/real.h"

#include <stddef.h>
#include <stdint.h>

/* y[units][n], of activations and of their derivatives alike, becomes 0 where dropped and is
 * multiplied by scale elsewhere. */
typedef struct R(dropout_args) {
    uint64_t key;       /* of this layer in this step */
    uint32_t threshold; /* random words below it drop */
    real scale;         /* 1 / (1 - p) */
    size_t n, ld;
    real *y;
} R(dropout_args);

/* For units begin .. end - 1; begin is a multiple of 4. */
typedef void R(dropout)(const R(dropout_args) *args, size_t begin, size_t end);

#endif
