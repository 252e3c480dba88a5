/* Mirrors and moves pictures; see augment.h. */
#include "augment.h"

#include "splitmix.h"

#include <stdlib.h>
#include <string.h>

bool augmented_batch_create(augmented_batch *into, size_t max_batch)
{
    into->pixels = calloc(max_batch, CIFAR_PIXELS);
    into->labels = calloc(max_batch, sizeof *into->labels);
    if (into->pixels && into->labels)
        return true;
    augmented_batch_free(into);
    return false;
}

void augmented_batch_free(augmented_batch *into)
{
    free(into->pixels);
    free(into->labels);
    *into = (augmented_batch){NULL, NULL};
}

static int clamp(int i)
{
    return i < 0 ? 0 : i >= CIFAR_SIDE ? CIFAR_SIDE - 1 : i;
}

/* Where each column of the new picture comes from. */
static void choose_columns(uint8_t columns[CIFAR_SIDE], int right, bool flip)
{
    for (int x = 0; x < CIFAR_SIDE; x++) {
        int from = clamp(x - right);
        columns[x] = (uint8_t)(flip ? CIFAR_SIDE - 1 - from : from);
    }
}

static void move_picture(uint8_t *to, const uint8_t *from, const picture_change *change)
{
    uint8_t columns[CIFAR_SIDE];
    choose_columns(columns, change->right, change->flip);
    for (int channel = 0; channel < 3; channel++, from += CIFAR_SIDE * CIFAR_SIDE)
        for (int y = 0; y < CIFAR_SIDE; y++, to += CIFAR_SIDE) {
            const uint8_t *row = from + clamp(y - change->down) * CIFAR_SIDE;
            for (int x = 0; x < CIFAR_SIDE; x++)
                to[x] = row[columns[x]];
        }
}

void change_picture(uint8_t *to, const uint8_t *from, const picture_change *change)
{
    uint8_t moved[CIFAR_PIXELS];
    if (change->shrink == 1) {
        move_picture(to, from, change);
        return;
    }
    move_picture(moved, from, change);
    shrink_picture(to, moved, change->shrink);
}

static picture_change draw(const augmentation *how, uint64_t *state)
{
    picture_change change = {.flip = how->flip && splitmix_between(state, 0, 1),
                             .shrink = how->shrink};
    change.down = splitmix_between(state, -how->shift, how->shift);
    change.right = splitmix_between(state, -how->shift, how->shift);
    return change;
}

mlpbn_rows augment(augmented_batch *into, const mlpbn_rows *rows, const augmentation *how,
                   uint64_t step)
{
    const uint8_t *pixels = rows->data;
    const size_t columns = shrunk_pixels(how->shrink);
    for (size_t i = 0; i < rows->n; i++) {
        size_t row = rows->index ? rows->index[i] : i;
        /* A generator for each picture of each step, begun at a random place. */
        uint64_t state = how->seed, of_step = splitmix_bits(&state) ^ step;
        state = splitmix_bits(&of_step) + i;
        state = splitmix_bits(&state);
        picture_change change = draw(how, &state);
        change_picture(into->pixels + i * columns, pixels + row * CIFAR_PIXELS, &change);
        into->labels[i] = rows->labels[row];
    }
    mlpbn_rows batch = MLPBN_ROWS_INIT(into->pixels, MLPBN_U8, rows->n, columns);
    batch.labels = into->labels;
    return batch;
}
