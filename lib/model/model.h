/* The structs behind the handles network, layer and batchnorm.
 *
 * A network is two blocks of memory: its structs, which are fixed at creation, and its arrays:
 *
 *   | network | layers | tensors |      | parameters | statistics | standardization |
 *
 * Parameters are the arrays that have a gradient; statistics are the running means and
 * variances. */
#ifndef MLPBN_MODEL_MODEL_H
#define MLPBN_MODEL_MODEL_H

#include "base/memory.h"

#include <mlpbn/batchnorm.h>
#include <mlpbn/layer.h>
#include <mlpbn/network.h>
#include <mlpbn/tensor.h>

/* One more than the last enumerator. */
enum {
    MLPBN__TENSOR_KINDS = MLPBN_RUNNING_VAR + 1,
    MLPBN__INITS = MLPBN_INIT_ORTHOGONAL + 1
};

#define MLPBN__NO_TENSOR SIZE_MAX

typedef struct mlpbn__tensor {
    char name[40];
    mlpbn_tensor_kind kind;
    size_t layer;
    int is_parameter;
    size_t rows, columns, stride;
    size_t offset; /* into parameters or statistics, in elements */
} mlpbn__tensor;

struct mlpbn_batchnorm {
    const mlpbn_layer *layer;
    mlpbn_batchnorm_options options; /* zero in a layer without batchnorm */
    uint64_t batches;                /* that the running statistics contain */
    int is_initial; /* the running statistics have their initial values, 0 and 1 */
    int frozen; /* training normalizes by the running statistics and does not update them */
};

struct mlpbn_layer {
    const mlpbn_network *network;
    size_t index;
    size_t inputs;
    /* Checked and complete. alpha is 0 for an activation without alpha; batchnorm is NULL or
     * points to batchnorm.options below. */
    mlpbn_layer_options options;
    mlpbn_batchnorm batchnorm;
    size_t tensors[MLPBN__TENSOR_KINDS]; /* by kind: index in the network's table */
};

/* Counters of changes. A pass remembers them, so that calls that continue it can tell whether
 * the network is still the one that it began with. */
typedef struct mlpbn__revision {
    uint64_t parameters; /* changes of any parameter, or of the standardization */
    uint64_t contents;   /* those that make another network of it: copied, loaded, ... */
} mlpbn__revision;

struct mlpbn_network {
    size_t id; /* unique among all networks of this process */
    mlpbn_dtype dtype;
    size_t inputs;
    size_t n_layers;
    mlpbn_layer *layers;
    size_t n_tensors;
    mlpbn__tensor *tensors;
    uint64_t steps; /* of training; the dropout masks depend on it */
    mlpbn__revision revision;
    size_t n_parameters, n_statistics; /* elements, with padding */
    void *arrays;                      /* the block that holds the arrays below */
    void *parameters, *statistics;
    /* Standardization of the inputs: mean and std as they were set, [inputs] doubles; and as
     * the gather kernel reads them, [inputs] of the network's dtype: mean_hi + mean_lo is the
     * mean, and scale is 1 / std. */
    int standardized;
    double *mean, *std;
    void *mean_hi, *mean_lo, *scale;
};

/* Makes a network of layers whose options were checked. Weights are zero, all other tensors
 * have their initial values.
 *
 * MLPBN_ESIZE   the arrays do not fit the address space
 * MLPBN_ENOMEM  no memory
 */
mlpbn_status mlpbn__network_new(mlpbn_network **network, mlpbn_dtype dtype, size_t inputs,
                                const mlpbn_layer_options *layers, size_t n_layers);

void mlpbn__network_free(mlpbn_network *network);

/* Makes a copy in this dtype (mlpbn_network_clone). */
mlpbn_status mlpbn__network_clone(mlpbn_network **copy, const mlpbn_network *network,
                                  mlpbn_dtype dtype);

/* Copies the values of all tensors, the standardization and the counters from a network with
 * the same tensors. Copies nothing if a value is not finite in the dtype of `network`. */
mlpbn_status mlpbn__network_copy(mlpbn_network *network, const mlpbn_network *from);

/* Sets bias, gamma, beta and running statistics of a layer to their initial values. */
void mlpbn__layer_reset(mlpbn_network *network, size_t layer);

/* Draws the weights of the layers first .. end - 1 and resets their other tensors. The
 * distribution is that of init->init and init->init_sigma, or if `init` is NULL, of each
 * layer's own options. On MLPBN_ENOMEM nothing has changed. */
mlpbn_status mlpbn__network_initialize(mlpbn_network *network, size_t first, size_t end,
                                       const mlpbn_layer_options *init, uint64_t seed);

/* The first element of a tensor. */
void *mlpbn__tensor_data(const mlpbn_network *network, const mlpbn__tensor *tensor);

/* The layer's tensor of this kind; NULL if it has none. */
const mlpbn__tensor *mlpbn__layer_tensor(const mlpbn_layer *layer,
                                         mlpbn_tensor_kind kind);

/* The first element of the layer's tensor of this kind; NULL if it has none. */
void *mlpbn__layer_data(const mlpbn_layer *layer, mlpbn_tensor_kind kind);

/* Counts a change of the network's contents. */
static inline void mlpbn__contents_changed(mlpbn_network *network)
{
    network->revision.parameters++;
    network->revision.contents++;
}

/* Sets the standardization: mean and std are [inputs]; if both are NULL, removes it. Counts a
 * change of contents: what loads into a network or copies into it also calls this. */
mlpbn_status mlpbn__standardize(mlpbn_network *network, const double *mean,
                                const double *std);

/* Whether 1 / sqrt(eps) is finite in this dtype: batchnorm multiplies by that where a unit is
 * constant over a batch. */
int mlpbn__eps_fits(double eps, mlpbn_dtype dtype);

static inline size_t mlpbn__network_outputs(const mlpbn_network *network)
{
    return network->layers[network->n_layers - 1].options.units;
}

int mlpbn__network_has_batchnorm(const mlpbn_network *network);

/* Whether any layer normalizes by the statistics of the batch in training. */
int mlpbn__network_has_batch_statistics(const mlpbn_network *network);

#endif
