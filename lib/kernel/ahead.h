/* Rows that will be gathered next: their lines are asked for while something else is
 * computed, because with an index the CPU cannot guess them. */
#ifndef MLPBN_KERNEL_AHEAD_H
#define MLPBN_KERNEL_AHEAD_H

#include <stddef.h>

typedef struct mlpbn__ahead {
    const char *data;
    size_t row_bytes, column_bytes;
    const size_t *index; /* [n] */
    size_t n;
} mlpbn__ahead;

#endif
