/* Losses and their derivatives against long double, at ordinary and extreme outputs, with
 * weights of rows and classes. */
#include "typed_helpers.h"

enum { UNITS = 7, N = 21, LD = 32 };

static const double sigmas[] = {0.61, 7.385, 90, 1e4};
enum { SIGMAS = LENGTH(sigmas) };

static const double delta = 1.385;

/* One row's loss; d[k] receives its derivatives. y and target are [UNITS]. */
typedef long double row_loss(const R(loss_args) *o, size_t row, const long double *y,
                             const long double *target, long double *d);

static long double cross_entropy(const R(loss_args) *o, size_t row, const long double *y,
                                 const long double *target, long double *d)
{
    long double max = -HUGE_VALL, sum = 0, loss = 0, all = 0;
    (void)row;
    for (size_t k = 0; k < UNITS; k++)
        max = fmaxl(max, y[k]);
    for (size_t k = 0; k < UNITS; k++)
        sum += expl(y[k] - max);
    for (size_t k = 0; k < UNITS; k++) {
        long double t = target[k];
        if (o->class_weights)
            t *= (long double)o->class_weights[k];
        all += t;
        loss += t * (logl(sum) + max - y[k]);
        d[k] = -t;
    }
    for (size_t k = 0; k < UNITS; k++)
        d[k] += all * expl(y[k] - max) / sum;
    return loss;
}

static long double with_labels(const R(loss_args) *o, size_t row, const long double *y,
                               const long double *target, long double *d)
{
    long double smoothed[UNITS];
    (void)target;
    for (size_t k = 0; k < UNITS; k++)
        smoothed[k] = (long double)o->smoothing / UNITS +
                      (k == (size_t)o->labels[row]) * (1 - (long double)o->smoothing);
    return cross_entropy(o, row, y, smoothed, d);
}

/* The loss of one output; *d receives its derivative. A row has the mean of its outputs. */
typedef long double output_loss(long double y, long double target, long double *d);

static long double squared(long double y, long double target, long double *d)
{
    *d = 2 * (y - target);
    return (y - target) * (y - target);
}

static long double sigmoid_cross_entropy(long double y, long double target,
                                         long double *d)
{
    /* -log s(y) and -log s(-y) */
    long double yes = y > 0 ? log1pl(expl(-y)) : log1pl(expl(y)) - y, no = yes + y;
    *d = 1 / (1 + expl(-y)) - target;
    return target * yes + (1 - target) * no;
}

static long double absolute(long double y, long double target, long double *d)
{
    *d = (long double)((y > target) - (y < target));
    return fabsl(y - target);
}

static long double huber(long double y, long double target, long double *d)
{
    long double e = y - target, bend = (long double)delta;
    *d = fmaxl(-bend, fminl(bend, e));
    return fabsl(e) <= bend ? e * e / 2 : bend * (fabsl(e) - bend / 2);
}

static const struct {
    mlpbn_loss loss;
    row_loss *row; /* or */
    output_loss *output;
    double smoothing;
    int labels, class_weights, probabilities, classes;
} cases[] = {
    {MLPBN_SOFTMAX_CROSS_ENTROPY, with_labels, NULL, 0, 1, 0, 0, 1},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, with_labels, NULL, 0.0385, 1, 0, 0, 1},
    {MLPBN_SOFTMAX_CROSS_ENTROPY, with_labels, NULL, 0.173, 1, 1, 0, 1},
    {MLPBN_MEAN_SQUARED_ERROR, NULL, squared, 0, 0, 0, 0, 0},
    {MLPBN_SOFT_CROSS_ENTROPY, cross_entropy, NULL, 0, 0, 0, 1, 1},
    {MLPBN_SOFT_CROSS_ENTROPY, cross_entropy, NULL, 0, 0, 1, 1, 1},
    {MLPBN_SIGMOID_CROSS_ENTROPY, NULL, sigmoid_cross_entropy, 0, 0, 0, 1, 0},
    {MLPBN_MEAN_ABSOLUTE_ERROR, NULL, absolute, 0, 0, 0, 0, 0},
    {MLPBN_HUBER, NULL, huber, 0, 0, 0, 0, 0},
};
enum { CASES = LENGTH(cases) };

