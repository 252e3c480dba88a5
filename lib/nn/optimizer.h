/* What stands behind the handle optimizer: one block, | optimizer | first | second |. */
#ifndef MLPBN_NN_OPTIMIZER_H
#define MLPBN_NN_OPTIMIZER_H

#include "model/model.h"

#include <mlpbn/optimizer.h>

/* No |first|, no second, no change of a parameter before the rate is larger. */
typedef struct mlpbn__bounds {
    double first, second, change;
} mlpbn__bounds;

struct mlpbn_optimizer {
    size_t network_id; /* of the network it was made for */
    mlpbn_optimizer_options options;
    uint64_t steps; /* taken */
    /* Laid out as the parameters; NULL where the method has none. */
    void *first;  /* sums or averages of gradients: momentum */
    void *second; /* averages of squared gradients */
    mlpbn__bounds bounds;
};

mlpbn_status mlpbn__optimizer_new(mlpbn_optimizer **optimizer,
                                  const mlpbn_network *network,
                                  const mlpbn_optimizer_options *options);

/* Sets bounds to what the arrays hold, which the caller has written. */
void mlpbn__optimizer_bound(mlpbn_optimizer *optimizer, const mlpbn_network *network);

#endif
