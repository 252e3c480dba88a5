/* Arguments of the dropout kernel. */
#ifndef MLPBN_KERNEL_DROPOUT_H
#define MLPBN_KERNEL_DROPOUT_H

#include "base/real.h"

#include <stddef.h>
#include <stdint.h>

/* Zeroes the dropped elements of y[units][n] and multiplies the others by scale. y holds
 * activations, or in the backward pass the derivatives of the loss with respect to them. */
typedef struct R(dropout_args) {
    uint64_t key;       /* of this layer in this step */
    uint32_t threshold; /* an element is dropped if its random word is below it */
    real scale;         /* 1 / (1 - p) */
    size_t n, ld;
    real *y;
} R(dropout_args);

/* Processes the units begin .. end - 1; begin is a multiple of 4. */
typedef void R(dropout)(const R(dropout_args) *args, size_t begin, size_t end);

#endif
