/* Averages pixels; see downsample.h. */
#include "downsample.h"

#include <string.h>

size_t downsample_factor(size_t inputs)
{
    for (size_t factor = 1; factor <= MAX_DOWNSAMPLE; factor *= 2)
        if (downsampled_pixels(factor) == inputs)
            return factor;
    return 0;
}

static unsigned sum_of_square(const uint8_t *corner, size_t factor)
{
    unsigned sum = 0;
    for (size_t y = 0; y < factor; y++)
        for (size_t x = 0; x < factor; x++)
            sum += corner[y * CIFAR_SIDE + x];
    return sum;
}

void downsample_picture(uint8_t *to, const uint8_t *from, size_t factor)
{
    const unsigned n = (unsigned)(factor * factor);
    for (size_t y = 0; y < 3 * CIFAR_SIDE; y += factor) /* in all channels */
        for (size_t x = 0; x < CIFAR_SIDE; x += factor)
            *to++ =
                (uint8_t)((sum_of_square(from + y * CIFAR_SIDE + x, factor) + n / 2) / n);
}

bool downsample_data(cifar_data *small, const cifar_data *data, size_t factor)
{
    size_t rows = data->train.n + data->validation.n + data->test.n;
    if (!cifar_allocate(small, data->train.n, data->validation.n, data->test.n,
                        downsampled_pixels(factor)))
        return false;
    for (size_t i = 0; i < rows; i++)
        downsample_picture(small->pixels + i * downsampled_pixels(factor),
                           data->pixels + i * CIFAR_PIXELS, factor);
    memcpy(small->labels, data->labels, rows * sizeof *small->labels);
    memcpy(small->names, data->names, sizeof small->names);
    return true;
}
