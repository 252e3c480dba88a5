/* What sums of weighted losses are divided by. */
#ifndef MLPBN_NN_REDUCTION_H
#define MLPBN_NN_REDUCTION_H

#include "kernel/moments.h"

#include <mlpbn/loss.h>
#include <mlpbn/status.h>

/* The divisor of sums->loss, at the scale of the sums. The derivative of the loss by the loss of a
 * row is the row's weight, at that scale, divided by it. */
double mlpbn__loss_divisor(mlpbn_reduction reduction, const mlpbn__loss_sums *sums);

/* Checks that the sum of the weights of rows is above 0, where the reduction needs that, and that
 * neither it nor the inverse of the divisor overflows. */
mlpbn_status mlpbn__check_weight_sum(mlpbn_reduction reduction,
                                     const mlpbn__loss_sums *sums);

#endif
