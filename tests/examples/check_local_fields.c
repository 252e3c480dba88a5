/* Checks local_fields_restrict(): the weights of a unit are zero outside one square, the same in
 * every channel, at any position, and scaled inside. */
#include "local_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNITS = 400,
    SIDE = 27,
    PLANE = CIFAR_SIDE * CIFAR_SIDE,
    MAX_OFFSET = CIFAR_SIDE - SIDE
};

static double before[UNITS][CIFAR_PIXELS], after[UNITS][CIFAR_PIXELS];

static void require_true(bool condition, const char *what)
{
    if (condition)
        return;
    puts(what);
    exit(1);
}

/* Returns the first row of a picture, or else its first column, with a weight that is not 0. */
static int first_nonzero(const double weights[CIFAR_PIXELS], bool row)
{
    int min = CIFAR_SIDE;
    for (int i = 0; i < PLANE; i++) {
        int position = row ? i / CIFAR_SIDE : i % CIFAR_SIDE;
        if (weights[i] != 0 && position < min)
            min = position;
    }
    return min;
}

static void check_unit(int u, int counts[2][MAX_OFFSET + 1])
{
    const double scale = (double)CIFAR_SIDE / SIDE;
    int top = first_nonzero(after[u], true), left = first_nonzero(after[u], false);
    require_true(top <= MAX_OFFSET && left <= MAX_OFFSET, "a field leaves the picture");
    counts[0][top]++;
    counts[1][left]++;
    for (int i = 0; i < CIFAR_PIXELS; i++) {
        int y = i % PLANE / CIFAR_SIDE, x = i % CIFAR_SIDE;
        bool in = y >= top && y < top + SIDE && x >= left && x < left + SIDE;
        float expected = in ? (float)(before[u][i] * scale) : 0;
        require_true((float)after[u][i] == expected, "a weight is neither 0 nor scaled");
    }
}

static void make(mlpbn_network **network)
{
    mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(UNITS, MLPBN_RELU);
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(CIFAR_PIXELS);
    require_true(mlpbn_network_create(network, &options, &layer, 1) == MLPBN_OK &&
                     mlpbn_network_initialize(*network, MLPBN_ALL_LAYERS, MLPBN_INIT_HE,
                                              0, 2385) == MLPBN_OK,
                 "no network");
}

static void read_weights(const mlpbn_network *network, double (*weights)[CIFAR_PIXELS])
{
    require_true(mlpbn_network_get_f64(network, 0, *weights,
                                       (size_t)UNITS * CIFAR_PIXELS) == MLPBN_OK,
                 "no weights");
}

int main(void)
{
    int counts[2][MAX_OFFSET + 1] = {{0}};
    mlpbn_network *network = NULL;
    make(&network);
    read_weights(network, before);
    local_fields_restrict(network, CIFAR_SIDE, 5);
    read_weights(network, after);
    require_true(memcmp(before, after, sizeof before) == 0,
                 "a field as large as the picture changes weights");
    local_fields_restrict(network, SIDE, 5);
    read_weights(network, after);
    for (int u = 0; u < UNITS; u++)
        check_unit(u, counts);
    for (int i = 0; i <= MAX_OFFSET; i++)
        require_true(counts[0][i] > 0 && counts[1][i] > 0, "a position has no field");
    mlpbn_network_destroy(network);
    return 0;
}
