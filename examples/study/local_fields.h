/* First weights that look at a part of the picture each. */
#ifndef LOCAL_FIELDS_H
#define LOCAL_FIELDS_H

#include "../cifar.h"

/* Zeroes the weights of each unit of the first layer outside a square of side x side pixels
 * that lies anywhere in the picture, by the seed, and scales those within as if they were
 * all: neighbouring pixels belong together, which a fully connected layer has to find out.
 * Training may change every weight. side: 1 to that of the
 * pictures that the network takes. Errors are fatal. */
void windows_cut(mlpbn_network *network, size_t side, uint64_t seed);

#endif
