/* Rows that will be gathered next: their lines are asked for while something else is
 * computed, because with an index, or of a part of each row, the CPU cannot guess them. */
#ifndef MLPBN_KERNEL_PREFETCH_H
#define MLPBN_KERNEL_PREFETCH_H

#include <stddef.h>

enum { MLPBN__LINE = 64 /* bytes */, MLPBN__GROUP = 8 /* rows */ };

/* A part of each row, to be asked for a few lines at a time: one of each of GROUP rows, so
 * that the CPU finds their pages side by side. (While it looks for one, it can finish nothing
 * that was begun later, and soon begins nothing; row by row, it would wait for each page.) */
typedef struct mlpbn__lines {
    const char *data; /* where the part of row 0 begins */
    size_t row_bytes, width;
    const size_t *index; /* NULL: rows in order */
    size_t row, end;     /* rows to ask for; row is the first of a group */
    size_t byte;         /* of each row of the group, that comes next */
    const char *next[MLPBN__GROUP];
    /* So many turns to take at so many chances. Each chance is credited with turns, and a
     * turn costs chances: it is due when there is credit for it. */
    size_t turns, chances, credit;
} mlpbn__lines;

/* There will be so many chances to ask, or more: takes turns at them evenly. */
static inline void mlpbn__ask_evenly(mlpbn__lines *lines, size_t chances)
{
    size_t groups = (lines->end - lines->row + MLPBN__GROUP - 1) / MLPBN__GROUP;
    lines->turns = groups * ((lines->width + MLPBN__LINE - 1) / MLPBN__LINE);
    lines->chances = chances > 0 ? chances : 1;
    lines->credit = 0;
}

static inline void mlpbn__chance(mlpbn__lines *lines)
{
    lines->credit += lines->turns;
}

/* Whether a turn is due; then *asked are its lines. */
static inline int mlpbn__turn(mlpbn__lines *lines, const char *asked[MLPBN__GROUP])
{
    if (lines->credit < lines->chances || lines->row >= lines->end)
        return 0;
    lines->credit -= lines->chances;
    for (size_t r = 0; lines->byte == 0 && r < MLPBN__GROUP; r++) {
        size_t last = lines->end - 1, i = lines->row + r < last ? lines->row + r : last;
        lines->next[r] =
            lines->data + (lines->index ? lines->index[i] : i) * lines->row_bytes;
    }
    for (size_t r = 0; r < MLPBN__GROUP; r++)
        asked[r] = lines->next[r] + lines->byte;
    lines->byte += MLPBN__LINE;
    if (lines->byte >= lines->width) {
        lines->byte = 0;
        lines->row += MLPBN__GROUP;
    }
    return 1;
}

static inline void mlpbn__ask(mlpbn__lines *lines)
{
    const char *asked[MLPBN__GROUP];
    mlpbn__chance(lines);
    while (mlpbn__turn(lines, asked))
        for (size_t r = 0; r < MLPBN__GROUP; r++)
            __builtin_prefetch(asked[r]);
}

#endif
