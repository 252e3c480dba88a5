/* Rows that will be gathered next: their lines are asked for while something else is
 * computed, because with an index, or of a part of each row, the CPU cannot guess them. */
#ifndef MLPBN_KERNEL_AHEAD_H
#define MLPBN_KERNEL_AHEAD_H

#include <stddef.h>

/* A part of each row, to be asked for a few lines at a time: of GROUP rows in turn, so that the
 * CPU finds their pages side by side. (While it looks for one, it can finish nothing that was
 * begun later, and soon begins nothing; row by row, it would wait for each page.) */
typedef struct mlpbn__lines {
    const char *data; /* where the part of row 0 begins */
    size_t row_bytes, width;
    const size_t *index; /* NULL: rows in order */
    size_t row, end;     /* rows to ask for; row is the first of a group */
    size_t in_group;     /* the row that comes next */
    size_t byte;         /* and which of its bytes */
    size_t few;          /* lines at a time */
} mlpbn__lines;

enum { MLPBN__LINE = 64 /* bytes */, MLPBN__GROUP = 16 /* rows */ };

/* So many each time that all are asked for in this many times. */
static inline void mlpbn__ask_evenly(mlpbn__lines *lines, size_t times)
{
    size_t all = (lines->end - lines->row) * (lines->width / MLPBN__LINE + 1);
    lines->few = all / (times + 1) + 1;
}

static inline const char *mlpbn__next_line(mlpbn__lines *lines)
{
    size_t i = lines->row + lines->in_group, row = lines->index ? lines->index[i] : i;
    const char *line = lines->data + row * lines->row_bytes + lines->byte;
    lines->in_group++;
    if (lines->in_group == MLPBN__GROUP || i + 1 == lines->end) {
        lines->in_group = 0;
        lines->byte += MLPBN__LINE;
    }
    if (lines->byte >= lines->width) {
        lines->byte = 0;
        lines->row += MLPBN__GROUP;
    }
    return line;
}

static inline void mlpbn__ask(mlpbn__lines *lines)
{
    for (size_t i = 0; i < lines->few && lines->row < lines->end; i++)
        __builtin_prefetch(mlpbn__next_line(lines));
}

#endif
