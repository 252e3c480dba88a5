/* A network: a stack of layers with their parameters and running statistics. Whole from
 * birth: there is no half-built state. Its shape and dtype never change. */
#ifndef MLPBN_NETWORK_H
#define MLPBN_NETWORK_H

#include <mlpbn/common.h>
#include <mlpbn/layer.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

typedef struct mlpbn_network_options {
    size_t struct_size;
    size_t inputs;     /* columns of x, >= 1; no default */
    mlpbn_dtype dtype; /* of parameters and arithmetic: MLPBN_F32 (default), MLPBN_F64 */
    uint64_t seed;     /* of the initial weights; default 0. The same seed gives the same
                        * weights, in f32 rounded from those in f64 */
} mlpbn_network_options;

#define MLPBN_NETWORK_OPTIONS_INIT(inputs)                                               \
    {                                                                                    \
        sizeof(mlpbn_network_options), inputs, MLPBN_F32, 0                              \
    }

/* Fills in the defaults above and inputs = 0.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_options_init(mlpbn_network_options *options, size_t struct_size);

/* Makes a network of n_layers layers, the first reading options->inputs columns, and
 * draws its weights.
 *
 * network  receives the network; destroy with mlpbn_network_destroy
 * layers   [n_layers], n_layers >= 1; from one to the next it is layers[0].struct_size
 *          bytes, and all have the same. Nothing is kept of options and layers after
 *          the call.
 *
 * MLPBN_EINVAL  an argument is NULL; inputs, units or n_layers is 0; an option is
 *               unknown or out of its range (mlpbn_last_error names it and the layer)
 * MLPBN_ESIZE   the parameters would not fit the address space
 * MLPBN_ENOMEM  no memory for them
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_create(mlpbn_network **network, const mlpbn_network_options *options,
                     const mlpbn_layer_options *layers, size_t n_layers);

/* Frees a network. Its workspaces and optimizers may be destroyed before or after it. */
MLPBN_API void mlpbn_network_destroy(mlpbn_network *network);

/* Makes an independent copy, parameters, running statistics and standardization, in
 * this dtype (rounded where it is the smaller one).
 *
 * MLPBN_EINVAL      an argument is NULL, or dtype is not MLPBN_F32 or MLPBN_F64
 * MLPBN_ENOMEM      no memory for it
 * MLPBN_ENONFINITE  a value, an alpha, or batchnorm's 1 / sqrt(eps) does not fit the smaller dtype
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_clone(mlpbn_network **copy,
                                                            const mlpbn_network *network,
                                                            mlpbn_dtype dtype);

/* Copies parameters, running statistics and standardization into a network of the same
 * shape, whose workspaces and optimizers go on with them: to go back to a good state, or
 * to keep the best one.
 *
 * network  may have another dtype, activations and options; keeps its own
 * from     is only read
 *
 * MLPBN_EINVAL      an argument is NULL
 * MLPBN_ESHAPE      the two do not have the same tensors
 * MLPBN_ENONFINITE  a value does not fit the smaller dtype
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_copy(mlpbn_network *network,
                                                           const mlpbn_network *from);

/* What a network was made with. network must not be NULL; never fail. */
MLPBN_API size_t mlpbn_network_inputs(const mlpbn_network *network);
MLPBN_API size_t mlpbn_network_outputs(const mlpbn_network *network);
MLPBN_API size_t mlpbn_network_layers(const mlpbn_network *network);
MLPBN_API mlpbn_dtype mlpbn_network_dtype(const mlpbn_network *network);

/* How many steps training has committed (mlpbn_optimizer_step, mlpbn_train_step,
 * mlpbn_commit_statistics). This number, the workspace's dropout_seed, the layer, the unit
 * and the place of a row in its batch say whether dropout keeps an output: so passes between
 * two steps see the same masks, and a run can be repeated or resumed bit by bit. network
 * must not be NULL. */
MLPBN_API uint64_t mlpbn_network_steps(const mlpbn_network *network);

/* Layer `index`, borrowed; NULL if index is not below mlpbn_network_layers(). */
MLPBN_API const mlpbn_layer *mlpbn_network_layer(const mlpbn_network *network,
                                                 size_t index);

#define MLPBN_ALL_LAYERS SIZE_MAX

/* Draws the weights of one layer, or of MLPBN_ALL_LAYERS, anew; biases and beta become
 * 0, gamma 1, running statistics those of birth. A layer gets the same weights from a
 * seed whether drawn alone, with all, or by mlpbn_network_create. Standardization stays.
 *
 * sigma  as init_sigma of mlpbn_layer_options; ignored where init has none
 *
 * MLPBN_EINVAL  network is NULL, no such layer, init unknown, or sigma out of range
 * MLPBN_ENOMEM  no memory to make orthogonal weights
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_initialize(
    mlpbn_network *network, size_t layer, mlpbn_init init, double sigma, uint64_t seed);

/* Freezes the running statistics of the batchnorm of one layer, or of MLPBN_ALL_LAYERS that
 * have one, or lets them go: while frozen, training normalizes by them, as prediction does,
 * takes them for constants in the backward pass, and does not update them; gamma and beta
 * train on. For fine-tuning on little data or small batches. Belongs to the network, whose
 * copies (mlpbn_network_clone, mlpbn_network_copy) are as frozen. Not safe beside any other
 * use of the network.
 *
 * frozen  1 or 0
 *
 * MLPBN_EINVAL  network is NULL, no such layer, it has no batchnorm, or frozen is neither
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_freeze_statistics(mlpbn_network *network, size_t layer, int frozen);

/* Input standardization: every column of x becomes (x - mean) / std before the first
 * layer, in training and in prediction alike, whatever the type of the rows. It belongs
 * to the network, is cloned with it, and is not trained. */

/* Sets it. mean and std are [n], n = inputs; both NULL and n = 0 removes it.
 *
 * MLPBN_EINVAL      network is NULL, one of mean and std is NULL, or a std is <= 0
 * MLPBN_ESHAPE      n is not the network's inputs
 * MLPBN_ENONFINITE  a value is NaN or infinite, or 1 / std overflows or vanishes in the
 *                   network's dtype
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_set_standardization(
    mlpbn_network *network, const double *mean, const double *std, size_t n);

/* Sets it to the mean and the standard deviation (divided by n - 1) of these rows, each
 * computed in two passes in double. A constant column gets std 1. Labels and targets
 * are not read.
 *
 * MLPBN_EINVAL, MLPBN_EDTYPE, MLPBN_ESHAPE, MLPBN_EINDEX  the view is wrong
 * MLPBN_EBATCH      fewer than 2 rows
 * MLPBN_ENOMEM      no memory for the sums
 * MLPBN_ENONFINITE  a row holds a NaN or an infinity
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_fit_standardization(mlpbn_network *network, const mlpbn_rows *rows);

/* Copies it out: mean and std are [n], n = inputs. Without standardization these are
 * zeros and ones.
 *
 * MLPBN_EINVAL  an argument is NULL
 * MLPBN_ESHAPE  n is not the network's inputs
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_get_standardization(
    const mlpbn_network *network, double *mean, double *std, size_t n);

MLPBN_END

#endif
