/* Software prefetching of the rows that are gathered next. Hardware prefetchers do not predict
 * rows that are selected by an index, or blocks of columns. */
#ifndef MLPBN_KERNEL_PREFETCH_H
#define MLPBN_KERNEL_PREFETCH_H

#include <stddef.h>

enum { MLPBN__LINE = 64 /* bytes */, MLPBN__PREFETCH_ROWS = 8 };

/* The cache lines of some rows, in the order in which they are prefetched: the first line of
 * each of PREFETCH_ROWS rows, then the second of each, and so on. Interleaved like that, the
 * TLB misses of the rows overlap. */
typedef struct mlpbn__prefetch_queue {
    const char *data;    /* row 0, at the first byte to prefetch */
    size_t row_bytes;    /* stride from row to row */
    size_t width;        /* bytes of each row to prefetch */
    const size_t *index; /* NULL: rows in order */
    size_t row, end; /* the rows left; `row` is the first one of the interleaved rows */
    const char *rows[MLPBN__PREFETCH_ROWS]; /* the interleaved rows */
    size_t byte;                            /* offset of the next line in each of them */
    /* `steps` steps of PREFETCH_ROWS lines are spread over `ticks` ticks. */
    size_t steps, ticks;
    size_t due; /* Bresenham: += steps in each tick; a step runs for each `ticks` in it */
} mlpbn__prefetch_queue;

/* Spreads the queue evenly over this many calls of mlpbn__prefetch_tick (Bresenham). */
static inline void mlpbn__prefetch_spread(mlpbn__prefetch_queue *queue, size_t ticks)
{
    size_t groups =
        (queue->end - queue->row + MLPBN__PREFETCH_ROWS - 1) / MLPBN__PREFETCH_ROWS;
    queue->steps = groups * ((queue->width + MLPBN__LINE - 1) / MLPBN__LINE);
    queue->ticks = ticks > 0 ? ticks : 1;
    queue->due = 0;
}

/* Prefetches one line of each of the interleaved rows. */
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

/* Runs the steps that are due at this tick. */
static inline void mlpbn__prefetch_tick(mlpbn__prefetch_queue *queue)
{
    queue->due += queue->steps;
    for (; queue->due >= queue->ticks && queue->row < queue->end;
         queue->due -= queue->ticks)
        mlpbn__prefetch_step(queue);
}

#endif
