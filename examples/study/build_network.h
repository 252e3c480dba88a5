/* The network that the command line describes. */
#ifndef BUILD_NETWORK_H
#define BUILD_NETWORK_H

#include "../cifar.h"
#include "train_options.h"

/* Creates the network, with the inputs of these training rows and standardized by them. Errors
 * are fatal. The caller destroys it. */
mlpbn_network *build_network(const train_options *options, const cifar_data *data);

#endif
