/* A network is a stack of layers with their parameters and running statistics. It is complete
 * once it is created, and its shape and dtype never change. */
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
                        * weights; those in f32 are those in f64, rounded */
} mlpbn_network_options;

#define MLPBN_NETWORK_OPTIONS_INIT(inputs)                                               \
    {                                                                                    \
        sizeof(mlpbn_network_options), MLPBN__SIZE(inputs), MLPBN_F32, 0                 \
    }

/* Fills in the defaults, and inputs = 0.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_options_init(mlpbn_network_options *options, size_t struct_size);

/* Makes a network of n_layers layers and draws its weights. The first layer has
 * options->inputs inputs; each other layer has the outputs of the layer before it.
 *
 * network  receives the network; destroy it with mlpbn_network_destroy
 * options  must not be NULL: inputs have no default
 * layers   [n_layers], n_layers >= 1. All elements must have the same struct_size, which is
 *          also the distance between them in bytes. After the call, options, layers and what
 *          they point to are not used any more.
 *
 * MLPBN_EINVAL  an argument is NULL; inputs, units or n_layers is 0; an option is
 *               unknown or out of its range (mlpbn_last_error names it and the layer)
 * MLPBN_ESIZE   the parameters do not fit the address space
 * MLPBN_ENOMEM  no memory for the network
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_create(mlpbn_network **network, const mlpbn_network_options *options,
                     const mlpbn_layer_options *layers, size_t n_layers);

/* Frees a network; network may be NULL. Its workspaces and optimizers may be destroyed before
 * or after it. */
MLPBN_API void mlpbn_network_destroy(mlpbn_network *network);

/* Makes an independent copy, with parameters, running statistics and standardization, in this
 * dtype; from f64 to f32 values are rounded. Like any network, the copy needs a workspace and
 * an optimizer of its own.
 *
 * copy  receives the network; destroy it with mlpbn_network_destroy
 *
 * MLPBN_EINVAL      an argument is NULL, or dtype is not MLPBN_F32 or MLPBN_F64
 * MLPBN_ENOMEM      no memory for the copy
 * MLPBN_ENONFINITE  a value, an alpha, or 1 / sqrt(eps) of a batchnorm is not finite in the
 *                   smaller dtype
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_clone(mlpbn_network **copy,
                                                            const mlpbn_network *network,
                                                            mlpbn_dtype dtype);

/* Copies parameters, running statistics and standardization from one network to another of
 * the same shape: to keep the best state of a training run, or to go back to it. Workspaces
 * and optimizers of `network` stay valid.
 *
 * network  keeps its own dtype, activations and options, which may differ from those of `from`,
 *          and its batchnorms stay frozen or not frozen (mlpbn_network_freeze_statistics),
 *          whatever those of `from` are
 * from     is only read
 *
 * MLPBN_EINVAL      an argument is NULL
 * MLPBN_ESHAPE      the two do not have the same tensors
 * MLPBN_ENONFINITE  a value is not finite in the smaller dtype
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_copy(mlpbn_network *network,
                                                           const mlpbn_network *from);

/* What a network was made with. network must not be NULL; these never fail. */
MLPBN_API size_t mlpbn_network_inputs(const mlpbn_network *network);
MLPBN_API size_t mlpbn_network_outputs(const mlpbn_network *network);
MLPBN_API size_t mlpbn_network_n_layers(const mlpbn_network *network);
MLPBN_API mlpbn_dtype mlpbn_network_dtype(const mlpbn_network *network);

/* The number of training steps so far: calls of mlpbn_optimizer_step, mlpbn_train_step and
 * mlpbn_commit_statistics. A dropout mask depends on this number, the workspace's
 * dropout_seed, the layer, the unit, and the position of the row in its batch, and on nothing
 * else: so passes between two steps have the same masks, and a run can be repeated or resumed
 * with the same bits. network must not be NULL. */
MLPBN_API uint64_t mlpbn_network_steps(const mlpbn_network *network);

/* Layer `index`, borrowed from the network; NULL if index >= mlpbn_network_n_layers().
 * network must not be NULL. */
