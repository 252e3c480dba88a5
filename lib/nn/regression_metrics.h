/* Metrics of outputs against targets. Arguments have been checked. */
#ifndef MLPBN_NN_REGRESSION_METRICS_H
#define MLPBN_NN_REGRESSION_METRICS_H

#include "nn/weighted_mean.h"

#include <mlpbn/status.h>

typedef struct mlpbn__regression {
    const void *y, *targets; /* [n][columns], of any alignment */
    mlpbn_dtype dtype, target_dtype;
    size_t n, columns;
    mlpbn__row_weights weights;
} mlpbn__regression;

/* Metrics of a column; infinite if they overflow. R^2 needs 2 rows. */
typedef double mlpbn__column_metric(const mlpbn__regression *regression, size_t column);
mlpbn__column_metric mlpbn__mean_absolute_error, mlpbn__root_mean_squared_error,
    mlpbn__r2_score;

/* Computes the mean of the metric over the columns, and if per_column is not NULL also the value
 * of each: [columns].
 *
 * MLPBN_ENONFINITE  a value overflows
 */
mlpbn_status mlpbn__mean_over_columns(double *mean, double *per_column,
                                      const mlpbn__regression *regression,
                                      mlpbn__column_metric *metric);

#endif
