/* Pictures of fewer pixels: each pixel is the mean of factor x factor old ones. A fully
 * connected network learns little from fine detail, and the first layer has factor^2 times
 * fewer weights. */
#ifndef DOWNSAMPLE_H
#define DOWNSAMPLE_H

#include "../cifar.h"

enum { MAX_DOWNSAMPLE = 8 };

/* The side of a picture. factor is 1, 2, 4 or MAX_DOWNSAMPLE, here and below. */
static inline size_t downsampled_side(size_t factor)
{
    return CIFAR_SIDE / factor;
}

/* The values of a picture, in 3 channels. */
static inline size_t downsampled_pixels(size_t factor)
{
    return 3 * downsampled_side(factor) * downsampled_side(factor);
}

/* Returns the factor whose pictures have `inputs` values; 0 if there is none. */
size_t downsample_factor(size_t inputs);

/* Downsamples a picture. to: [downsampled_pixels(factor)], from: [CIFAR_PIXELS]; the arrays must
 * not overlap. */
void downsample_picture(uint8_t *to, const uint8_t *from, size_t factor);

/* Copies a data set with downsampled pictures. Fails as cifar_load does. */
bool downsample_data(cifar_data *small, const cifar_data *data, size_t factor);

#endif
