/* Rows that will be gathered next: their lines are asked for while something else is
 * computed, because with an index, or of a part of each row, the CPU cannot guess them. */
#ifndef MLPBN_KERNEL_AHEAD_H
#define MLPBN_KERNEL_AHEAD_H

#include <stddef.h>

typedef struct mlpbn__ahead {
    const char *data;
    size_t row_bytes, column_bytes;
    const size_t *index; /* [n] */
    size_t n;
} mlpbn__ahead;

/* The same for a part of each row, a few lines at a time, in order. */
typedef struct mlpbn__lines {
    const char *data; /* where the part of row 0 begins */
    size_t row_bytes, width;
    const size_t *index; /* NULL: rows in order */
    size_t row, end;     /* rows to ask for */
    size_t byte;         /* of the row, that comes next */
} mlpbn__lines;

enum { MLPBN__LINE = 64 }; /* bytes */

static inline void mlpbn__ask_for(mlpbn__lines *lines, size_t few)
{
    for (; few > 0 && lines->row < lines->end; few--) {
        size_t row = lines->index ? lines->index[lines->row] : lines->row;
        __builtin_prefetch(lines->data + row * lines->row_bytes + lines->byte);
        lines->byte += MLPBN__LINE;
        if (lines->byte >= lines->width) {
            lines->byte = 0;
            lines->row++;
        }
    }
}

#endif
