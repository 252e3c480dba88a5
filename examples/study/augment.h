/* Pictures mirrored and moved as a batch is gathered: a network that never sees the same
 * picture twice learns less by heart. */
#ifndef AUGMENT_H
#define AUGMENT_H

#include "downsample.h"

enum { MAX_SHIFT = CIFAR_SIDE - 1 };

typedef struct augmentation {
    bool flip;     /* left and right change places in one picture of two */
    int shift;     /* moved by up to so many pixels, up or down and left or right, 0 to
                    * MAX_SHIFT; the pixels at the edge are repeated where the picture
                    * has left */
    size_t shrink; /* by so many, after that (shrink.h) */
    uint64_t seed; /* a picture of a step is always changed in the same way */
} augmentation;

/* How one picture is changed. */
typedef struct picture_change {
    bool flip;
    int down, right; /* pixels; negative: up and left */
    size_t shrink;
} picture_change;

/* The changed copy, [shrunk_pixels(change->shrink)], of a picture, [CIFAR_PIXELS]. */
void change_picture(uint8_t *to, const uint8_t *from, const picture_change *change);

/* What a batch of up to max_batch rows is gathered into. */
typedef struct augmented_batch {
    uint8_t *pixels; /* [max_batch][shrunk pixels], with room for whole ones */
    int32_t *labels; /* [max_batch] */
} augmented_batch;

/* Returns false if memory is lacking. Free it with augmented_batch_free. */
bool augmented_batch_create(augmented_batch *into, size_t max_batch);
void augmented_batch_free(augmented_batch *into);

/* Copies the rows of a view of CIFAR pictures with labels, changed as `how` says; the view
 * of the copies. Other threads may use other batches. */
mlpbn_rows augment(augmented_batch *into, const mlpbn_rows *rows, const augmentation *how,
                   uint64_t step);

#endif
