/* Filling in the caller's metrics. */
#ifndef MLPBN_API_METRICS_H
#define MLPBN_API_METRICS_H

#include "nn/typed_ops.h"

#include <mlpbn/loss.h>

/* Sums over n rows to metrics; MLPBN_ENONFINITE if the loss is not finite. */
mlpbn_status mlpbn__metrics_of(mlpbn_metrics *ours, const mlpbn_network *network,
                               const mlpbn__decay *decay, const mlpbn__loss_sums *score,
                               size_t n);

/* The sum of the weights of rows must be above 0, and finite. */
mlpbn_status mlpbn__check_weight(double sum);

/* To the caller's struct, which was checked before; NULL: not wanted. */
mlpbn_status mlpbn__metrics_check(const mlpbn_metrics *caller);
void mlpbn__metrics_write(mlpbn_metrics *caller, const mlpbn_metrics *ours);

#endif
