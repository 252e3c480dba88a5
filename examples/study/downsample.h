/* Pictures of fewer pixels: each is the mean of the factor x factor that it covers. A fully
 * connected network reads little from fine detail, and each of its units is as many times
 * cheaper. */
#ifndef DOWNSAMPLE_H
#define DOWNSAMPLE_H

#include "../cifar.h"

enum { MAX_SHRINK = 8 };

/* factor, here and below: 1, 2, 4 or MAX_SHRINK. */
static inline size_t shrunk_side(size_t factor)
{
    return CIFAR_SIDE / factor;
}

/* Numbers of a picture. */
static inline size_t shrunk_pixels(size_t factor)
{
    return 3 * shrunk_side(factor) * shrunk_side(factor);
}

/* By how much pictures must be shrunk for a network of so many inputs; 0: none fits. */
size_t shrink_factor(size_t inputs);

/* to: [shrunk_pixels(factor)], from: [CIFAR_PIXELS]; they do not overlap. */
void shrink_picture(uint8_t *to, const uint8_t *from, size_t factor);

/* The same data set with shrunk pictures. Fails as cifar_load does. */
bool shrink_data(cifar_data *small, const cifar_data *data, size_t factor);

#endif
