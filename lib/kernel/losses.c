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
 * dy_k = softmax(y)_k sum_i t_i - t_k
 *
 * Halves of y_k - max are added up, because the difference may overflow where t_k is 0. */
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
        vec_f64 half = load_f64(y + k * ld) / 2 - max / 2, e = vec_exp(half + half);
        sum += e;
        sum_t += t;
        loss -= t * half;
        if (dy)
            store_f64(e, dy + k * ld);
    }
    for (size_t i = 0; i < rows; i++) {
        args->sums->loss += 2 * weights[i] * (loss[i] + sum_t[i] * (log(sum[i]) / 2));
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

/* A number that a loss has for each output: Huber's delta, the weight of what is positive, or a
 * quantile. */
typedef struct output_parameter {
    double all;
    const double *each; /* [units]; NULL: `all` is that of every output */
} output_parameter;

/* Returns scale^2 times the loss of one output y with parameter p. *quarter is a quarter of its
 * derivative, which is finite wherever the output and the target are. */
typedef double output_loss(double y, double target, double p, double scale,
                           double *quarter);

/* p t log(1 + exp(-y)) + (1 - t) log(1 + exp(y)) without a sum that cancels: with
 * e = exp(-|y|), it is (1 + (p - 1) t) log(1 + e), and y (1 - t) for y > 0 or -p t y else. */
static inline double sigmoid_cross_entropy(double y, double target, double p,
                                           double scale, double *quarter)
{
    double e = exp(-fabs(y)), positive = p * target, both = 1 + (p - 1) * target;
    *quarter = ((y < 0 ? e : 1) / (1 + e) * both - positive) / 4;
    return scale * scale * ((y > 0 ? y - y * target : -positive * y) + both * log1p(e));
}

static inline double squared_error(double y, double target, double p, double scale,
                                   double *quarter)
{
    double error = scale * y - scale * target;
    (void)p;
    *quarter = y / 2 - target / 2;
    return error * error;
}

static inline double absolute_error(double y, double target, double p, double scale,
                                    double *quarter)
{
    (void)p;
    *quarter = ((y > target) - (y < target)) / 4.;
    return fabs(scale * scale * y - scale * scale * target);
}

static inline double huber(double y, double target, double delta, double scale,
                           double *quarter)
{
    double error = scale * y - scale * target, bound = scale * delta;
    double slope = error > bound ? bound : error < -bound ? -bound : error;
    *quarter = slope / scale / 4;
    return slope * (error - slope / 2);
}

static inline double pinball(double y, double target, double quantile, double scale,
                             double *quarter)
{
    double slope = y > target ? 1 - quantile : y < target ? -quantile : 0;
    *quarter = slope / 4;
    return slope * (scale * scale * y - scale * scale * target);
}

/* The sum of the weighted losses of all outputs, times scale^2. Writes dy unless it is NULL. */
static inline double sum_of_outputs(output_loss *loss, const R(loss_args) *args,
                                    output_parameter of_output, double scale, real *dy)
{
    const double units = (double)args->units;
    double sum = 0;
    for (size_t k = 0; k < args->units; k++) {
        double p = of_output.each ? of_output.each[k] : of_output.all;
        double weight = args->class_weights ? args->class_weights[k] : 1;
        for (size_t j = 0; j < args->n; j++) {
            size_t i = k * args->ld + j;
            double quarter;
            sum += weight * args->weights[j] *
                   loss((double)args->y[i], (double)args->targets[i], p, scale, &quarter);
            if (dy)
                dy[i] =
                    (real)(4 * args->scale / units * weight * args->weights[j] * quarter);
        }
    }
    return sum;
}

/* The loss of a row is the mean over its outputs. If the sum overflows, it is computed with a
 * scale, because the mean may fit all the same. */
static inline void mean_of_outputs(output_loss *loss, const R(loss_args) *args,
                                   output_parameter of_output)
{
    const double units = (double)args->units, scale = 0x1p-32;
    double mean = sum_of_outputs(loss, args, of_output, 1, args->dy) / units;
    if (!isfinite(mean))
        mean =
            sum_of_outputs(loss, args, of_output, scale, NULL) / units / (scale * scale);
    args->sums->loss += mean;
    if (args->dy)
        clear_padding(args->units, args->n, args->ld, args->dy);
}

/* The kernel of a loss of outputs with its parameter. */
#define MEAN_OF_OUTPUTS(loss, ...)                                                       \
    static void mean_##loss(const R(loss_args) *args)                                    \
    {                                                                                    \
        mean_of_outputs(loss, args, (output_parameter){__VA_ARGS__});                    \
    }
MEAN_OF_OUTPUTS(sigmoid_cross_entropy, 1, args->pos_weights)
MEAN_OF_OUTPUTS(squared_error, 0, NULL)
MEAN_OF_OUTPUTS(absolute_error, 0, NULL)
MEAN_OF_OUTPUTS(huber, args->delta, NULL)
MEAN_OF_OUTPUTS(pinball, args->quantile, args->quantiles)

R(loss_fn) *const K(losses)[] = {
    [MLPBN_SOFTMAX_CROSS_ENTROPY] = softmax_cross_entropy,
    [MLPBN_MEAN_SQUARED_ERROR] = mean_squared_error,
    [MLPBN_SOFT_CROSS_ENTROPY] = softmax_cross_entropy,
    [MLPBN_SIGMOID_CROSS_ENTROPY] = mean_sigmoid_cross_entropy,
    [MLPBN_MEAN_ABSOLUTE_ERROR] = mean_absolute_error,
    [MLPBN_HUBER] = mean_huber,
    [MLPBN_PINBALL] = mean_pinball,
};

MLPBN__ASSERT_ROWS(K(losses), MLPBN__LOSS_END);
