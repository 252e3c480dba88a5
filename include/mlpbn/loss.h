/* What training makes small, and what a batch or a data set scored. */
#ifndef MLPBN_LOSS_H
#define MLPBN_LOSS_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/tensor.h>

MLPBN_BEGIN

/* y is the network's output for a row, k its number of outputs, s(y) = 1 / (1 + exp(-y)).
 * The loss of a batch is the mean over its rows, sum_r w_r loss_r / sum_r w_r with the
 * weights of rows (mlpbn/rows.h), all 1 if there are none.
 *
 * Cross-entropies take logits and are stable however large these are. Where the last
 * layer's activation is the one that they contain, MLPBN_SOFTMAX or MLPBN_SIGMOID, y is
 * what that gets: predictions are probabilities, and the loss is still that of the logits,
 * not of a softmax of a softmax. */
typedef enum mlpbn_loss {
    /* -log softmax(y)[label]; needs labels. With class weights c and label smoothing e
     * (Szegedy et al. 2016, section 7), as in PyTorch,
     *
     *   -sum_i c_i t_i log softmax(y)_i,  t_i = e / k + (1 - e) [i = label]
     *
     * and the weight of a row is w_r c_label in the mean's divisor. */
    MLPBN_SOFTMAX_CROSS_ENTROPY = 1,
    /* (1/k) sum_i (y_i - target_i)^2; needs targets, as do those below */
    MLPBN_MEAN_SQUARED_ERROR = 2,
    /* -sum_i c_i target_i log softmax(y)_i: targets are probabilities, in [0, 1]; their sum
     * is not checked. The divisor is the sum of w_r. */
    MLPBN_SOFT_CROSS_ENTROPY = 3,
    /* -(1/k) sum_i (target_i log s(y_i) + (1 - target_i) log(1 - s(y_i))): each output is a
     * yes or no of its own (multi-label); targets in [0, 1] */
    MLPBN_SIGMOID_CROSS_ENTROPY = 4,
    /* (1/k) sum_i |y_i - target_i|; the derivative at 0 is 0 */
    MLPBN_MEAN_ABSOLUTE_ERROR = 5,
    /* (1/k) sum_i h(y_i - target_i), h(e) = e^2 / 2 for |e| <= delta, else
     * delta (|e| - delta / 2) (Huber, 1964) */
    MLPBN_HUBER = 6
} mlpbn_loss;

/* One past the last loss: the length of the library's tables. */
#define MLPBN__LOSS_END (MLPBN_HUBER + 1)

/* What is added to the loss to make the cost, over the parameters that are penalized: */
typedef enum mlpbn_penalty {
    MLPBN_SUM_OF_SQUARES = 1,     /* lambda sum p^2, with gradient 2 lambda p */
    MLPBN_HALF_SUM_OF_SQUARES = 2 /* lambda / 2 sum p^2, with gradient lambda p: the
                                   * weight_decay of PyTorch's SGD */
} mlpbn_penalty;

typedef struct mlpbn_loss_options {
    size_t struct_size;
    mlpbn_loss loss; /* default MLPBN_SOFTMAX_CROSS_ENTROPY */
    double lambda;   /* >= 0, and 2 lambda finite in the network's dtype; default 0 */
    mlpbn_penalty penalty;  /* default MLPBN_SUM_OF_SQUARES */
    unsigned penalty_kinds; /* kinds of parameters: bits MLPBN_KIND_BIT (mlpbn/tensor.h).
                            * Default: weights only, not bias, gamma, beta */
    double label_smoothing; /* in [0, 1]; of the loss with labels only. Default 0 */
    const double *class_weights; /* [n_class_weights], >= 0 and finite; of losses with a
                                  * softmax only. NULL (default): all 1 */
    size_t n_class_weights;      /* the network's outputs */
    double huber_delta;          /* > 0; default 1 */
} mlpbn_loss_options;

#define MLPBN_LOSS_OPTIONS_INIT                                                          \
    {                                                                                    \
        sizeof(mlpbn_loss_options), MLPBN_SOFTMAX_CROSS_ENTROPY, 0,                      \
            MLPBN_SUM_OF_SQUARES, MLPBN_KIND_BIT(MLPBN_WEIGHT), 0, NULL, 0, 1            \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_loss_options_init(mlpbn_loss_options *options, size_t struct_size);

/* Filled by the calls that compute a loss. */
typedef struct mlpbn_metrics {
    size_t struct_size;
    size_t n;        /* rows */
    double loss;     /* weighted mean over the rows */
    double cost;     /* loss + penalty; infinite where that overflows */
    size_t correct;  /* rows whose largest output (the first of equals) is the label's;
                      * 0 for losses without labels */
    double accuracy; /* correct / n */
} mlpbn_metrics;

#define MLPBN_METRICS_INIT                                                               \
    {                                                                                    \
        sizeof(mlpbn_metrics), 0, 0, 0, 0, 0                                             \
    }

/* Zeroes *metrics but for its struct_size.
 *
 * MLPBN_EINVAL  metrics is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_metrics_init(mlpbn_metrics *metrics,
                                                           size_t struct_size);

MLPBN_END

#endif
