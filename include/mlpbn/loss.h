/* Losses, L2 penalties and metrics. */
#ifndef MLPBN_LOSS_H
#define MLPBN_LOSS_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/tensor.h>

MLPBN_BEGIN

/* In these formulas, y are the network's outputs for a row, k is the number of outputs, and
 * s(y) = 1 / (1 + exp(-y)). The loss of a batch is sum_r w_r loss_r, with the weights of the
 * rows (mlpbn/rows.h), or all w_r = 1, divided as mlpbn_reduction says: by default it is the
 * weighted mean over the rows.
 *
 * The cross-entropies take logits, of any size without overflow. They contain an activation:
 * softmax or sigmoid. If the last layer has that same activation, MLPBN_SOFTMAX or
 * MLPBN_SIGMOID, then y stands for the input of that activation: the predictions are
 * probabilities, and the loss applies the activation once, not twice. With another activation
 * whose outputs are probabilities (MLPBN_SIGMOID, MLPBN_HARD_SIGMOID or MLPBN_SOFTMAX), unless a
 * batchnorm follows it, the calls that compute the loss return MLPBN_EINVAL, because the outputs
 * are no logits. So they do for softmax of a single output, which is always 1. */
typedef enum mlpbn_loss {
    /* -log softmax(y)[label]; needs labels. With class weights c and label smoothing e
     * (Szegedy et al. 2016, section 7) it is, as in PyTorch,
     *
     *   -sum_i c_i t_i log softmax(y)_i,  t_i = e / k + (1 - e) [i = label]
     *
     * and the divisor of the weighted mean is sum_r w_r c_label. */
    MLPBN_SOFTMAX_CROSS_ENTROPY = 1,
    /* (1/k) sum_i (y_i - target_i)^2. This loss and all below need targets. */
    MLPBN_MEAN_SQUARED_ERROR = 2,
    /* -sum_i c_i target_i log softmax(y)_i. The targets are probabilities, in [0, 1]; their
     * sum is not checked. The divisor of the weighted mean is sum_r w_r. */
    MLPBN_SOFT_CROSS_ENTROPY = 3,
    /* -(1/k) sum_i c_i (p_i target_i log s(y_i) + (1 - target_i) log(1 - s(y_i))), targets in
     * [0, 1]. Each output is a binary classification of its own (multi-label), with the class
     * weight c_i and the weight p_i of what is positive: weight and pos_weight of PyTorch's
     * BCEWithLogitsLoss. The divisor of the weighted mean is sum_r w_r. */
    MLPBN_SIGMOID_CROSS_ENTROPY = 4,
    /* (1/k) sum_i |y_i - target_i|; the derivative at 0 is 0 */
    MLPBN_MEAN_ABSOLUTE_ERROR = 5,
    /* (1/k) sum_i h(y_i - target_i), h(e) = e^2 / 2 for |e| <= delta, else
     * delta (|e| - delta / 2) (Huber, 1964) */
    MLPBN_HUBER = 6,
    /* (1/k) sum_i (q_i max(target_i - y_i, 0) + (1 - q_i) max(y_i - target_i, 0)): output i
     * becomes the quantile q_i of its target (Koenker and Bassett, 1978), the median for 1/2.
     * scikit-learn's mean_pinball_loss, whose alpha is q. The derivative at 0 is 0. */
    MLPBN_PINBALL = 7
} mlpbn_loss;

/* One past the last loss: the length of the library's tables. */
#define MLPBN__LOSS_END (MLPBN_PINBALL + 1)

/* The divisor of sum_r w_r loss_r, in the loss and in its gradient. In mlpbn_evaluate the rows are
 * all rows of the call, not those of max_batch. A mean is right also where the sum of the losses
 * overflows but the mean does not.
 *
 * It matters where batches differ in their weights. The gradient of a weighted mean is that of the
 * mean over rows divided by the mean weight of the batch, class weights included: a batch of rows
 * with small weights makes a step as large as any other. So small batches of classes with
 * different weights do not approach the optimum of the weighted loss of all data, but something
 * between it and that of the loss without weights. Batches of the same size with the mean over
 * rows, or the sum, approach the optimum of the weighted loss. */
typedef enum mlpbn_reduction {
    /* sum_r w_r, where a loss with labels has w_r c_label for w_r: PyTorch's "mean". It is right
     * for weights of any size, because only the ratios of the weights count. If no row has a
     * weight above 0, times that of its class, or all are ignored, the loss is not defined:
     * MLPBN_EINVAL. */
    MLPBN_REDUCTION_WEIGHTED_MEAN = 1,
    /* 1: PyTorch's and Keras' "sum". The learning rate must fit the size of the batch. If all
     * weights are 0, loss and gradient are 0. */
    MLPBN_REDUCTION_SUM = 2,
    /* The number of rows, those of weight 0 included, ignored ones not: Keras' "sum_over_batch_size", and "mean"
     * of PyTorch for losses without class weights. If all weights are 0, loss and gradient are
     * 0. */
    MLPBN_REDUCTION_MEAN_OVER_ROWS = 3
} mlpbn_reduction;

