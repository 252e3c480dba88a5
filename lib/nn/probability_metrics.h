/* Metrics of predicted probabilities. Arguments have been checked. */
#ifndef MLPBN_NN_PROBABILITY_METRICS_H
#define MLPBN_NN_PROBABILITY_METRICS_H

#include "nn/scored_rows.h"

#include <mlpbn/status.h>

double mlpbn__log_loss(const mlpbn__scored_rows *rows);
double mlpbn__brier_score(const mlpbn__scored_rows *rows);

/* MLPBN_ENOMEM  no memory for the bins */
mlpbn_status mlpbn__calibration_error(double *error, const mlpbn__scored_rows *rows,
                                      size_t bins);

#endif
