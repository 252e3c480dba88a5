/* Restricts the first layer's weights to local fields; see local_fields.h. */
#include "local_fields.h"

#include "downsample.h"
#include "fatal.h"
#include "splitmix.h"

#include <stdlib.h>

enum { WEIGHTS = 0 }; /* index of the first layer's weights in the table of tensors */

static bool within(size_t i, size_t begin, size_t side)
{
    return i >= begin && i < begin + side;
}

/* Restricts the weights of one unit, [3][picture][picture], picture being the side of a picture,
 * to a field of this side. */
static void restrict_unit(double *weights, size_t picture, size_t side, uint64_t *state)
{
    const double scale = (double)picture / (double)side;
    size_t top = (size_t)splitmix_between(state, 0, (int)(picture - side));
    size_t left = (size_t)splitmix_between(state, 0, (int)(picture - side));
    for (size_t i = 0; i < 3 * picture * picture; i++) {
        size_t y = i / picture % picture, x = i % picture;
        weights[i] *= within(y, top, side) && within(x, left, side) ? scale : 0;
    }
}

void local_fields_restrict(mlpbn_network *network, size_t side, uint64_t seed)
{
    size_t units = mlpbn_layer_units(mlpbn_network_layer(network, 0));
    size_t inputs = mlpbn_network_inputs(network);
    size_t picture = downsampled_side(downsample_factor(inputs));
    double *weights = calloc(units, inputs * sizeof *weights);
    if (!weights)
        fatal("no memory for the local fields of %zu units", units);
    require(mlpbn_network_get_f64(network, WEIGHTS, weights, units * inputs),
            "first weights");
    for (size_t u = 0; u < units; u++)
        restrict_unit(weights + u * inputs, picture, side, &seed);
    require(mlpbn_network_set_f64(network, WEIGHTS, weights, units * inputs),
            "first weights");
    free(weights);
}
