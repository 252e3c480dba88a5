/* Checks downsample_picture() against means in double, that data sets keep their rows, and that
 * augmented pictures are downsampled last. */
#include "augment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRAIN = 5, VALIDATION = 2, TEST = 3, ROWS = TRAIN + VALIDATION + TEST };

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    puts(what);
    exit(1);
}

static double mean(const uint8_t *picture, size_t channel, size_t top, size_t left,
                   size_t factor)
{
    double sum = 0;
    for (size_t y = top; y < top + factor; y++)
        for (size_t x = left; x < left + factor; x++)
            sum += picture[channel * 1024 + y * 32 + x];
    return sum / (double)(factor * factor);
}

static void check_picture(const uint8_t *small, const uint8_t *picture, size_t factor)
{
    size_t side = 32 / factor;
    for (size_t i = 0; i < 3 * side * side; i++) {
        double expected = mean(picture, i / (side * side), i / side % side * factor,
                               i % side * factor, factor);
        require(fabs(small[i] - expected) <= 0.5, "a pixel is not the mean of a square");
    }
}

static void check_data(const cifar_data *data, size_t factor)
{
    const size_t columns = 3072 / factor / factor;
    cifar_data small;
    require(downsample_data(&small, data, factor), "no memory");
    require(downsample_factor(columns) == factor, "another factor for these inputs");
    require(small.train.n == TRAIN && small.validation.n == VALIDATION &&
                small.test.n == TEST && small.test.columns == columns,
            "other views");
    require((const uint8_t *)small.test.data ==
                    small.pixels + (TRAIN + VALIDATION) * columns &&
                small.validation.labels == small.labels + TRAIN,
            "views elsewhere");
    require(strcmp(small.names[7], "a horse") == 0, "other names");
    for (size_t i = 0; i < ROWS; i++) {
        check_picture(small.pixels + i * columns, data->pixels + i * 3072, factor);
        require(small.labels[i] == data->labels[i], "another label");
    }
    cifar_free(&small);
}

/* Compares with the pictures of a batch that is augmented at full size and then downsampled. */
static void check_augmented(const cifar_data *data, size_t factor)
{
    augmented_batch full_size, small;
    augmentation options = {.flip = true, .shift = 3, .downsample = 1, .seed = 23};
    require(augmented_batch_create(&full_size, TRAIN) &&
                augmented_batch_create(&small, TRAIN),
            "no memory");
    augment(&full_size, &data->train, &options, 85);
    options.downsample = factor;
    mlpbn_rows rows = augment(&small, &data->train, &options, 85);
    require(rows.columns == downsampled_pixels(factor) && rows.n == TRAIN,
            "another view");
    for (size_t i = 0; i < TRAIN; i++) {
        uint8_t expected[CIFAR_PIXELS];
        downsample_picture(expected, full_size.pixels + i * CIFAR_PIXELS, factor);
        require(memcmp(small.pixels + i * rows.columns, expected, rows.columns) == 0,
                "not the augmented picture, downsampled");
    }
    augmented_batch_free(&full_size);
    augmented_batch_free(&small);
}

int main(void)
{
    cifar_data data;
    require(cifar_allocate(&data, TRAIN, VALIDATION, TEST, CIFAR_PIXELS), "no memory");
    for (size_t i = 0; i < (size_t)ROWS * CIFAR_PIXELS; i++)
        data.pixels[i] = (uint8_t)(i * 2654435761u >> 13);
    for (int i = 0; i < ROWS; i++)
        data.labels[i] = i * 7 % 10;
    strcpy(data.names[7], "a horse");
    for (size_t factor = 1; factor <= MAX_DOWNSAMPLE; factor *= 2) {
        check_data(&data, factor);
        check_augmented(&data, factor);
    }
    require(downsample_factor(3071) == 0 && downsample_factor(341) == 0 &&
                downsample_factor(12) == 0,
            "a factor where none fits");
    cifar_free(&data);
    return 0;
}