/* One row's loss in this case, and its derivatives. */
static long double loss_of(int c, const R(loss_args) *o, size_t row, const long double *y,
                           const long double *target, long double *d)
{
    long double sum = 0;
    if (cases[c].row)
        return cases[c].row(o, row, y, target, d);
    for (size_t k = 0; k < UNITS; k++) {
        sum += cases[c].output(y[k], target[k], d + k) / UNITS;
        d[k] /= UNITS;
    }
    return sum;
}

static const double class_weights[UNITS] = {0.61, 1.385, 0, 2.17, 0.873, 1.173, 0.331};

static void check_loss(const R(kernels) *kernels, int c, double sigma, int weighted)
{
    const long double scale = 0.0385L;
    real y[UNITS * LD], targets[UNITS * LD], dy[UNITS * LD];
    int32_t labels[N];
    double weights[N];
    draw(y, UNITS * LD, sigma, 1);
    draw(targets, UNITS * LD, 1.61, 2);
    for (size_t i = 0; cases[c].probabilities && i < UNITS * LD; i++)
        targets[i] = (real)(0.5 + 0.5 * tanh((double)targets[i]));
    for (size_t j = 0; j < N; j++) {
        labels[j] = (int32_t)(j * 5 % UNITS);
        weights[j] = weighted ? 0.713 * (double)(j * 3 % 5) : 1;
    }
    if (!cases[c].probabilities)
        targets[3 * LD + 5] = y[3 * LD + 5]; /* an error of exactly 0 */
    memset(dy, 0x5a, sizeof dy);
    const double *by_class = cases[c].class_weights ? class_weights : NULL;
    const int32_t *used_labels = cases[c].labels ? labels : NULL;
    const real *used_targets = cases[c].labels ? NULL : targets;
    const double smoothing = cases[c].smoothing, factor = (double)scale;
    mlpbn__loss_sums sums = {.loss = 2.5, .correct = 3}, without = {0};
    R(loss_args) outputs = {UNITS,        N,       LD,       y,         used_labels,
                            used_targets, weights, by_class, smoothing, delta,
                            factor,       dy,      &sums};
    kernels->losses[cases[c].loss](&outputs);
    outputs.dy = NULL;
    outputs.sums = &without;
    kernels->losses[cases[c].loss](&outputs);

    long double loss = 0, size = 0;
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
        loss += (long double)weights[j] * loss_of(c, &outputs, j, row, target, d);
        size += (long double)weights[j] * (1 + largest);
        correct += cases[c].labels && best == (size_t)labels[j];
        for (size_t k = 0; k < UNITS; k++)
            assert_close(dy[k * LD + j], scale * (long double)weights[j] * d[k],
                         scale * (1 + fabsl(d[k])), cases[c].classes ? 8 : 4);
    }
    for (size_t k = 0; k < UNITS; k++)
        for (size_t j = N; j < R(padded)(N); j++)
            ck_assert_double_eq((double)dy[k * LD + j], 0);
    /* All is in double, of terms as large as the outputs where a logarithm takes part. */
    int has_logarithm = cases[c].probabilities || cases[c].classes;
    double bound = 1e-13 * (double)(loss + (has_logarithm ? size : 0));
    ck_assert_double_le(fabs(sums.loss - 2.5 - (double)loss), bound);
    ck_assert_double_le(fabs(without.loss - (double)loss), bound);
    ck_assert_uint_eq(sums.correct, correct + 3);
    ck_assert_uint_eq(without.correct, correct);
}

KERNEL_TEST(values_and_derivatives, CASES)
{
    for (int s = 0; s < SIGMAS; s++) {
        check_loss(kernels, _i, sigmas[s], 0);
        check_loss(kernels, _i, sigmas[s], 1);
    }
}
