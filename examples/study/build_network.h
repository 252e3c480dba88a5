/* The network that the command line describes. */
#ifndef BUILD_NETWORK_H
#define BUILD_NETWORK_H

#include "../cifar.h"
#include "train_options.h"

/* Creates the network for the columns of the training rows, and standardizes its inputs by them.
 * The caller destroys it. Errors are fatal. */
mlpbn_network *build_network(const train_options *options, const cifar_data *data);

#endif
