/* Losses of a batch, feature-major: unit k of row j is y[k * stride + j]. Each adds up the
 * losses of the rows, times their weights, and gives the derivative by every output. A new
 * one is a function here, a line in the table and an enumerator in mlpbn/loss.h, where the
 * formulae stand. */
#include "kernel/exp.h"

#include <math.h>

/* The largest output of each of some rows, from row j on, and which it is. */
static inline vec_f64 largest(const R(outputs) *o, size_t j, vec_f64 *which)
{
    vec_f64 max = load_f64(o->y + j);
    *which = (vec_f64){0};
    for (size_t k = 1; k < o->units; k++) {
        vec_f64 y = load_f64(o->y + k * o->stride + j);
        *which = vec_select(y > max, (double)k - (vec_f64){0}, *which);
        max = vec_select(y > max, y, max);
    }
    return max;
}

/* The probability that class k should have in each of these rows, times the class's weight. */
static inline vec_f64 wanted(const R(outputs) *o, size_t k, size_t j, vec_f64 labels)
{
    vec_f64 p;
    if (o->targets)
        p = load_f64(o->targets + k * o->stride + j);
    else
        p = vec_select(labels == (double)k, 1 - o->smoothing - (vec_f64){0},
                       (vec_f64){0}) +
            o->smoothing / (double)o->units;
    return o->class_weights ? p * o->class_weights[k] : p;
}

/* sum_k wanted_k (log sum exp(y - max) - (y_k - max));
 * dloss/dy_k = softmax(y)_k sum_i wanted_i - wanted_k */
static void softmax_rows(const R(outputs) *o, size_t j, size_t rows, double scale,
                         real *dy, mlpbn__loss_sums *score)
{
    vec_f64 weights = {0}, labels = (vec_f64){0} - 1, best;
    for (size_t i = 0; i < rows; i++) {
        weights[i] = o->weights[j + i];
        labels[i] = o->labels ? o->labels[j + i] : -1;
    }
    vec_f64 max = largest(o, j, &best), sum = {0}, loss = {0}, all_wanted = {0};
    for (size_t k = 0; k < o->units; k++) {
        vec_f64 p = wanted(o, k, j, labels);
        vec_f64 centered = load_f64(o->y + k * o->stride + j) - max,
                e = vec_exp(centered);
        sum += e;
        all_wanted += p;
        loss -= p * centered;
        if (dy)
            store_f64(e, dy + k * o->stride + j);
    }
    for (size_t i = 0; i < rows; i++) {
        score->loss += weights[i] * (loss[i] + all_wanted[i] * log(sum[i]));
        score->correct += labels[i] == best[i];
    }
    weights *= scale;
    vec_f64 factor = weights * all_wanted / sum;
    for (size_t k = 0; dy && k < o->units; k++) {
        real *d = dy + k * o->stride + j;
        store_f64(factor * load_f64(d) - weights * wanted(o, k, j, labels), d);
    }
}

static void softmax_cross_entropy(const R(outputs) *o, double scale, real *dy,
                                  mlpbn__loss_sums *score)
{
    for (size_t j = 0; j < o->n; j += F64_LANES)
        softmax_rows(o, j, o->n - j < F64_LANES ? o->n - j : F64_LANES, scale, dy, score);
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
                               real *dy, mlpbn__loss_sums *score)
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
        clear_padding(o->units, o->n, o->stride, dy);
}

#define EACH_OUTPUT(name)                                                                \
    static void mean_##name(const R(outputs) *o, double scale, real *dy,                 \
                            mlpbn__loss_sums *score)                                     \
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
