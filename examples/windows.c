/* Cuts the first layer's weights to windows; see windows.h. */
#include "windows.h"

#include "fatal.h"
#include "splitmix.h"

#include <stdlib.h>

enum { WEIGHTS = 0 }; /* of the first layer: the first tensor of a network */

static bool within(size_t at, size_t begin, size_t side)
{
    return at >= begin && at < begin + side;
}

static void cut(double weights[CIFAR_PIXELS], size_t side, uint64_t *state)
{
    const double scale = (double)CIFAR_SIDE / (double)side;
    size_t top = (size_t)splitmix_between(state, 0, CIFAR_SIDE - (int)side);
    size_t left = (size_t)splitmix_between(state, 0, CIFAR_SIDE - (int)side);
    for (size_t i = 0; i < CIFAR_PIXELS; i++) {
        size_t y = i / CIFAR_SIDE % CIFAR_SIDE, x = i % CIFAR_SIDE;
        weights[i] *= within(y, top, side) && within(x, left, side) ? scale : 0;
    }
}

void windows_cut(mlpbn_network *network, size_t side, uint64_t seed)
{
    size_t units = mlpbn_layer_units(mlpbn_network_layer(network, 0));
    double *weights = calloc(units, CIFAR_PIXELS * sizeof *weights);
    if (!weights)
        fatal("no memory for the windows of %zu units", units);
    require(mlpbn_network_get_f64(network, WEIGHTS, weights, units * CIFAR_PIXELS),
            "first weights");
    for (size_t u = 0; u < units; u++)
        cut(weights + u * CIFAR_PIXELS, side, &seed);
    require(mlpbn_network_set_f64(network, WEIGHTS, weights, units * CIFAR_PIXELS),
            "first weights");
    free(weights);
}
