/* The numbers of a layer at birth. */
#include "base/dtype.h"
#include "base/random.h"
#include "model/model.h"

#include <math.h>

static const struct {
    mlpbn_tensor_kind kind;
    double value;
} initial_values[] = {{MLPBN_BIAS, 0},
                      {MLPBN_GAMMA, 1},
                      {MLPBN_BETA, 0},
                      {MLPBN_RUNNING_MEAN, 0},
                      {MLPBN_RUNNING_VAR, 1}};

void mlpbn__layer_reset(mlpbn_network *network, size_t index)
{
    mlpbn_layer *layer = network->layers + index;
    for (size_t b = 0; b < sizeof initial_values / sizeof *initial_values; b++) {
        void *data = mlpbn__layer_data(layer, initial_values[b].kind);
        for (size_t i = 0; data && i < layer->options.units; i++)
            mlpbn__store(network->dtype, data, i, initial_values[b].value);
    }
    layer->batchnorm.batches = 0;
    layer->batchnorm.is_initial = 1;
}

typedef enum distribution { CONSTANT, NORMAL, UNIFORM, ORTHOGONAL } distribution;

/* How an init draws, and its standard deviation: sqrt(gain / (inputs + with_units * units)),
 * or sigma itself where gain is 0. */
static const struct {
    distribution distribution;
    double gain;
    int with_units;
} inits[] = {
    [MLPBN_INIT_HE] = {NORMAL, 2, 0},
    [MLPBN_INIT_XAVIER] = {NORMAL, 2, 1},
    [MLPBN_INIT_NORMAL] = {NORMAL, 0, 0},
    [MLPBN_INIT_ZEROS] = {CONSTANT, 0, 0},
    [MLPBN_INIT_LECUN] = {NORMAL, 1, 0},
    [MLPBN_INIT_HE_UNIFORM] = {UNIFORM, 2, 0},
    [MLPBN_INIT_XAVIER_UNIFORM] = {UNIFORM, 2, 1},
    [MLPBN_INIT_LECUN_UNIFORM] = {UNIFORM, 1, 0},
    [MLPBN_INIT_UNIFORM] = {UNIFORM, 0, 0},
    [MLPBN_INIT_CONSTANT] = {CONSTANT, 0, 0},
    [MLPBN_INIT_ORTHOGONAL] = {ORTHOGONAL, 0, 0},
};

static double deviation(const mlpbn_layer *layer, mlpbn_init init, double sigma)
{
    double inputs = (double)layer->inputs, units = (double)layer->options.units;
    if (init == MLPBN_INIT_ZEROS)
        return 0;
    if (inits[init].gain == 0)
        return sigma;
    return sqrt(inits[init].gain / (inputs + inits[init].with_units * units));
}

/* Numbers of one kind, one after the other. */
typedef struct source {
    distribution distribution;
    mlpbn__random random;
    double pair[2];
    size_t drawn;
} source;

static double next_number(source *s)
{
    if (s->distribution == CONSTANT)
        return 1;
    if (s->distribution == UNIFORM)
        return 2 * mlpbn__random_uniform(&s->random) - 1;
    if (s->drawn % 2 == 0)
        mlpbn__random_normals(&s->random, s->pair);
    return s->pair[s->drawn++ % 2];
}

static double product(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Gram-Schmidt, twice because once leaves the rounding of nearly parallel rows (Giraud et
 * al., 2005). Of normal numbers it makes any orthonormal rows with equal chance. */
static void orthonormalize(double *rows, size_t n, size_t length)
{
    for (size_t i = 0; i < n; i++) {
        double *row = rows + i * length;
        for (size_t j = 0; j < 2 * i; j++) {
            const double *other = rows + j % i * length;
            double along = product(length, row, other);
            for (size_t k = 0; k < length; k++)
                row[k] -= along * other[k];
        }
        double norm = sqrt(product(length, row, row));
        for (size_t k = 0; k < length; k++)
            row[k] /= norm;
    }
}

size_t mlpbn__initialize_room(const mlpbn_layer *layer, mlpbn_init init)
{
    return inits[init].distribution == ORTHOGONAL ? layer->options.units * layer->inputs
                                                  : 0;
}

/* Orthonormal rows, or columns where there are fewer of these. */
static void fill_orthogonal(double *room, size_t rows, size_t columns, source *s)
{
    for (size_t i = 0; i < rows * columns; i++)
        room[i] = next_number(s);
    if (rows <= columns)
        orthonormalize(room, rows, columns);
    else
        orthonormalize(room, columns, rows);
}

/* Weight i, counted without padding, is number i of the layer's stream. */
void mlpbn__layer_initialize(mlpbn_network *network, size_t index, mlpbn_init init,
                             double sigma, uint64_t seed, double *room)
{
    mlpbn_layer *layer = network->layers + index;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    void *data = mlpbn__tensor_data(network, weight);
    size_t rows = weight->rows, columns = weight->columns;
    double scale = deviation(layer, init, sigma);
    source s = {.distribution = inits[init].distribution,
                .random = mlpbn__random_new(seed, MLPBN__STREAM_WEIGHTS, index)};
    if (s.distribution == ORTHOGONAL)
        fill_orthogonal(room, rows, columns, &s);
    if (s.distribution == UNIFORM && inits[init].gain > 0)
        scale *= sqrt(3); /* half the width of this deviation */
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            double number;
            if (s.distribution == ORTHOGONAL)
                number = room[rows <= columns ? i * columns + j : j * rows + i];
            else
                number = next_number(&s);
            mlpbn__store(network->dtype, data, i * weight->stride + j, scale * number);
        }
    mlpbn__layer_reset(network, index);
}
