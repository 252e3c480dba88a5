/* Losses of a batch, feature-major: unit k of row j is y[k * stride + j]. Each adds up the
 * losses of the rows, times their weights, and gives the derivative by every output. A new
 * one is a function here, a line in the table and an enumerator in mlpbn/loss.h, where the
 * formulae stand. */
#include "kernel/exp.h"

#include <math.h>

/* The largest output of each of some rows, from row j on, and which it is. */
static inline wide largest(const R(outputs) *o, size_t j, wide *which)
{
    wide max = load_wide(o->y + j);
    *which = (wide){0};
    for (size_t k = 1; k < o->units; k++) {
        wide y = load_wide(o->y + k * o->stride + j);
        *which = choose(y > max, (double)k - (wide){0}, *which);
        max = choose(y > max, y, max);
    }
    return max;
}

/* The probability that class k should have in each of these rows, times the class's weight. */
static inline wide wanted(const R(outputs) *o, size_t k, size_t j, wide labels)
{
    wide p;
    if (o->targets)
        p = load_wide(o->targets + k * o->stride + j);
    else
        p = choose(labels == (double)k, 1 - o->smoothing - (wide){0}, (wide){0}) +
            o->smoothing / (double)o->units;
    return o->class_weights ? p * o->class_weights[k] : p;
}

/* sum_k wanted_k (log sum exp(y - max) - (y_k - max));
 * dloss/dy_k = softmax(y)_k sum_i wanted_i - wanted_k */
static void softmax_rows(const R(outputs) *o, size_t j, size_t rows, double scale,
                         real *dy, mlpbn__loss_sums *sums)
{
    wide weights = {0}, labels = (wide){0} - 1, best;
    for (size_t i = 0; i < rows; i++) {
        weights[i] = o->weights[j + i];
        labels[i] = o->labels ? o->labels[j + i] : -1;
    }
    wide max = largest(o, j, &best), sum = {0}, loss = {0}, all_wanted = {0};
    for (size_t k = 0; k < o->units; k++) {
        wide p = wanted(o, k, j, labels);
        wide centred = load_wide(o->y + k * o->stride + j) - max, e = exp_wide(centred);
        sum += e;
        all_wanted += p;
        loss -= p * centred;
        if (dy)
            store_wide(e, dy + k * o->stride + j);
    }
    for (size_t i = 0; i < rows; i++) {
        sums->loss += weights[i] * (loss[i] + all_wanted[i] * log(sum[i]));
        sums->correct += labels[i] == best[i];
    }
    weights *= scale;
    wide factor = weights * all_wanted / sum;
    for (size_t k = 0; dy && k < o->units; k++) {
        real *d = dy + k * o->stride + j;
        store_wide(factor * load_wide(d) - weights * wanted(o, k, j, labels), d);
    }
}

static void softmax_cross_entropy(const R(outputs) *o, double scale, real *dy,
                                  mlpbn__loss_sums *sums)
{
    for (size_t j = 0; j < o->n; j += WIDE)
        softmax_rows(o, j, o->n - j < WIDE ? o->n - j : WIDE, scale, dy, sums);
    if (dy)
        clear_padding(o->units, o->n, o->stride, dy);
}

/* The loss of one output y and its derivative by it. */
typedef double output_loss(double y, double target, double parameter, double *slope);

static inline double sigmoid_cross_entropy(double y, double target, double parameter,
                                           double *slope)
{
    double e = exp(-fabs(y));
    (void)parameter;
    *slope = (y < 0 ? e : 1) / (1 + e) - target;
    return (y > 0 ? y : 0) - y * target + log1p(e);
}

static inline double squared_error(double y, double target, double parameter,
                                   double *slope)
{
    (void)parameter;
    *slope = 2 * (y - target);
    return (y - target) * (y - target);
}

static inline double absolute_error(double y, double target, double parameter,
                                    double *slope)
{
    (void)parameter;
    *slope = (y > target) - (y < target);
    return fabs(y - target);
}

static inline double huber(double y, double target, double delta, double *slope)
{
    double error = y - target;
    *slope = error > delta ? delta : error < -delta ? -delta : error;
    return *slope * (error - *slope / 2);
}

/* The mean over the outputs of a row. */
static inline void each_output(output_loss *loss, const R(outputs) *o, double scale,
                               real *dy, mlpbn__loss_sums *sums)
{
    double sum = 0;
    for (size_t k = 0; k < o->units; k++)
        for (size_t j = 0; j < o->n; j++) {
            size_t i = k * o->stride + j;
            double slope;
            sum += o->weights[j] *
                   loss((double)o->y[i], (double)o->targets[i], o->delta, &slope);
            if (dy)
                dy[i] = (real)(scale / (double)o->units * o->weights[j] * slope);
        }
    sums->loss += sum / (double)o->units;
    if (dy)
        clear_padding(o->units, o->n, o->stride, dy);
}

#define EACH_OUTPUT(name)                                                                \
    static void mean_##name(const R(outputs) *o, double scale, real *dy,                 \
                            mlpbn__loss_sums *sums)                                      \
    {                                                                                    \
        each_output(name, o, scale, dy, sums);                                           \
    }
EACH_OUTPUT(sigmoid_cross_entropy)
EACH_OUTPUT(squared_error)
EACH_OUTPUT(absolute_error)
EACH_OUTPUT(huber)

R(loss_fn) *const K(losses)[] = {
    [MLPBN_SOFTMAX_CROSS_ENTROPY] = softmax_cross_entropy,
    [MLPBN_MEAN_SQUARED_ERROR] = mean_squared_error,
    [MLPBN_SOFT_CROSS_ENTROPY] = softmax_cross_entropy,
    [MLPBN_SIGMOID_CROSS_ENTROPY] = mean_sigmoid_cross_entropy,
    [MLPBN_MEAN_ABSOLUTE_ERROR] = mean_absolute_error,
    [MLPBN_HUBER] = mean_huber,
};

_Static_assert(sizeof K(losses) / sizeof *K(losses) == MLPBN__LOSS_END,
               "each loss has its kernel");
