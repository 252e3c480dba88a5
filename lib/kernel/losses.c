/* Losses of a batch, feature-major: unit k of row j is y[k * stride + j]. Each adds up the
 * losses of the rows, times their weights, and gives the derivative by every output. A new
 * one is a function here, a line in the table and an enumerator in mlpbn/loss.h, where the
 * formulae stand. */
#include "kernel/isa.h"
#include "kernel/real_math.h"

#include <string.h>

static void clear_padding(const R(outputs) *o, real *dy)
{
    for (size_t k = 0; k < o->units; k++)
        memset(dy + k * o->stride + o->n, 0, (R(padded)(o->n) - o->n) * sizeof *dy);
}

static size_t largest(const R(outputs) *o, size_t row)
{
    size_t best = 0;
    for (size_t k = 1; k < o->units; k++)
        if (o->y[k * o->stride + row] > o->y[best * o->stride + row])
            best = k;
    return best;
}

/* The probability that class k should have in row j, times the class's weight. */
static inline double wanted(const R(outputs) *o, size_t k, size_t j)
{
    double p;
    if (o->targets)
        p = (double)o->targets[k * o->stride + j];
    else
        p = o->smoothing / (double)o->units +
            (k == (size_t)o->labels[j] ? 1 - o->smoothing : 0);
    return o->class_weights ? p * o->class_weights[k] : p;
}

/* sum_k wanted_k (log sum exp(y - max) - (y_k - max));
 * dloss/dy_k = softmax(y)_k sum_i wanted_i - wanted_k */
static void softmax_cross_entropy(const R(outputs) *o, double scale, real *dy,
                                  mlpbn__score *score)
{
    for (size_t j = 0; j < o->n; j++) {
        const real *y = o->y + j;
        size_t best = largest(o, j);
        real max = y[best * o->stride];
        double sum = 0, loss = 0, all_wanted = 0;
        for (size_t k = 0; k < o->units; k++) {
            double p = wanted(o, k, j);
            real e = REAL_MATH(exp)(y[k * o->stride] - max);
            sum += (double)e;
            all_wanted += p;
            loss -= p * ((double)y[k * o->stride] - (double)max);
            if (dy)
                dy[k * o->stride + j] = e;
        }
        score->loss += o->weights[j] * (loss + all_wanted * log(sum));
        score->correct += o->labels && best == (size_t)o->labels[j];
        double weight = o->weights[j] * scale, factor = weight * all_wanted / sum;
        for (size_t k = 0; dy && k < o->units; k++)
            dy[k * o->stride + j] =
                (real)(factor * (double)dy[k * o->stride + j] - weight * wanted(o, k, j));
    }
    if (dy)
        clear_padding(o, dy);
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
                               real *dy, mlpbn__score *score)
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
    score->loss += sum / (double)o->units;
    if (dy)
        clear_padding(o, dy);
}

#define EACH_OUTPUT(name)                                                                \
    static void mean_##name(const R(outputs) *o, double scale, real *dy,                 \
                            mlpbn__score *score)                                         \
    {                                                                                    \
        each_output(name, o, scale, dy, score);                                          \
    }
EACH_OUTPUT(sigmoid_cross_entropy)
EACH_OUTPUT(squared_error)
EACH_OUTPUT(absolute_error)
EACH_OUTPUT(huber)

const R(loss) K(losses)[] = {
    [MLPBN_SOFTMAX_CROSS_ENTROPY] = {softmax_cross_entropy},
    [MLPBN_MEAN_SQUARED_ERROR] = {mean_squared_error},
    [MLPBN_SOFT_CROSS_ENTROPY] = {softmax_cross_entropy},
    [MLPBN_SIGMOID_CROSS_ENTROPY] = {mean_sigmoid_cross_entropy},
    [MLPBN_MEAN_ABSOLUTE_ERROR] = {mean_absolute_error},
    [MLPBN_HUBER] = {mean_huber},
};
