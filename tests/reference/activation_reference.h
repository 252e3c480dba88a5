/* Activations and their derivatives in long double, as mlpbn/layer.h defines them. Softmax is
 * the identity here, because it is not a function of a single value. */
#ifndef ACTIVATION_REFERENCE_H
#define ACTIVATION_REFERENCE_H

#include <mlpbn/layer.h>

long double activation_reference(mlpbn_activation f, long double alpha, long double z);
long double activation_reference_derivative(mlpbn_activation f, long double alpha,
                                            long double z);

/* The distance of z from the nearest point at which the derivative jumps; HUGE_VAL: none. */
double activation_reference_kink(mlpbn_activation f, long double z);

#endif
