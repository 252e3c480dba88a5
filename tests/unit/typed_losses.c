/* Losses and their derivatives against long double, at ordinary and extreme outputs, with
 * weights of rows and classes. */
#include "typed_helpers.h"

#include "../reference/loss_reference.h"

enum { UNITS = 7, N = 21, LD = 32 };

static const struct {
    mlpbn_loss loss;
    double smoothing;
    int class_weights, pos_weights;
} cases[] = {
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 0, 0, 0},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385, 0, 0},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, 0.173, 1, 0},
    {MLPBN_MEAN_SQUARED_ERROR, 0, 0, 0},
    {MLPBN_SOFT_CROSS_ENTROPY, 0, 0, 0},
    {MLPBN_SOFT_CROSS_ENTROPY, 0, 1, 0},
    {MLPBN_SIGMOID_CROSS_ENTROPY, 0, 0, 0},
    {MLPBN_SIGMOID_CROSS_ENTROPY, 0, 1, 0},
    {MLPBN_SIGMOID_CROSS_ENTROPY, 0, 0, 1},
    {MLPBN_SIGMOID_CROSS_ENTROPY, 0, 1, 1},
    {MLPBN_MEAN_ABSOLUTE_ERROR, 0, 0, 0},
    {MLPBN_HUBER, 0, 0, 0},
    {MLPBN_PINBALL, 0, 0, 0},
    {MLPBN_PINBALL, 0, 0, 0},
};

static const double class_weights[UNITS] = {0.61, 1.385, 0, 2.17, 0.873, 1.173, 0.331};

static const double pos_weights[UNITS] = {2.385, 0.61, 1, 0, 3.173, 0.385, 1.731};

static const double quantiles[UNITS] = {0.5, 0.0385, 0.9731, 0.831, 0.25, 0.61, 0.173};

static void check_loss(const R(kernels) *kernels, int c, double sigma, int weighted)
{
    const long double scale = 0.0385L;
    const mlpbn_loss which = cases[c].loss;
    const int has_labels = which == MLPBN_SOFTMAX_CROSS_ENTROPY;
    const int has_classes = has_labels || which == MLPBN_SOFT_CROSS_ENTROPY;
    const int has_probabilities =
        which == MLPBN_SOFT_CROSS_ENTROPY || which == MLPBN_SIGMOID_CROSS_ENTROPY;
    mlpbn_loss_options options = MLPBN_LOSS_OPTIONS_INIT;
    options.loss = which;
    options.label_smoothing = cases[c].smoothing;
    options.class_weights = cases[c].class_weights ? class_weights : NULL;
    options.pos_weights = cases[c].pos_weights ? pos_weights : NULL;
    options.huber_delta = 1.385;
    options.quantiles = c == LENGTH(cases) - 1 ? quantiles : NULL;
    options.quantile = 0.831;
    real y[UNITS * LD], targets[UNITS * LD], dy[UNITS * LD];
    int32_t labels[N];
    double weights[N];
    draw(y, UNITS * LD, sigma, 1);
    draw(targets, UNITS * LD, 1.61, 2);
    for (size_t i = 0; has_probabilities && i < UNITS * LD; i++)
        targets[i] = (real)(0.5 + 0.5 * tanh((double)targets[i]));
    for (size_t j = 0; j < N; j++) {
        labels[j] = (int32_t)(j * 5 % UNITS);
        weights[j] = weighted ? 0.713 * (double)(j * 3 % 5) : 1;
    }
    if (!has_probabilities)
        targets[3 * LD + 5] = y[3 * LD + 5]; /* an error of exactly 0 */
    memset(dy, 0x5a, sizeof dy);
    mlpbn__loss_sums sums = {.loss = 2.5, .correct = 3}, sums_without_dy = {0};
    R(loss_args) args = ARGS(
        loss_args, .units = UNITS, .n = N, .ld = LD, .y = y,
        .labels = has_labels ? labels : NULL, .targets = has_labels ? NULL : targets,
        .weights = weights, .class_weights = options.class_weights,
        .pos_weights = options.pos_weights, .smoothing = options.label_smoothing,
        .delta = options.huber_delta, .quantiles = options.quantiles,
        .quantile = options.quantile, .scale = (double)scale, .dy = dy, .sums = &sums);
    kernels->losses[which](&args);
    args.dy = NULL;
    args.sums = &sums_without_dy;
    kernels->losses[which](&args);

    long double loss = 0, magnitude = 0;
    size_t correct = 0;
    for (size_t j = 0; j < N; j++) {
        long double row[UNITS], target[UNITS], d[UNITS], largest = 0;
        size_t best = 0;
        for (size_t k = 0; k < UNITS; k++) {
            row[k] = (long double)y[k * LD + j];
            target[k] = (long double)targets[k * LD + j];
            best = row[k] > row[best] ? k : best;
            largest = fmaxl(largest, fabsl(row[k]));
        }
        loss += (long double)weights[j] *
                loss_reference(&options, UNITS, row, target, labels[j], d);
        magnitude += (long double)weights[j] * (1 + largest);
        correct += has_labels && best == (size_t)labels[j];
        for (size_t k = 0; k < UNITS; k++)
            assert_close(dy[k * LD + j], scale * (long double)weights[j] * d[k],
                         scale * (1 + fabsl(d[k])), has_classes ? 8 : 4);
    }
    for (size_t k = 0; k < UNITS; k++)
        for (size_t j = N; j < R(padded)(N); j++)
            ck_assert_double_eq((double)dy[k * LD + j], 0);
    /* The kernels add in double. Terms with a logarithm are as large as the outputs. */
    int has_logarithm = has_probabilities || has_classes;
    double bound = 1e-13 * (double)(loss + (has_logarithm ? magnitude : 0));
    ck_assert_double_le(fabs(sums.loss - 2.5 - (double)loss), bound);
    ck_assert_double_le(fabs(sums_without_dy.loss - (double)loss), bound);
    ck_assert_uint_eq(sums.correct, correct + 3);
    ck_assert_uint_eq(sums_without_dy.correct, correct);
}

KERNEL_TEST(values_and_derivatives, LENGTH(cases))
{
    static const double sigmas[] = {0.61, 7.385, 90, 1e4};
    for (size_t s = 0; s < 2 * LENGTH(sigmas); s++)
        check_loss(kernels, _i, sigmas[s / 2], s % 2);
}
