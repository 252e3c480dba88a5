/* Losses of a batch, feature-major: output k of row j is y[k * ld + j]. Each kernel adds up
 * the weighted losses of the rows and writes the derivatives by the outputs. mlpbn/loss.h has
 * the formulas; K() names the kernels of this instruction set (kernel/simd.h). */
#include "base/array.h"
#include "kernel/exp.h"

#include <math.h>

/* The largest output of each of F64_LANES rows, from row j on; *argmax is its class. */
static inline vec_f64 max_output(const R(loss_args) *args, size_t j, vec_f64 *argmax)
{
    vec_f64 max = load_f64(args->y + j);
    *argmax = (vec_f64){0};
    for (size_t k = 1; k < args->units; k++) {
        vec_f64 y = load_f64(args->y + k * args->ld + j);
        *argmax = vec_select(y > max, vec_f64_broadcast((double)k), *argmax);
        max = vec_select(y > max, y, max);
    }
    return max;
}

/* t_k of F64_LANES rows: the target probability of class k, times the weight of the class. */
static inline vec_f64 target_of(const R(loss_args) *args, size_t k, size_t j,
                                vec_f64 labels)
{
    vec_f64 t;
    if (args->targets)
        t = load_f64(args->targets + k * args->ld + j);
    else
        t = vec_select(labels == (double)k, vec_f64_broadcast(1 - args->smoothing),
                       (vec_f64){0}) +
            args->smoothing / (double)args->units;
    return args->class_weights ? t * args->class_weights[k] : t;
}

/* Cross-entropy of `rows` rows from row j on, at most F64_LANES:
 *
 * loss = sum_k t_k (log sum exp(y - max) - (y_k - max))
 * dy_k = softmax(y)_k sum_i t_i - t_k */
static void softmax_rows(const R(loss_args) *args, size_t j, size_t rows)
{
    const size_t units = args->units, ld = args->ld;
    const real *y = args->y + j;
    real *dy = args->dy ? args->dy + j : NULL;
    vec_f64 weights = {0}, labels = vec_f64_broadcast(-1), argmax;
    for (size_t i = 0; i < rows; i++) {
        weights[i] = args->weights[j + i];
        labels[i] = args->labels ? args->labels[j + i] : -1;
    }
    vec_f64 max = max_output(args, j, &argmax), sum = {0}, loss = {0}, sum_t = {0};
    for (size_t k = 0; k < units; k++) {
        vec_f64 t = target_of(args, k, j, labels);
        vec_f64 centered = load_f64(y + k * ld) - max, e = vec_exp(centered);
        sum += e;
        sum_t += t;
        loss -= t * centered;
        if (dy)
            store_f64(e, dy + k * ld);
    }
    for (size_t i = 0; i < rows; i++) {
        args->sums->loss += weights[i] * (loss[i] + sum_t[i] * log(sum[i]));
        args->sums->correct += labels[i] == argmax[i];
    }
    weights *= args->scale;
    vec_f64 factor = weights * sum_t / sum;
    for (size_t k = 0; dy && k < units; k++)
        store_f64(factor * load_f64(dy + k * ld) -
                      weights * target_of(args, k, j, labels),
                  dy + k * ld);
}

static void softmax_cross_entropy(const R(loss_args) *args)
{
    for (size_t j = 0; j < args->n; j += F64_LANES)
        softmax_rows(args, j, args->n - j < F64_LANES ? args->n - j : F64_LANES);
    if (args->dy)
        clear_padding(args->units, args->n, args->ld, args->dy);
}

/* The loss of one output y; *slope is its derivative. */
typedef double output_loss(double y, double target, double delta, double *slope);

static inline double sigmoid_cross_entropy(double y, double target, double delta,
                                           double *slope)
{
    double e = exp(-fabs(y));
    (void)delta;
    *slope = (y < 0 ? e : 1) / (1 + e) - target;
    return (y > 0 ? y : 0) - y * target + log1p(e);
}

static inline double squared_error(double y, double target, double delta, double *slope)
{
    (void)delta;
    *slope = 2 * (y - target);
    return (y - target) * (y - target);
}

static inline double absolute_error(double y, double target, double delta, double *slope)
{
    (void)delta;
    *slope = (y > target) - (y < target);
    return fabs(y - target);
}

static inline double huber(double y, double target, double delta, double *slope)
{
    double error = y - target;
    *slope = error > delta ? delta : error < -delta ? -delta : error;
    return *slope * (error - *slope / 2);
}

/* The loss of a row is the mean over its outputs. */
static inline void mean_of_outputs(output_loss *loss, const R(loss_args) *args)
{
    const double units = (double)args->units;
    double sum = 0;
    for (size_t k = 0; k < args->units; k++)
        for (size_t j = 0; j < args->n; j++) {
            size_t i = k * args->ld + j;
            double slope;
            sum += args->weights[j] * loss((double)args->y[i], (double)args->targets[i],
                                           args->delta, &slope);
            if (args->dy)
                args->dy[i] = (real)(args->scale / units * args->weights[j] * slope);
        }
    args->sums->loss += sum / units;
    if (args->dy)
        clear_padding(args->units, args->n, args->ld, args->dy);
}

#define MEAN_OF_OUTPUTS(loss)                                                            \
    static void mean_##loss(const R(loss_args) *args)                                    \
    {                                                                                    \
        mean_of_outputs(loss, args);                                                     \
    }
MEAN_OF_OUTPUTS(sigmoid_cross_entropy)
MEAN_OF_OUTPUTS(squared_error)
MEAN_OF_OUTPUTS(absolute_error)
MEAN_OF_OUTPUTS(huber)

R(loss_fn) *const K(losses)[] = {
    [MLPBN_SOFTMAX_CROSS_ENTROPY] = softmax_cross_entropy,
    [MLPBN_MEAN_SQUARED_ERROR] = mean_squared_error,
    [MLPBN_SOFT_CROSS_ENTROPY] = softmax_cross_entropy,
    [MLPBN_SIGMOID_CROSS_ENTROPY] = mean_sigmoid_cross_entropy,
    [MLPBN_MEAN_ABSOLUTE_ERROR] = mean_absolute_error,
    [MLPBN_HUBER] = mean_huber,
};

MLPBN__ASSERT_ROWS(K(losses), MLPBN__LOSS_END);
