/* Checks that augment() applies every transform about equally often and no other, and that seed
 * and step determine it. */
#include "augment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURES = 7, ROWS = 4000, SHIFT = 2, SHIFTS = 2 * SHIFT + 1, PLANE = 1024 };

static uint8_t pixels[PICTURES * CIFAR_PIXELS];
static int32_t labels[PICTURES] = {4, 9, 0, 7, 1, 3, 8};
static size_t chosen[ROWS];

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    puts(what);
    exit(1);
}

static int clamp(int i)
{
    return i < 0 ? 0 : i > 31 ? 31 : i;
}

/* Returns whether `to` is `from`, mirrored if flip, and then moved. */
static bool is_transformed(const uint8_t *to, const uint8_t *from, bool flip, int down,
                           int right)
{
    for (int i = 0; i < CIFAR_PIXELS; i++) {
        int y = clamp(i % PLANE / 32 - down), x = clamp(i % 32 - right);
        if (to[i] != from[i / PLANE * PLANE + y * 32 + (flip ? 31 - x : x)])
            return false;
    }
    return true;
}

/* Returns the index of the transform that made `to` of `from`; -1 if there is none. */
static int find_transform(const uint8_t *to, const uint8_t *from)
{
    for (int i = 0; i < 2 * SHIFTS * SHIFTS; i++)
        if (is_transformed(to, from, i % 2, i / 2 % SHIFTS - SHIFT,
                           i / 2 / SHIFTS - SHIFT))
            return i;
    return -1;
}

static void check_transforms(augmented_batch *batch, const mlpbn_rows *rows)
{
    int counts[2 * SHIFTS * SHIFTS] = {0};
    mlpbn_rows view = augment(batch, rows, &(augmentation){true, SHIFT, 1, 5}, 11);
    require(view.data == batch->pixels && view.n == ROWS && !view.index, "another view");
    for (size_t i = 0; i < ROWS; i++) {
        const uint8_t *from = pixels + chosen[i] * CIFAR_PIXELS;
        int found = find_transform(batch->pixels + i * CIFAR_PIXELS, from);
        require(found >= 0, "a picture has another transform");
        require(view.labels[i] == labels[chosen[i]], "a label is another picture's");
        counts[found]++;
    }
    /* Each transform is expected 80 times, with a standard deviation of 8.9. */
    for (int i = 0; i < 2 * SHIFTS * SHIFTS; i++)
        require(counts[i] > 35 && counts[i] < 125,
                "a transform comes too often or too rarely");
}

/* Returns a copy of the pixels of a batch that is augmented with these options. */
static uint8_t *copy_augmented(augmented_batch *batch, const mlpbn_rows *rows,
                               augmentation options, uint64_t step)
{
    uint8_t *copy = malloc(ROWS * CIFAR_PIXELS);
    require(copy != NULL, "no memory");
    augment(batch, rows, &options, step);
    return memcpy(copy, batch->pixels, ROWS * CIFAR_PIXELS);
}

static void check_seeds(augmented_batch *batch, const mlpbn_rows *rows)
{
    const augmentation options = {true, SHIFT, 1, 5}, other = {true, SHIFT, 1, 6};
    uint8_t *first = copy_augmented(batch, rows, options, 11),
            *again = copy_augmented(batch, rows, options, 11),
            *step = copy_augmented(batch, rows, options, 12),
            *seed = copy_augmented(batch, rows, other, 11);
    require(memcmp(first, again, ROWS * CIFAR_PIXELS) == 0, "not the same again");
    require(memcmp(first, step, CIFAR_PIXELS * 20) != 0, "the same in another step");
    require(memcmp(first, seed, CIFAR_PIXELS * 20) != 0, "the same with another seed");
    free(first), free(again), free(step), free(seed);
}

int main(void)
{
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 2654435761u >> 13);
    for (size_t i = 0; i < ROWS; i++)
        chosen[i] = i * i % PICTURES;
    mlpbn_rows rows = MLPBN_ROWS_INIT(pixels, MLPBN_U8, ROWS, CIFAR_PIXELS);
    rows.index = chosen;
    rows.n_data = PICTURES;
    rows.labels = labels;
    augmented_batch batch;
    require(augmented_batch_create(&batch, ROWS), "no memory");
    check_transforms(&batch, &rows);
    check_seeds(&batch, &rows);
    rows.index = NULL;
    rows.n = PICTURES;
    augment(&batch, &rows, &(augmentation){false, 0, 1, 5}, 11);
    require(memcmp(batch.pixels, pixels, sizeof pixels) == 0, "changed without reason");
    augmented_batch_free(&batch);
    return 0;
}
