/* The struct behind the handle history: a record for each finished epoch. */
#ifndef MLPBN_FIT_HISTORY_H
#define MLPBN_FIT_HISTORY_H

#include <mlpbn/fit.h>

struct mlpbn_history {
    mlpbn_fit_record *records; /* [capacity], of which n are used */
    size_t n, capacity;
    size_t best; /* the index of the best epoch; SIZE_MAX: none */
    mlpbn_fit_end end;
};

/* Makes an empty history with space for a record. The caller frees *history, even if this fails
 * with MLPBN_ENOMEM. */
mlpbn_status mlpbn__history_new(mlpbn_history **history);
void mlpbn__history_free(mlpbn_history *history);

/* Makes space for n records in all. MLPBN_ENOMEM. */
mlpbn_status mlpbn__history_reserve(mlpbn_history *history, size_t n);

/* Writes the history as comma-separated values. MLPBN_EIO. */
mlpbn_status mlpbn__history_write(const mlpbn_history *history, FILE *file);

#endif
