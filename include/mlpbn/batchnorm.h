/* Batch normalization (Ioffe and Szegedy, 2015, https://arxiv.org/abs/1502.03167).
 *
 * Each unit is normalized before the activation or, as an option, after it:
 *
 *   xhat = (z - mean) / sqrt(var + eps)        y = gamma * xhat + beta
 *
 * In training, mean and var are those of the batch, var is divided by n (Algorithm 1 of the
 * paper), and the gradient flows through both. In prediction they are running averages, which
 * each training step updates:
 *
 *   running = decay * running + (1 - decay) * batch
 *
 * (PyTorch's momentum is 1 - decay. The momentum of Keras and ONNX is decay.) */
#ifndef MLPBN_BATCHNORM_H
#define MLPBN_BATCHNORM_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/tensor.h>

MLPBN_BEGIN

typedef struct mlpbn_batchnorm_options {
    size_t struct_size;
    /* This is added to the variance. It must be > 0, and 1 / sqrt(eps) finite in the network's
     * dtype (for float: eps > 1e-76). It should be much smaller than the variance of z: with
     * weights drawn at sigma 1e-4 the default is not. Default 1e-5. */
    double eps;
    /* The decay rate of the running averages, in [0, 1]. Default 0.9. */
    double decay;
    /* 1: the running variance averages the variances of batches divided by n - 1, as PyTorch
     * does; 0: divided by n. Default 0. */
    int unbiased_running_variance;
    /* 1: the statistics of the first batch replace the initial running averages, mean 0 and
     * variance 1, instead of being averaged with them; running averages that were set (by
     * mlpbn_network_set_f32, say) are not initial. Default 1. */
    int start_from_first_batch;
    int affine;           /* 1 (default): has gamma and beta; 0: they are 1 and 0 */
    int after_activation; /* 1: normalizes f(z) instead of z. Default 0 */
    /* 1: the running statistics are the average over all batches so far, each with the same
     * weight: batches / (batches + 1) takes the place of decay. Default 0. */
    int cumulative;
} mlpbn_batchnorm_options;

#define MLPBN_BATCHNORM_OPTIONS_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_batchnorm_options), 1e-5, 0.9, 0, 1, 1, 0, 0                        \
    }

/* The defaults of PyTorch's nn.BatchNorm1d, of Keras's BatchNormalization, and of ONNX's
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

/* Fills in the defaults of MLPBN_BATCHNORM_OPTIONS_INIT.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_batchnorm_options_init(mlpbn_batchnorm_options *options, size_t struct_size);

/* The options that a batchnorm was made with. batchnorm must not be NULL; these never fail. */
MLPBN_API double mlpbn_batchnorm_eps(const mlpbn_batchnorm *batchnorm);
MLPBN_API double mlpbn_batchnorm_decay(const mlpbn_batchnorm *batchnorm);
MLPBN_API int mlpbn_batchnorm_after_activation(const mlpbn_batchnorm *batchnorm);

/* Whether the running statistics are frozen (mlpbn_network_freeze_statistics). batchnorm must
 * not be NULL. */
MLPBN_API int mlpbn_batchnorm_frozen(const mlpbn_batchnorm *batchnorm);

/* The number of batches in the running averages so far (PyTorch's num_batches_tracked).
 * batchnorm must not be NULL. */
MLPBN_API uint64_t mlpbn_batchnorm_batches(const mlpbn_batchnorm *batchnorm);

/* Describes one of the batchnorm's tensors, each [units]: MLPBN_GAMMA, MLPBN_BETA,
 * MLPBN_RUNNING_MEAN or MLPBN_RUNNING_VAR.
 *
 * tensor  receives the description; its struct_size must be set (mlpbn_tensor_init)
 *
 * MLPBN_EINVAL  an argument is NULL; kind is none of the four; or kind is gamma or beta, and
 *               the batchnorm is not affine
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_batchnorm_tensor(
    mlpbn_tensor *tensor, const mlpbn_batchnorm *batchnorm, mlpbn_tensor_kind kind);

MLPBN_END

#endif
