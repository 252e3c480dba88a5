/* Data augmentation: pictures are mirrored and moved at random as a batch is gathered, so
 * that a network does not memorize them. */
#ifndef AUGMENT_H
#define AUGMENT_H

#include "downsample.h"

enum { MAX_SHIFT = CIFAR_SIDE - 1 };

typedef struct augmentation {
    bool flip;         /* mirror one picture of two, left to right */
    int shift;         /* largest shift in pixels along each axis, 0 to MAX_SHIFT; pixels
                        * of the edge fill the gap */
    size_t downsample; /* factor (downsample.h), applied last */
    uint64_t seed;     /* seed, step and row determine the transform of a picture */
} augmentation;

/* The transform of one picture. */
typedef struct picture_transform {
    bool flip;
    int down, right; /* shift in pixels; negative: up and left */
    size_t downsample;
} picture_transform;

/* Writes the transformed copy, [downsampled_pixels(transform->downsample)], of a picture,
 * [CIFAR_PIXELS]. */
void transform_picture(uint8_t *to, const uint8_t *from,
                       const picture_transform *transform);

/* The arrays of a batch of up to max_batch transformed rows. */
typedef struct augmented_batch {
    uint8_t *pixels; /* [max_batch][downsampled pixels]; allocated for CIFAR_PIXELS */
    int32_t *labels; /* [max_batch] */
} augmented_batch;

/* Returns false if memory is lacking. Free it with augmented_batch_free. */
bool augmented_batch_create(augmented_batch *batch, size_t max_batch);
void augmented_batch_free(augmented_batch *batch);

/* Copies the rows, full-size CIFAR pictures with labels, transformed at random, into the
 * batch and returns a view of the copies. Threads may run it at once on separate batches. */
mlpbn_rows augment(augmented_batch *batch, const mlpbn_rows *rows,
                   const augmentation *options, uint64_t step);

#endif
