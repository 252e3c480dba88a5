/* Draws the rows; see dataset.h. */
#define _DEFAULT_SOURCE /* madvise */
#include "dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Allocates whole cache lines and touches all pages before anything is measured. Large arrays are
 * in huge pages, as numpy's are for the workers in Python. */
void *dataset_memory(size_t n, size_t size)
{
    const size_t line = 64, huge = (size_t)2 << 20;
    size_t unit = n * size < 2 * huge ? line : huge;
    size_t bytes = (n * size + unit) / unit * unit;
    void *memory = aligned_alloc(unit, bytes);
    if (!memory) {
        fprintf(stderr, "no memory for %zu bytes\n", bytes);
        exit(1);
    }
#if defined(__linux__)
    if (unit == huge)
        (void)madvise(memory, bytes, MADV_HUGEPAGE); /* if it fails, pages are small */
#endif
    return memset(memory, 0, bytes);
}

float dataset_random(uint64_t *state)
{
    double unit = (double)(random_bits(state) >> 11) * 0x1p-53;
    return (float)(3.4641016 * (unit - 0.5)); /* sqrt(12), for variance 1 */
}

static void draw_bytes(uint8_t *x, size_t n, uint64_t *state)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t bits = random_bits(state);
        memcpy(x + i, &bits, n - i < 8 ? n - i : 8);
    }
}

dataset dataset_make(const bench_job *job)
{
    uint64_t state = 1;
    dataset data = {.rows = job->rows,
                    .columns = job->sizes[0],
                    .outputs = job->sizes[job->layers],
                    .is_u8 = job_is(job->rows_dtype, "u8")};
    size_t n = data.rows * data.columns;
    data.x = dataset_memory(n, data.is_u8 ? 1 : sizeof(float));
    data.labels = dataset_memory(data.rows, sizeof *data.labels);
    if (data.is_u8)
        draw_bytes(data.x, n, &state);
    else
        for (size_t i = 0; i < n; i++)
            ((float *)data.x)[i] = dataset_random(&state);
    for (size_t i = 0; i < data.rows; i++)
        data.labels[i] = (int32_t)(random_bits(&state) % data.outputs);
    return data;
}

void dataset_free(dataset *data)
{
    free(data->x);
    free(data->labels);
    *data = (dataset){0};
}

void dataset_shuffle(size_t *order, size_t n, uint64_t *state)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t j = random_bits(state) % i, other = order[j];
        order[j] = order[i - 1];
        order[i - 1] = other;
    }
}

void dataset_row(float *x, const dataset *data, size_t row)
{
    const float scale = (float)(1 / DATASET_STD),
                shift = (float)(-DATASET_MEAN / DATASET_STD);
    size_t columns = data->columns;
    if (!data->is_u8) {
        memcpy(x, (const float *)data->x + row * columns, columns * sizeof *x);
        return;
    }
    const uint8_t *bytes = (const uint8_t *)data->x + row * columns;
    for (size_t j = 0; j < columns; j++)
        x[j] = (float)bytes[j] * scale + shift;
}
