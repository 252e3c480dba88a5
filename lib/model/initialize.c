/* Initial values: the distributions of weights, and the constants of other tensors. */
#include "base/array.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/random.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>

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
    for (size_t k = 0; k < MLPBN__LENGTH(initial_values); k++) {
        void *data = mlpbn__layer_data(layer, initial_values[k].kind);
        for (size_t i = 0; data && i < layer->options.units; i++)
            mlpbn__store(network->dtype, data, i, initial_values[k].value);
    }
    layer->batchnorm.batches = 0;
    layer->batchnorm.is_initial = 1;
}

typedef enum distribution { CONSTANT, NORMAL, UNIFORM, ORTHOGONAL } distribution;

/* The distribution of each init, and its standard deviation: sqrt(gain / fan), or init_sigma
 * if gain is 0. fan is inputs + units if adds_units is 1, otherwise inputs. */
static const struct {
    distribution distribution;
    double gain;
    int adds_units;
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
MLPBN__ASSERT_ROWS(inits, MLPBN__INITS);

static double standard_deviation(const mlpbn_layer *layer, mlpbn_init init, double sigma)
{
    double inputs = (double)layer->inputs, units = (double)layer->options.units;
    if (init == MLPBN_INIT_ZEROS)
        return 0;
    if (inits[init].gain == 0)
        return sigma;
    return sqrt(inits[init].gain / (inputs + inits[init].adds_units * units));
}

/* Draws unscaled weights: 1 for CONSTANT, from [-1, 1] for UNIFORM, otherwise standard normal
 * numbers. */
typedef struct generator {
    distribution distribution;
    mlpbn__random random;
    double pair[2]; /* Box-Muller makes normal numbers in pairs */
    size_t n_generated;
} generator;

static double draw(generator *g)
{
    if (g->distribution == CONSTANT)
        return 1;
    if (g->distribution == UNIFORM)
        return 2 * mlpbn__random_uniform(&g->random) - 1;
    if (g->n_generated % 2 == 0)
        mlpbn__random_normals(&g->random, g->pair);
    return g->pair[g->n_generated++ % 2];
}

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Gram-Schmidt orthonormalization of the n rows of a[n][length], done twice because one pass
 * leaves the rounding errors of nearly parallel rows (Giraud et al., 2005). If the elements
 * are independent normal numbers, the result is uniformly distributed. */
static void orthonormalize(double *a, size_t n, size_t length)
{
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * length;
        for (size_t j = 0; j < 2 * i; j++) {
            const double *other = a + j % i * length;
            double projection = dot(length, row, other);
            for (size_t k = 0; k < length; k++)
                row[k] -= projection * other[k];
        }
        double norm = sqrt(dot(length, row, row));
        for (size_t k = 0; k < length; k++)
            row[k] /= norm;
    }
}

/* Fills scratch with an orthonormal matrix: [rows][columns], or its transpose if there are
 * fewer columns than rows. */
static void draw_orthogonal(double *scratch, size_t rows, size_t columns, generator *g)
{
    for (size_t i = 0; i < rows * columns; i++)
        scratch[i] = draw(g);
    if (rows <= columns)
        orthonormalize(scratch, rows, columns);
    else
        orthonormalize(scratch, columns, rows);
}

/* The number of doubles that draw_orthogonal needs; 0 for other distributions. */
static size_t scratch_size(const mlpbn_layer *layer, mlpbn_init init)
{
    return inits[init].distribution == ORTHOGONAL ? layer->options.units * layer->inputs
                                                  : 0;
}

/* Weight i, counted without padding, is value i of the layer's random stream. */
static void initialize_layer(mlpbn_network *network, size_t index, mlpbn_init init,
                             double sigma, uint64_t seed, double *scratch)
{
    mlpbn_layer *layer = network->layers + index;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    void *data = mlpbn__tensor_data(network, weight);
    size_t rows = weight->rows, columns = weight->columns;
    double scale = standard_deviation(layer, init, sigma);
    generator g = {.distribution = inits[init].distribution,
                   .random = mlpbn__random_new(seed, MLPBN__STREAM_WEIGHTS, index)};
    if (g.distribution == ORTHOGONAL)
        draw_orthogonal(scratch, rows, columns, &g);
    if (g.distribution == UNIFORM && inits[init].gain > 0)
        scale *= sqrt(3); /* [-a, a] has the standard deviation a / sqrt(3) */
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            double value;
            if (g.distribution == ORTHOGONAL)
                value = scratch[rows <= columns ? i * columns + j : j * rows + i];
            else
                value = draw(&g);
            mlpbn__store(network->dtype, data, i * weight->stride + j, scale * value);
        }
    mlpbn__layer_reset(network, index);
}

mlpbn_status mlpbn__network_initialize(mlpbn_network *network, size_t first, size_t end,
                                       const mlpbn_layer_options *init, uint64_t seed)
{
    size_t size = 0;
    for (size_t l = first; l < end; l++) {
        const mlpbn_layer *layer = network->layers + l;
        size_t needed = scratch_size(layer, (init ? init : &layer->options)->init);
        size = needed > size ? needed : size;
    }
    double *scratch = size > 0 ? calloc(size, sizeof *scratch) : NULL;
    if (size > 0 && !scratch)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to draw %zu weights", size);
    for (size_t l = first; l < end; l++) {
        const mlpbn_layer_options *options = init ? init : &network->layers[l].options;
        initialize_layer(network, l, options->init, options->init_sigma, seed, scratch);
    }
    free(scratch);
    mlpbn__contents_changed(network);
    return MLPBN_OK;
}
