/* Metrics of the order of scores: ROC AUC and average precision. Arguments have been checked. */
#ifndef MLPBN_NN_RANKING_METRICS_H
#define MLPBN_NN_RANKING_METRICS_H

#include "nn/scored_rows.h"

#include <mlpbn/status.h>

/* Each computes the mean over the columns, and if per_class is not NULL also the value of each:
 * [columns].
 *
 * MLPBN_EINVAL  a class lacks rows of weight above 0
 * MLPBN_ENOMEM
 */
mlpbn_status mlpbn__roc_auc(double *mean, double *per_class,
                            const mlpbn__scored_rows *rows);
mlpbn_status mlpbn__average_precision(double *mean, double *per_class,
                                      const mlpbn__scored_rows *rows);

#endif
