/* The network that the command line describes. */
#ifndef BUILD_NETWORK_H
#define BUILD_NETWORK_H

#include "../cifar.h"
#include "train_options.h"

/* Creates a network with as many inputs as the training rows have columns. It standardizes its
 * inputs by the mean and variance of these rows. The caller destroys it. Errors are fatal. */
mlpbn_network *build_network(const train_options *options, const cifar_data *data);

#endif
