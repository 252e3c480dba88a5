/* Checks of the arrays that metrics are computed from (mlpbn/metrics.h), and the structs of
 * lib/nn that hold them. */
#ifndef MLPBN_API_METRIC_CHECKS_H
#define MLPBN_API_METRIC_CHECKS_H

#include "nn/regression_metrics.h"
#include "nn/scored_rows.h"

/* n must be at least min, and n * columns elements of this size must fit the address space. */
mlpbn_status mlpbn__check_rows_of(const char *name, size_t n, size_t min, size_t columns,
                                  size_t element);

/* Each of n labels must be in [0, classes). */
mlpbn_status mlpbn__check_labels(const char *name, const int32_t *labels, size_t n,
                                 size_t classes);

/* Checks the weights of n rows, which may be NULL, and scales them. */
mlpbn_status mlpbn__read_row_weights(mlpbn__row_weights *weights, const double *values,
                                     size_t n);

/* Checks scores or, if they are probabilities, that they are in [0, 1]; then labels and
 * weights. columns must be at least min_columns. */
typedef struct mlpbn__scores_kind {
    const char *name; /* of the argument */
    size_t min_columns;
    int are_probabilities;
} mlpbn__scores_kind;

mlpbn_status mlpbn__check_scored_rows(mlpbn__scored_rows *rows, const double *weights,
                                      const mlpbn__scores_kind *kind);

/* Checks the arrays of at least min_rows rows. */
mlpbn_status mlpbn__check_regression(mlpbn__regression *regression, const double *weights,
                                     size_t min_rows);

#endif
