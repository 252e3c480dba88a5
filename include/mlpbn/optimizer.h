/* How parameters follow their gradients. */
#ifndef MLPBN_OPTIMIZER_H
#define MLPBN_OPTIMIZER_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/tensor.h>

MLPBN_BEGIN

/* g is the gradient, after clipping; rate the learning rate; t the number of the step, from
 * 1. Averages start at 0. In PyTorch's form, all of them. */
typedef enum mlpbn_optimizer_kind {
    /* Gradient descent, with momentum as in Sutskever et al. (2013):
     *
     *   v <- momentum v + g
     *   p <- p - rate v                      without Nesterov
     *   p <- p - rate (g + momentum v)       with
     */
    MLPBN_SGD = 1,
    /* Tieleman and Hinton (2012):
     *
     *   s <- rho s + (1 - rho) g^2
     *   v <- momentum v + g / (sqrt(s) + eps)
     *   p <- p - rate v
     */
    MLPBN_RMSPROP = 2,
    /* Kingma and Ba (2015), Algorithm 1:
     *
     *   m <- beta1 m + (1 - beta1) g
     *   s <- beta2 s + (1 - beta2) g^2
     *   p <- p - rate / (1 - beta1^t) m / (sqrt(s / (1 - beta2^t)) + eps)
     */
    MLPBN_ADAM = 3,
    /* Adam with decoupled weight decay (Loshchilov and Hutter, 2019, Algorithm 2): first
     *
     *   p <- p (1 - rate weight_decay)       of the kinds that are decayed
     */
    MLPBN_ADAMW = 4
} mlpbn_optimizer_kind;

/* One past the last kind of optimizer: the length of the library's tables. */
#define MLPBN__OPTIMIZER_KIND_END (MLPBN_ADAMW + 1)

/* What another method uses is checked, but has no effect. An L2 penalty is not here but in
 * the loss (mlpbn/loss.h). */
typedef struct mlpbn_optimizer_options {
    size_t struct_size;
    mlpbn_optimizer_kind kind; /* default MLPBN_SGD */
    double learning_rate;      /* finite, >= 0; default 0.01 */
    /* momentum, beta1, beta2 and rho are in [0, 1), also as the network's dtype rounds them */
    double momentum;     /* SGD, RMSprop; default 0 */
    int nesterov;        /* SGD: 1: Nesterov's form; needs momentum > 0. Default 0 */
    double beta1, beta2; /* Adam, AdamW; default 0.9, 0.999 */
    double rho;          /* RMSprop; default 0.99 */
    double eps;          /* all but SGD; finite, > 0, also in the dtype; default 1e-8 */
    double weight_decay; /* AdamW; finite, >= 0; default 0.01 */
    unsigned
        decay_kinds;  /* AdamW: kinds of parameters: bits MLPBN_KIND_BIT (mlpbn/tensor.h).
                          * Default: weights only, not bias, gamma, beta */
    double clip_norm; /* > 0: the gradient of all parameters together is multiplied by
                          * min(1, clip_norm / (norm + 1e-6)) first (Pascanu et al. 2013,
                          * Algorithm 1). 0 (default): it is not. Finite */
} mlpbn_optimizer_options;

#define MLPBN_OPTIMIZER_OPTIONS_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_optimizer_options), MLPBN_SGD, 0.01, 0, 0, 0.9, 0.999, 0.99, 1e-8,  \
            0.01, MLPBN_KIND_BIT(MLPBN_WEIGHT), 0                                        \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_optimizer_options_init(mlpbn_optimizer_options *options, size_t struct_size);

/* Makes an optimizer for this network; what it remembers starts at 0.
 *
 * optimizer  receives it; destroy with mlpbn_optimizer_destroy
 * options    NULL: the defaults
 *
 * MLPBN_EINVAL  optimizer or network is NULL, or an option is unknown or out of range
 * MLPBN_ENOMEM  no memory for its state
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_optimizer_create(mlpbn_optimizer **optimizer, const mlpbn_network *network,
                       const mlpbn_optimizer_options *options);

MLPBN_API void mlpbn_optimizer_destroy(mlpbn_optimizer *optimizer);

/* The learning rate of the steps to come; a schedule sets it before each.
 *
 * MLPBN_EINVAL  optimizer is NULL, or rate is negative or not finite
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_optimizer_set_learning_rate(mlpbn_optimizer *optimizer, double rate);

/* The learning rate that is set; optimizer must not be NULL. */
MLPBN_API double mlpbn_optimizer_learning_rate(const mlpbn_optimizer *optimizer);

MLPBN_END

#endif
