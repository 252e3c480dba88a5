/* The network that the command line describes. */
#ifndef BUILD_NETWORK_H
#define BUILD_NETWORK_H

#include "../cifar.h"
#include "train_options.h"

/* Makes it, for and standardized by these training rows; every run trains a copy. Errors
 * are fatal. The caller destroys it. */
mlpbn_network *prototype_create(const train_options *options, const cifar_data *data);

#endif
