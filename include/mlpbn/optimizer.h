/* Optimizers: SGD, RMSprop, Adam, AdamW. */
#ifndef MLPBN_OPTIMIZER_H
#define MLPBN_OPTIMIZER_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/tensor.h>

MLPBN_BEGIN

/* The formulas have PyTorch's form. g is the gradient after clipping, rate the learning rate,
 * and t the number of the step, beginning with 1. The averages v, s and m begin with 0. */
typedef enum mlpbn_optimizer_kind {
    /* Stochastic gradient descent, with momentum as in Sutskever et al. (2013):
     *
     *   v <- momentum v + g
     *   p <- p - rate v                      nesterov 0
     *   p <- p - rate (g + momentum v)       nesterov 1
     */
    MLPBN_SGD = 1,
    /* RMSprop (Tieleman and Hinton, 2012):
     *
     *   s <- rho s + (1 - rho) g^2
     *   v <- momentum v + g / (sqrt(s) + eps)
     *   p <- p - rate v
     */
    MLPBN_RMSPROP = 2,
    /* Adam (Kingma and Ba, 2015, Algorithm 1):
     *
     *   m <- beta1 m + (1 - beta1) g
     *   s <- beta2 s + (1 - beta2) g^2
     *   p <- p - rate / (1 - beta1^t) m / (sqrt(s / (1 - beta2^t)) + eps)
     */
    MLPBN_ADAM = 3,
    /* Adam with decoupled weight decay (Loshchilov and Hutter, 2019, Algorithm 2). Before the
     * update of Adam, parameters of decay_kinds decay:
     *
     *   p <- p (1 - rate weight_decay)
     */
    MLPBN_ADAMW = 4
} mlpbn_optimizer_kind;

/* One past the last kind of optimizer: the length of the library's tables. */
#define MLPBN__OPTIMIZER_KIND_END (MLPBN_ADAMW + 1)

/* Each option says which kinds of optimizers use it. With another kind it must be 0 or its
 * default: anything else would have no effect, and is MLPBN_EINVAL. The L2 penalty, which
 * PyTorch calls weight_decay in all optimizers but AdamW, is an option of the loss
 * (mlpbn/loss.h). */
typedef struct mlpbn_optimizer_options {
    size_t struct_size;
    mlpbn_optimizer_kind kind; /* default MLPBN_SGD */
    /* Finite, >= 0. MLPBN_DEFAULT_LEARNING_RATE, the default, stands for 0.01 with SGD and
     * RMSprop, and 0.001 with Adam and AdamW, as in PyTorch. */
    double learning_rate;
    /* momentum, beta1, beta2 and rho must be in [0, 1), also when rounded to the network's
     * dtype. */
    double momentum;     /* SGD, RMSprop; default 0 */
    int nesterov;        /* SGD with momentum > 0: 1: Nesterov momentum; default 0 */
    double beta1, beta2; /* Adam, AdamW; default 0.9, 0.999 */
    double rho;          /* RMSprop; default 0.99 */
    double eps; /* all but SGD; finite and > 0, also in the dtype; default 1e-8 */
    /* AdamW; finite, >= 0. MLPBN_DEFAULT_WEIGHT_DECAY, the default, stands for 0.01. */
    double weight_decay;
    /* AdamW: the kinds of parameters that decay: bits MLPBN_KIND_BIT (mlpbn/tensor.h), not
     * kinds; at least one bit if weight_decay > 0. Default: weights only, not bias, gamma,
     * beta. */
    unsigned decay_kinds;
    /* > 0: a step first multiplies the gradient by min(1, clip_norm / (norm + 1e-6)), where
     * norm is that of the gradient of all parameters together (Pascanu et al. 2013, Algorithm
     * 1). 0 (default): no clipping. It must be finite. A step fails with MLPBN_ENONFINITE if
     * clip_norm / norm is below the dtype's smallest normal number. */
    double clip_norm;
} mlpbn_optimizer_options;

#define MLPBN_DEFAULT_LEARNING_RATE (-1.)
#define MLPBN_DEFAULT_WEIGHT_DECAY (-1.)

#define MLPBN_OPTIMIZER_OPTIONS_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_optimizer_options), MLPBN_SGD, MLPBN_DEFAULT_LEARNING_RATE, 0, 0,   \
            0.9, 0.999, 0.99, 1e-8, MLPBN_DEFAULT_WEIGHT_DECAY,                          \
            MLPBN_KIND_BIT(MLPBN_WEIGHT), 0                                              \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_optimizer_options_init(mlpbn_optimizer_options *options, size_t struct_size);

/* Makes an optimizer for this network. Its averages begin with 0.
 *
 * optimizer  receives the optimizer; destroy it with mlpbn_optimizer_destroy
 * options    NULL: the defaults
 *
 * MLPBN_EINVAL  optimizer or network is NULL, or an option is unknown, out of range, or without
 *               effect for this kind of optimizer (mlpbn_last_error names it)
 * MLPBN_ENOMEM  no memory for its averages
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_optimizer_create(mlpbn_optimizer **optimizer, const mlpbn_network *network,
                       const mlpbn_optimizer_options *options);

/* Frees an optimizer; optimizer may be NULL. */
MLPBN_API void mlpbn_optimizer_destroy(mlpbn_optimizer *optimizer);

/* Sets the learning rate of the following steps, such as that of a schedule (mlpbn/schedule.h),
 * before each step. A rate that is too large for the network's dtype is an error of the step
 * (mlpbn/train.h).
 *
 * MLPBN_EINVAL  optimizer is NULL, or rate is negative or not finite
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_optimizer_set_learning_rate(mlpbn_optimizer *optimizer, double rate);

/* The current learning rate. optimizer must not be NULL. */
MLPBN_API double mlpbn_optimizer_learning_rate(const mlpbn_optimizer *optimizer);

MLPBN_END

#endif
