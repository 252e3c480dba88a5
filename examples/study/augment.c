/* Data augmentation; see augment.h. */
#include "augment.h"

#include "splitmix.h"

#include <stdlib.h>
#include <string.h>

bool augmented_batch_create(augmented_batch *batch, size_t max_batch)
{
    batch->pixels = calloc(max_batch, CIFAR_PIXELS);
    batch->labels = calloc(max_batch, sizeof *batch->labels);
    if (batch->pixels && batch->labels)
        return true;
    augmented_batch_free(batch);
    return false;
}

void augmented_batch_free(augmented_batch *batch)
{
    free(batch->pixels);
    free(batch->labels);
    *batch = (augmented_batch){NULL, NULL};
}

static int clamp(int i)
{
    return i < 0 ? 0 : i >= CIFAR_SIDE ? CIFAR_SIDE - 1 : i;
}

/* columns[x] is the column of the old picture that becomes column x of the new one. */
static void map_columns(uint8_t columns[CIFAR_SIDE], int right, bool flip)
{
    for (int x = 0; x < CIFAR_SIDE; x++) {
        int from = clamp(x - right);
        columns[x] = (uint8_t)(flip ? CIFAR_SIDE - 1 - from : from);
    }
}

static void flip_and_shift(uint8_t *to, const uint8_t *from,
                           const picture_transform *transform)
{
    uint8_t columns[CIFAR_SIDE];
    map_columns(columns, transform->right, transform->flip);
    for (int channel = 0; channel < 3; channel++, from += CIFAR_SIDE * CIFAR_SIDE)
        for (int y = 0; y < CIFAR_SIDE; y++, to += CIFAR_SIDE) {
            const uint8_t *row = from + clamp(y - transform->down) * CIFAR_SIDE;
            for (int x = 0; x < CIFAR_SIDE; x++)
                to[x] = row[columns[x]];
        }
}

void transform_picture(uint8_t *to, const uint8_t *from,
                       const picture_transform *transform)
{
    uint8_t moved[CIFAR_PIXELS];
    if (transform->downsample == 1) {
        flip_and_shift(to, from, transform);
        return;
    }
    flip_and_shift(moved, from, transform);
    downsample_picture(to, moved, transform->downsample);
}

static picture_transform random_transform(const augmentation *options, uint64_t *state)
{
    picture_transform transform = {.flip = options->flip && splitmix_between(state, 0, 1),
                                   .downsample = options->downsample};
    transform.down = splitmix_between(state, -options->shift, options->shift);
    transform.right = splitmix_between(state, -options->shift, options->shift);
    return transform;
}

mlpbn_rows augment(augmented_batch *batch, const mlpbn_rows *rows,
                   const augmentation *options, uint64_t step)
{
    const uint8_t *pixels = rows->data;
    const size_t columns = downsampled_pixels(options->downsample);
    for (size_t i = 0; i < rows->n; i++) {
        size_t row = rows->index ? rows->index[i] : i;
        /* Each picture of each step has a generator of its own. */
        uint64_t state = options->seed, step_state = splitmix_bits(&state) ^ step;
        state = splitmix_bits(&step_state) + i;
        state = splitmix_bits(&state);
        picture_transform transform = random_transform(options, &state);
        transform_picture(batch->pixels + i * columns, pixels + row * CIFAR_PIXELS,
                          &transform);
        batch->labels[i] = rows->labels[row];
    }
    mlpbn_rows view = MLPBN_ROWS_INIT(batch->pixels, MLPBN_U8, rows->n, columns);
    view.labels = batch->labels;
    return view;
}
