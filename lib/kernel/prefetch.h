/* Software prefetching of rows that will be gathered next. The CPU's own prefetchers do not
 * foresee rows that an index picks, nor a part of each row. */
#ifndef MLPBN_KERNEL_PREFETCH_H
#define MLPBN_KERNEL_PREFETCH_H

#include <stddef.h>

enum { MLPBN__LINE = 64 /* bytes */, MLPBN__PREFETCH_ROWS = 8 };

/* The cache lines of some rows, in the order in which they are prefetched: the first line of
 * each of PREFETCH_ROWS rows, then the second of each, and so on. Interleaved like that, the
 * TLB misses of the rows overlap. */
typedef struct mlpbn__prefetch_queue {
    const char *data;    /* row 0, from the first byte of each row that is wanted */
    size_t row_bytes;    /* from row to row */
    size_t width;        /* bytes of each row that are wanted */
    const size_t *index; /* NULL: rows in order */
    size_t row, end; /* rows that are left; row is the first of those interleaved now */
    size_t byte;     /* of these, where the next line begins */
    const char *rows[MLPBN__PREFETCH_ROWS]; /* these */
    size_t steps, ticks; /* in so many ticks, so many steps of PREFETCH_ROWS lines each */
    size_t due;          /* steps that are due, times ticks */
} mlpbn__prefetch_queue;

/* Spreads the queue evenly over this many ticks (Bresenham). */
static inline void mlpbn__prefetch_spread(mlpbn__prefetch_queue *queue, size_t ticks)
{
    size_t groups =
        (queue->end - queue->row + MLPBN__PREFETCH_ROWS - 1) / MLPBN__PREFETCH_ROWS;
    queue->steps = groups * ((queue->width + MLPBN__LINE - 1) / MLPBN__LINE);
    queue->ticks = ticks > 0 ? ticks : 1;
    queue->due = 0;
}

static inline void mlpbn__prefetch_step(mlpbn__prefetch_queue *queue)
{
    for (size_t r = 0; queue->byte == 0 && r < MLPBN__PREFETCH_ROWS; r++) {
        size_t last = queue->end - 1;
        size_t i = queue->row + r < last ? queue->row + r : last;
        queue->rows[r] =
            queue->data + (queue->index ? queue->index[i] : i) * queue->row_bytes;
    }
    for (size_t r = 0; r < MLPBN__PREFETCH_ROWS; r++)
        __builtin_prefetch(queue->rows[r] + queue->byte);
    queue->byte += MLPBN__LINE;
    if (queue->byte >= queue->width) {
        queue->byte = 0;
        queue->row += MLPBN__PREFETCH_ROWS;
    }
}

/* Takes the steps that are due at this tick. */
static inline void mlpbn__prefetch_tick(mlpbn__prefetch_queue *queue)
{
    queue->due += queue->steps;
    for (; queue->due >= queue->ticks && queue->row < queue->end;
         queue->due -= queue->ticks)
        mlpbn__prefetch_step(queue);
}

#endif
