/* How far rounding may move the gradient of a batch from its exact value. */
#ifndef MLPBN_NN_ROUNDING_NOISE_H
#define MLPBN_NN_ROUNDING_NOISE_H

#include "nn/finite_difference.h"

#include <stdint.h>

/* Estimates the rounding errors in the elements of a gradient, for each parameter tensor and
 * x, when operations have the relative error eps. Such a computation gives the exact result for
 * data that are changed a little (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
 * section 1.5). So parameters, x and the weights of rows are changed at random by up to 2 eps
 * of themselves, four times; noise is twice the largest change of the gradient in f64, and at
 * least 16 eps times the largest derivative of all parameters or, for x, of all inputs: a
 * derivative of exactly 0 does not change with the data.
 *
 * noise       [tensors + 1], x last
 * tensors     the number of parameter tensors
 * x, weights  the arrays of the objective's batch; restored, as are the parameters
 *
 * Returns MLPBN_ENOMEM, or the status of the gradient of the unchanged data. */
mlpbn_status mlpbn__gradient_noise(double *noise, size_t tensors,
                                   const mlpbn__objective *objective, double *x,
                                   double *weights, double eps, uint64_t seed);

#endif
