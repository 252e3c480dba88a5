/* Local receptive fields as initial weights of the first layer. */
#ifndef LOCAL_FIELDS_H
#define LOCAL_FIELDS_H

#include "../cifar.h"

/* Gives each unit of the first layer a field of side x side pixels at a random position: zeroes
 * its weights outside and scales those within by picture side / side, which keeps the variance
 * of the pre-activation. So a unit starts with neighboring pixels, which are correlated. Training
 * may change every weight. side: 1 to that of the network's pictures. Errors are fatal. */
void local_fields_restrict(mlpbn_network *network, size_t side, uint64_t seed);

#endif
