/* What stands behind the handles network, layer and batchnorm.
 *
 * A network is two blocks of memory, its shape, which is fixed at birth, and its numbers:
 *
 *   | network | layers | tensors |      | parameters | statistics | standardization |
 *
 * Parameters are the arrays that have a gradient, statistics the running averages. */
#ifndef MLPBN_MODEL_MODEL_H
#define MLPBN_MODEL_MODEL_H

#include "base/memory.h"

#include <mlpbn/batchnorm.h>
#include <mlpbn/layer.h>
#include <mlpbn/network.h>
#include <mlpbn/tensor.h>

enum { MLPBN__TENSOR_KINDS = MLPBN_RUNNING_VAR + 1 };
#define MLPBN__NO_TENSOR SIZE_MAX

typedef struct mlpbn__tensor {
    char name[40];
    mlpbn_tensor_kind kind;
    size_t layer;
    int is_parameter;
    size_t rows, columns, stride;
    size_t offset; /* into parameters or statistics, in numbers */
} mlpbn__tensor;

struct mlpbn_batchnorm {
    const mlpbn_layer *layer;
    mlpbn_batchnorm_options options; /* zero in a layer without batchnorm */
    uint64_t batches;                /* that the running averages have seen */
    int is_initial; /* the running averages are 0 and 1: nothing has set or moved them */
    int frozen; /* training normalizes by the running averages and leaves them alone */
};

struct mlpbn_layer {
    const mlpbn_network *network;
    size_t index;
    size_t inputs;
    /* Checked and complete: alpha is 0 where the activation has none; batchnorm is NULL or
     * points to batchnorm.options below. */
    mlpbn_layer_options options;
    mlpbn_batchnorm batchnorm;
    size_t tensors[MLPBN__TENSOR_KINDS]; /* in the network's table, by kind */
};

struct mlpbn_network {
    size_t id; /* no other network of this process has it */
    mlpbn_dtype dtype;
    size_t inputs;
    size_t n_layers;
    mlpbn_layer *layers;
    size_t n_tensors;
    mlpbn__tensor *tensors;
    uint64_t steps; /* that training has committed; choose the masks of dropout */
    size_t n_parameters, n_statistics; /* numbers, with padding */
    void *numbers;                     /* the block that holds what follows */
    void *parameters, *statistics;
    /* Input standardization: mean and std as set, [inputs] doubles; and in the network's
     * dtype, as gathering uses it, the mean in two parts and 1 / std. */
    int standardized;
    double *mean, *std;
    void *mean_high, *mean_rest, *scale;
};

/* Makes a network of layers whose options were checked. Weights are zero, everything else
 * has its initial values. MLPBN_ESIZE if it could not be addressed, MLPBN_ENOMEM if there is
 * no memory. */
mlpbn_status mlpbn__network_new(mlpbn_network **network, mlpbn_dtype dtype, size_t inputs,
                                const mlpbn_layer_options *layers, size_t n_layers);

void mlpbn__network_free(mlpbn_network *network);

mlpbn_status mlpbn__network_clone(mlpbn_network **copy, const mlpbn_network *network,
                                  mlpbn_dtype dtype);

/* All numbers of a network with the same tensors, or none. */
mlpbn_status mlpbn__network_copy(mlpbn_network *network, const mlpbn_network *from);

/* Gives biases, gamma, beta and running statistics their initial values. */
void mlpbn__layer_reset(mlpbn_network *network, size_t layer);

/* How many numbers of room drawing a layer's weights takes. */
size_t mlpbn__initialize_room(const mlpbn_layer *layer, mlpbn_init init);

/* Draws a layer's weights and resets the rest of it. */
void mlpbn__layer_initialize(mlpbn_network *network, size_t layer, mlpbn_init init,
                             double sigma, uint64_t seed, double *room);

/* First number of a tensor. */
void *mlpbn__tensor_data(const mlpbn_network *network, const mlpbn__tensor *tensor);

/* The tensor of this kind of a layer; NULL if it has none. */
const mlpbn__tensor *mlpbn__layer_tensor(const mlpbn_layer *layer,
                                         mlpbn_tensor_kind kind);

/* First number of a layer's tensor of this kind; NULL if it has none. */
void *mlpbn__layer_data(const mlpbn_layer *layer, mlpbn_tensor_kind kind);

/* mean and std are [inputs]; both NULL: none. */
mlpbn_status mlpbn__standardize(mlpbn_network *network, const double *mean,
                                const double *std);

/* Whether a unit that is constant over a batch, and so divided by sqrt(eps), stays finite. */
int mlpbn__eps_fits(double eps, mlpbn_dtype dtype);

static inline size_t mlpbn__network_outputs(const mlpbn_network *network)
{
    return network->layers[network->n_layers - 1].options.units;
}

int mlpbn__network_has_batchnorm(const mlpbn_network *network);

/* Whether a layer normalizes by the statistics of the batch in training. */
int mlpbn__network_has_batch_statistics(const mlpbn_network *network);

#endif
