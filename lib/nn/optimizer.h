/* What stands behind the handle optimizer: one block, | optimizer | m | v |; and the table of
 * the kinds of optimizers. */
#ifndef MLPBN_NN_OPTIMIZER_H
#define MLPBN_NN_OPTIMIZER_H

#include "model/model.h"

#include <mlpbn/optimizer.h>

/* Upper bounds: no |m|, no v, no change of a parameter divided by the learning rate is
 * larger. */
typedef struct mlpbn__bounds {
    double m, v, change;
} mlpbn__bounds;

/* One step's new bounds, for gradients of at most max_abs. */
typedef mlpbn__bounds mlpbn__bounds_fn(const mlpbn_optimizer_options *options,
                                       mlpbn__bounds bounds, double max_abs);

typedef struct mlpbn__optimizer_traits {
    int takes_momentum; /* and keeps m where that is above 0 */
    int keeps_m;        /* always */
    int keeps_v;
    int corrects_bias;  /* averages are divided by 1 - beta^t */
    int decays_weights; /* decoupled from the gradient */
    mlpbn__bounds_fn *bounds;
} mlpbn__optimizer_traits;

/* By mlpbn_optimizer_kind. */
extern const mlpbn__optimizer_traits mlpbn__optimizers[];

struct mlpbn_optimizer {
    size_t network_id; /* of the network it was made for */
    mlpbn_optimizer_options options;
    uint64_t steps; /* taken */
    /* Laid out as the parameters; NULL where the kind has none. */
    void *m; /* sums or averages of gradients */
    void *v; /* averages of squared gradients */
    mlpbn__bounds bounds;
};

mlpbn_status mlpbn__optimizer_new(mlpbn_optimizer **optimizer,
                                  const mlpbn_network *network,
                                  const mlpbn_optimizer_options *options);

/* Sets the bounds to what m and v hold, which the caller has written. */
void mlpbn__optimizer_bound(mlpbn_optimizer *optimizer, const mlpbn_network *network);

#endif
