/* Batch normalization (Ioffe and Szegedy, 2015, https://arxiv.org/abs/1502.03167).
 *
 * Between product and activation, or after the activation, per unit:
 *
 *   xhat = (z - mean) / sqrt(var + eps)        y = gamma * xhat + beta
 *
 * In training mean and var are those of the batch, var divided by n (their Algorithm 1),
 * and the gradient flows through them. In prediction they are running averages, which a
 * training step updates:
 *
 *   running = decay * running + (1 - decay) * batch
 *
 * (PyTorch's momentum is 1 - decay; Keras's and ONNX's are decay.) */
#ifndef MLPBN_BATCHNORM_H
#define MLPBN_BATCHNORM_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/tensor.h>

MLPBN_BEGIN

typedef struct mlpbn_batchnorm_options {
    size_t struct_size;
    /* Added to the variance; > 0, and 1 / sqrt(eps) must be finite in the network's dtype
     * (for float: eps > 1e-76). Keep it well below the variance that z has: with weights
     * drawn at sigma 1e-4 the default swamps it. Default 1e-5. */
    double eps;
    /* Of the running averages; in [0, 1]. Default 0.9. */
    double decay;
    /* 1: the running variance stores the batch's variance divided by n - 1 instead of n,
     * as PyTorch does. Default 0. */
    int unbiased_running_variance;
    /* 1: the first batch's statistics become the running ones, instead of being averaged
     * with the mean 0 and variance 1 that they have at birth; not if these were set
     * (mlpbn_network_set_f32), as when a trained network is brought in. Default 1. */
    int start_from_first_batch;
    int affine;           /* 1 (default): has gamma and beta; 0: they are 1 and 0 */
    int after_activation; /* 1: normalizes f(z) instead of z. Default 0 */
    /* 1: running statistics are the average of all batches seen, each with the same weight:
     * decay is batches / (batches + 1), whatever the option says. Default 0. */
    int cumulative;
} mlpbn_batchnorm_options;

#define MLPBN_BATCHNORM_OPTIONS_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_batchnorm_options), 1e-5, 0.9, 0, 1, 1, 0, 0                        \
    }

/* The defaults of others: PyTorch's nn.BatchNorm1d, Keras's BatchNormalization, and ONNX's
 * BatchNormalization with training_mode 1. */
#define MLPBN_BATCHNORM_PYTORCH_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_batchnorm_options), 1e-5, 0.9, 1, 0, 1, 0, 0                        \
    }
#define MLPBN_BATCHNORM_KERAS_INIT                                                       \
    {                                                                                    \
        sizeof(mlpbn_batchnorm_options), 1e-3, 0.99, 0, 0, 1, 0, 0                       \
    }
#define MLPBN_BATCHNORM_ONNX_INIT                                                        \
    {                                                                                    \
        sizeof(mlpbn_batchnorm_options), 1e-5, 0.9, 0, 0, 1, 0, 0                        \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_batchnorm_options_init(mlpbn_batchnorm_options *options, size_t struct_size);

/* What a batchnorm was made with. batchnorm must not be NULL; never fails. */
MLPBN_API double mlpbn_batchnorm_eps(const mlpbn_batchnorm *batchnorm);
MLPBN_API double mlpbn_batchnorm_decay(const mlpbn_batchnorm *batchnorm);
MLPBN_API int mlpbn_batchnorm_after_activation(const mlpbn_batchnorm *batchnorm);

/* Whether training leaves the running statistics alone (mlpbn_network_freeze_statistics). */
MLPBN_API int mlpbn_batchnorm_frozen(const mlpbn_batchnorm *batchnorm);

/* How many batches the running averages have seen (PyTorch's num_batches_tracked). */
MLPBN_API uint64_t mlpbn_batchnorm_batches(const mlpbn_batchnorm *batchnorm);

/* Describes one of its tensors, each [units]: MLPBN_GAMMA, MLPBN_BETA,
 * MLPBN_RUNNING_MEAN or MLPBN_RUNNING_VAR.
 *
 * tensor  caller's, struct_size set (mlpbn_tensor_init)
 *
 * MLPBN_EINVAL  an argument is NULL, kind is none of the four, or there is no gamma and
 *               beta
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_batchnorm_tensor(
    mlpbn_tensor *tensor, const mlpbn_batchnorm *batchnorm, mlpbn_tensor_kind kind);

MLPBN_END

#endif
