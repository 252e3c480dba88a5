/* Fits the standardization of the inputs to data. */
#ifndef MLPBN_NN_FIT_STANDARDIZATION_H
#define MLPBN_NN_FIT_STANDARDIZATION_H

#include "nn/rows.h"

/* Sets the standardization to the mean and the sample standard deviation (divisor n - 1) of
 * each column, by the rows' weights. A column that is constant up to rounding has std 1. The
 * rows were checked, except their weights.
 *
 * MLPBN_EINVAL      a weight is negative or not finite
 * MLPBN_EBATCH      fewer than 2 rows have a weight > 0
 * MLPBN_ENONFINITE  a row holds a NaN or an infinity, or 1 / std overflows or vanishes
 * MLPBN_ENOMEM      no memory for the sums
 */
mlpbn_status mlpbn__fit_standardization(mlpbn_network *network, const mlpbn_rows *rows);

#endif