/* One past the last reduction. */
#define MLPBN__REDUCTION_END (MLPBN_REDUCTION_MEAN_OVER_ROWS + 1)

/* The L2 penalty, a sum over all parameters p of the penalized kinds; cost = loss + penalty. */
typedef enum mlpbn_penalty {
    MLPBN_L2_SUM = 1, /* lambda sum p^2, with gradient 2 lambda p */
    MLPBN_L2_HALF_SUM =
        2 /* lambda / 2 sum p^2, with gradient lambda p: the weight_decay of
                           * PyTorch's SGD */
} mlpbn_penalty;

/* Every label of a row counts. */
#define MLPBN_NO_IGNORE_LABEL INT32_MIN

typedef struct mlpbn_loss_options {
    size_t struct_size;
    mlpbn_loss loss; /* default MLPBN_SOFTMAX_CROSS_ENTROPY */
    /* The factor of the penalty, >= 0, and 2 lambda finite in the network's dtype. Default
     * 0. */
    double lambda;
    mlpbn_penalty penalty; /* default MLPBN_L2_SUM */
    /* The kinds of parameters that are penalized: bits MLPBN_KIND_BIT (mlpbn/tensor.h), not
     * kinds; at least one bit if lambda > 0. Default: weights only, not bias, gamma, beta. */
    unsigned penalty_kinds;
    double label_smoothing; /* in [0, 1]; 0 for a loss without labels. Default 0 */
    /* [n_class_weights], each finite and >= 0; for a cross-entropy only. NULL (default): all
     * 1. */
    const double *class_weights;
    size_t n_class_weights; /* the network's outputs; 0 without class_weights */
    /* delta of MLPBN_HUBER, finite and > 0; default 1, and no other value with other losses */
    double huber_delta;
    mlpbn_reduction reduction; /* default MLPBN_REDUCTION_WEIGHTED_MEAN */
    /* Rows with this label are ignored, as by PyTorch's ignore_index: whatever their weight, they
     * add nothing to loss, gradient and metrics, and no divisor counts them. It may be any number,
     * a class or not. As rows of weight 0 they are checked, and part of batch statistics. Default
     * MLPBN_NO_IGNORE_LABEL, and no other value for a loss without labels. */
    int32_t ignore_label;
    /* [n_pos_weights], each finite and >= 0; for MLPBN_SIGMOID_CROSS_ENTROPY only. Where a
     * class has 99 rows without it for each row with it, 99 balances them. NULL (default): all
     * 1. */
    const double *pos_weights;
    size_t n_pos_weights; /* the network's outputs; 0 without pos_weights */
    /* [n_quantiles], the q_i of MLPBN_PINBALL, each in (0, 1); NULL (default): all are
     * `quantile`. NULL for other losses. */
    const double *quantiles;
    size_t n_quantiles; /* the network's outputs; 0 without quantiles */
    /* q of all outputs of MLPBN_PINBALL, in (0, 1). Default 0.5, and no other value with other
     * losses or with quantiles. */
    double quantile;
} mlpbn_loss_options;

#define MLPBN_LOSS_OPTIONS_INIT                                                          \
    {                                                                                    \
        sizeof(mlpbn_loss_options), MLPBN_SOFTMAX_CROSS_ENTROPY, 0, MLPBN_L2_SUM,        \
            MLPBN_KIND_BIT(MLPBN_WEIGHT), 0, NULL, 0, 1, MLPBN_REDUCTION_WEIGHTED_MEAN,  \
            MLPBN_NO_IGNORE_LABEL, NULL, 0, NULL, 0, 0.5                                 \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_loss_options_init(mlpbn_loss_options *options, size_t struct_size);

/* The results of calls that compute a loss. */
typedef struct mlpbn_metrics {
    size_t struct_size;
    size_t n;    /* rows, without those of ignore_label */
    double loss; /* of all rows, by the reduction of the options */
    double cost; /* loss + penalty; infinite if that overflows */
    /* The number of rows whose largest output, the first if there are several, is that of the
     * label; 0 for a loss without labels. */
    size_t correct;
    double accuracy; /* correct / n; 0 without rows */
} mlpbn_metrics;

#define MLPBN_METRICS_INIT                                                               \
    {                                                                                    \
        sizeof(mlpbn_metrics), 0, 0, 0, 0, 0                                             \
    }

/* Sets all fields of *metrics but struct_size to 0.
 *
 * MLPBN_EINVAL  metrics is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_metrics_init(mlpbn_metrics *metrics,
                                                           size_t struct_size);

MLPBN_END

#endif
