#include "nn/sampler.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <string.h>

/* The number of rows that an epoch returns; 0: the options do not allow this n. */
static size_t epoch_length(size_t n, const mlpbn_sampler_options *options)
{
    size_t remainder = n % options->batch;
    switch (options->last_batch) {
    case MLPBN_LAST_BATCH_KEEP:
        return n;
    case MLPBN_LAST_BATCH_DROP:
        return n - remainder;
    case MLPBN_LAST_BATCH_ERROR:
        return remainder ? 0 : n;
    case MLPBN_LAST_BATCH_DROP_SINGLE:
        return remainder == 1 && n > options->batch ? n - 1 : n;
    }
    return 0;
}

static mlpbn_sampler *lay_out(mlpbn__arena *arena, const mlpbn_rows *rows, size_t **index,
                              size_t **order)
{
    mlpbn_sampler *sampler = mlpbn__arena_alloc(arena, 1, sizeof *sampler);
    *index = mlpbn__arena_alloc(arena, rows->index ? rows->n : 0, sizeof **index);
    *order = mlpbn__arena_alloc(arena, rows->n, sizeof **order);
    return sampler;
}

mlpbn_status mlpbn__sampler_new(mlpbn_sampler **sampler, const mlpbn_rows *rows,
                                const mlpbn_sampler_options *options)
{
    size_t rows_per_epoch = epoch_length(rows->n, options);
    if (rows_per_epoch == 0)
        return mlpbn__fail(
            MLPBN_EBATCH,
            "sampler: batches of %zu leave %zu of %zu rows over; expected %s",
            options->batch, rows->n % options->batch, rows->n,
            options->last_batch == MLPBN_LAST_BATCH_DROP
                ? "at least one whole batch"
                : "a divisor, or another last_batch");
    size_t *index, *order;
    mlpbn__arena arena = {0};
    lay_out(&arena, rows, &index, &order);
    void *block = mlpbn__arena_overflowed(&arena) ? NULL : mlpbn__memory_new(arena.used);
    if (!block)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the order of %zu rows", rows->n);
    arena = (mlpbn__arena){.base = block};
    mlpbn_sampler *created = lay_out(&arena, rows, &index, &order);
    if (rows->index)
        memcpy(index, rows->index, rows->n * sizeof *index);
    *created = (mlpbn_sampler){.rows = *rows,
                               .index = rows->index ? index : NULL,
                               .order = order,
                               .batch = options->batch,
                               .rows_per_epoch = rows_per_epoch,
                               .shuffle = options->shuffle,
                               .seed = options->seed};
    *sampler = created;
    return MLPBN_OK;
}

/* Computes the order of an epoch. Each shuffle (Fisher and Yates) starts from the caller's
 * order, so that the result is a function of seed, epoch and n. */
static void order_epoch(mlpbn_sampler *sampler)
{
    size_t *order = sampler->order;
    for (size_t i = 0; i < sampler->rows.n; i++)
        order[i] = sampler->index ? sampler->index[i] : i;
    if (!sampler->shuffle)
        return;
    mlpbn__random random =
        mlpbn__random_new(sampler->seed, MLPBN__STREAM_SHUFFLE, sampler->epochs);
    for (size_t i = sampler->rows.n; i > 1; i--) {
        size_t j = (size_t)mlpbn__random_below(&random, i);
        size_t swap = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swap;
    }
}

void mlpbn__sampler_seek(mlpbn_sampler *sampler, uint64_t seed, uint64_t epochs,
                         size_t position)
{
    sampler->seed = seed;
    sampler->epochs = epochs;
    sampler->position = position;
    if (position > 0)
        order_epoch(sampler);
}

mlpbn_rows mlpbn__sampler_next(mlpbn_sampler *sampler)
{
    mlpbn_rows batch = sampler->rows;
    if (sampler->position == sampler->rows_per_epoch) {
        sampler->position = 0;
        sampler->epochs++;
        batch.n = 0;
        batch.index = NULL;
        return batch;
    }
    if (sampler->position == 0)
        order_epoch(sampler);
    size_t left = sampler->rows_per_epoch - sampler->position;
    batch.n = left < sampler->batch ? left : sampler->batch;
    batch.index = sampler->order + sampler->position;
    sampler->position += batch.n;
    return batch;
}
