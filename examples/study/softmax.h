/* The softmax function. */
#ifndef SOFTMAX_H
#define SOFTMAX_H

#include <math.h>
#include <stddef.h>

/* Replaces n logits by their probabilities. */
static inline void softmax(double *y, size_t n)
{
    double max = y[0], sum = 0;
    for (size_t k = 1; k < n; k++)
        max = fmax(max, y[k]);
    for (size_t k = 0; k < n; k++)
        sum += y[k] = exp(y[k] - max);
    for (size_t k = 0; k < n; k++)
        y[k] /= sum;
}

#endif
