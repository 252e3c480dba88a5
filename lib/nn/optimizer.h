/* The struct behind the handle optimizer, in one block of memory, | optimizer | m | v |; and
 * the table of the kinds of optimizers. */
#ifndef MLPBN_NN_OPTIMIZER_H
#define MLPBN_NN_OPTIMIZER_H

#include "model/model.h"

#include <mlpbn/optimizer.h>

/* Upper bounds of all |m|, of all v, and of the last |change| of a parameter, divided by the
 * learning rate. */
typedef struct mlpbn__bounds {
    double m, v, change;
} mlpbn__bounds;

/* The bounds after one more step with gradients of at most max_abs. */
typedef mlpbn__bounds mlpbn__bounds_fn(const mlpbn_optimizer_options *options,
                                       mlpbn__bounds bounds, double max_abs);

typedef struct mlpbn__optimizer_traits {
    int uses_momentum;  /* has the option momentum, and m if that is above 0 */
    int uses_m;         /* always has m */
    int uses_v;         /* always has v */
    int corrects_bias;  /* averages are divided by 1 - beta^t */
    int decays_weights; /* weight decay is decoupled from the gradient */
    mlpbn__bounds_fn *bounds;
} mlpbn__optimizer_traits;

/* Indexed by mlpbn_optimizer_kind. */
extern const mlpbn__optimizer_traits mlpbn__optimizers[];

struct mlpbn_optimizer {
    size_t network_id; /* of the network it was made for */
    mlpbn_optimizer_options options;
    uint64_t steps; /* updates so far */
    /* Same layout as the parameters; NULL: the optimizer does not use it. */
    void *m; /* sums or averages of gradients */
    void *v; /* averages of squared gradients */
    mlpbn__bounds bounds;
};

mlpbn_status mlpbn__optimizer_new(mlpbn_optimizer **optimizer,
                                  const mlpbn_network *network,
                                  const mlpbn_optimizer_options *options);

/* Computes the bounds from m and v, after the caller has written these. */
void mlpbn__optimizer_update_bounds(mlpbn_optimizer *optimizer,
                                    const mlpbn_network *network);

#endif
