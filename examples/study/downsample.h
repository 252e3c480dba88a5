/* Pictures of fewer pixels: each pixel is the mean of factor x factor old ones. A fully
 * connected network reads little from fine detail, and each of its units is as many times
 * cheaper. */
#ifndef DOWNSAMPLE_H
#define DOWNSAMPLE_H

#include "../cifar.h"

enum { MAX_DOWNSAMPLE = 8 };

/* factor, here and below: 1, 2, 4 or MAX_DOWNSAMPLE. */
static inline size_t downsampled_side(size_t factor)
{
    return CIFAR_SIDE / factor;
}

/* Values in a picture, 3 channels. */
static inline size_t downsampled_pixels(size_t factor)
{
    return 3 * downsampled_side(factor) * downsampled_side(factor);
}

/* The factor that gives pictures of `inputs` values; 0: none does. */
size_t downsample_factor(size_t inputs);

/* to: [downsampled_pixels(factor)], from: [CIFAR_PIXELS]; they do not overlap. */
void downsample_picture(uint8_t *to, const uint8_t *from, size_t factor);

/* Copies a data set with downsampled pictures. Fails as cifar_load does. */
bool downsample_data(cifar_data *small, const cifar_data *data, size_t factor);

#endif