MLPBN_API const mlpbn_layer *mlpbn_network_layer(const mlpbn_network *network,
                                                 size_t index);

#define MLPBN_ALL_LAYERS SIZE_MAX

/* Draws the weights of one layer, or of MLPBN_ALL_LAYERS, again. Biases, beta and running
 * means become 0, gamma and running variances 1. The standardization is not changed. The
 * weights of a layer depend on the seed only, not on whether the layer is drawn alone, with
 * all layers, or by mlpbn_network_create.
 *
 * sigma  like init_sigma of mlpbn_layer_options; ignored by an init that does not use it
 *
 * MLPBN_EINVAL  network is NULL, there is no such layer, init is unknown, or sigma is out of
 *               its range
 * MLPBN_ENOMEM  no memory to make orthogonal weights
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_initialize(
    mlpbn_network *network, size_t layer, mlpbn_init init, double sigma, uint64_t seed);

/* Freezes or unfreezes the running statistics of one layer's batchnorm, or of all batchnorms
 * with MLPBN_ALL_LAYERS. While they are frozen, training normalizes by them, as prediction
 * does: they are constants in the backward pass, and steps do not update them. gamma and beta
 * are trained as before. This is for fine-tuning on little data or with small batches. The
 * state is part of the network, saved and loaded with it, and copied by mlpbn_network_clone, but
 * not by mlpbn_network_copy. A pass that has begun goes on as it began, and its step too
 * (mlpbn/train.h). No other thread may use the network during the call.
 *
 * frozen  1: freezes; 0: unfreezes
 *
 * MLPBN_EINVAL  network is NULL, there is no such layer, the layer has no batchnorm (with
 *               MLPBN_ALL_LAYERS, layers without it are passed over), or frozen is neither 0
 *               nor 1
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_freeze_statistics(mlpbn_network *network, size_t layer, int frozen);

/* Input standardization replaces each column of x by (x - mean) / std before the first layer,
 * both in training and in prediction, and for rows of any dtype. It is part of the network: it
 * is copied and saved with it. Training does not change it. */

/* Sets the standardization.
 *
 * mean, std  [n], n = inputs; if both are NULL and n is 0, the standardization is removed
 *
 * MLPBN_EINVAL      network is NULL, one of mean and std is NULL, or a std is <= 0
 * MLPBN_ESHAPE      n is not the network's inputs
 * MLPBN_ENONFINITE  a value is NaN or infinite, a mean does not fit the network's dtype, or
 *                   1 / std overflows or vanishes in it
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_set_standardization(
    mlpbn_network *network, const double *mean, const double *std, size_t n);

/* Sets the standardization to the mean and the standard deviation (divided by n - 1) of each
 * column of these rows, computed in double in two passes. A column that is constant up to
 * rounding has std 1, by the rule of scikit-learn: var <= n eps var + (n mean eps)^2, where var
 * is divided by n and eps is DBL_EPSILON. Labels and targets are not read. Call it with the
 * training data, before the first step.
 *
 * With weights w of the rows, n is the number of rows of weight > 0, and
 *
 *   mean = sum w x / sum w          std^2 = n / (n - 1) sum w (x - mean)^2 / sum w
 *
 * MLPBN_EINVAL      as for mlpbn_gradient; or a weight is negative or not finite
 * MLPBN_EDTYPE, MLPBN_ESHAPE, MLPBN_ESIZE, MLPBN_EINDEX  as for mlpbn_gradient
 * MLPBN_EBATCH      there are fewer than 2 rows of weight > 0
 * MLPBN_ENOMEM      no memory for the sums
 * MLPBN_ENONFINITE  a row holds a NaN or an infinity; a mean does not fit the network's dtype,
 *                   or 1 / std overflows or vanishes in it
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_fit_standardization(mlpbn_network *network, const mlpbn_rows *rows);

/* Gets the standardization: all means 0 and all stds 1 if the network has none.
 *
 * mean, std  [n], n = inputs; receive the values
 *
 * MLPBN_EINVAL  an argument is NULL
 * MLPBN_ESHAPE  n is not the network's inputs
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_get_standardization(
    const mlpbn_network *network, double *mean, double *std, size_t n);

MLPBN_END

#endif
