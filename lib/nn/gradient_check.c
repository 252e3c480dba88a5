#include "nn/gradient_check.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "nn/finite_difference.h"
#include "nn/rounding_noise.h"
#include "nn/typed_ops.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A tensor of which a larger share is skipped counts as skipped. */
static const double MAX_SKIPPED = 0.01;

/* A parameter tensor, or x: its elements and their analytic derivatives, both
 * [rows][columns]. */
typedef struct checked_tensor {
    size_t rows, columns;
    double *values; /* in the f64 clone, or in the copy of x */
    size_t stride;
    const void *gradients; /* of the network's dtype */
    size_t gradient_stride;
    double floor; /* the least size that an error is relative to (mlpbn/gradcheck.h) */
} checked_tensor;

typedef struct checker {
    const mlpbn_network *network;
    size_t n_tensors; /* of parameters: they come first in the network's table */
    mlpbn_workspace *workspace; /* of the network: holds the analytic gradient */
    const mlpbn_gradcheck_options *options;
    double *x, *targets, *weights; /* copies of the rows in the order of the batch */
    int32_t *labels;
    void *dx; /* [n][inputs], of the network's dtype */
    mlpbn__objective objective;
    double *noise; /* [n_tensors + 1]: rounding errors of the gradient, x last */
    mlpbn__obstacle rounding; /* the gradient's own pass is on another side of a kink */
} checker;

static double root_mean_square(const checked_tensor *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < t->columns; j++)
            sum += t->values[i * t->stride + j] * t->values[i * t->stride + j];
    return sqrt(sum / ((double)t->rows * (double)t->columns));
}

static void check_element(const checker *c, const checked_tensor *t, size_t i, size_t j,
                          double scale, mlpbn_gradcheck_result *r)
{
    double *p = t->values + i * t->stride + j;
    double analytic =
        mlpbn__load(c->network->dtype, t->gradients, i * t->gradient_stride + j);
    mlpbn__derivative numeric = mlpbn__differentiate(
        &c->objective, p, fmax(scale, fabs(*p)), c->options->tolerance, t->floor);
    double error = fabs(analytic - numeric.value);
    double noise = numeric.error / mlpbn__gradcheck_tolerance(c->network->dtype);
    double size = fmax(fmax(fabs(analytic), fabs(numeric.value)), fmax(t->floor, noise));
    double relative = error > 0 ? error / size : error; /* avoids 0 / 0, keeps NaN */
    mlpbn__obstacle obstacle = numeric.obstacle;
    if (!obstacle.reason && !(relative <= c->options->tolerance))
        obstacle = c->rounding;
    if (obstacle.reason) {
        if (r->skipped++ == 0) {
            r->skip_reason = obstacle.reason;
            r->skip_layer = obstacle.layer;
        }
        return;
    }
    r->checked++;
    if (!(error <= r->absolute_error))
        r->absolute_error = error;
    if (r->checked > 1 && relative <= r->relative_error)
        return;
    r->relative_error = relative;
    r->row = i;
    r->column = j;
    r->analytic = analytic;
    r->numeric = numeric.value;
}

/* Checks all elements, or options->samples random ones: each of the `left` elements is
 * selected with the probability samples / left (Knuth, TAOCP 2, 3.4.2, Algorithm S). */
static void check_tensor(const checker *c, const checked_tensor *t, size_t stream,
                         mlpbn_gradcheck_result *r)
{
    mlpbn__random random =
        mlpbn__random_new(c->options->seed, MLPBN__STREAM_GRADCHECK, stream);
    size_t left = t->rows * t->columns;
    size_t samples = c->options->samples;
    double scale = root_mean_square(t);
    if (samples == 0 || samples > left)
        samples = left;
    if (scale == 0)
        scale = 1;
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < t->columns; j++, left--)
            if (samples == left || mlpbn__random_below(&random, left) < samples) {
                check_element(c, t, i, j, scale, r);
                samples--;
            }
    int is_skipped = (double)r->skipped > MAX_SKIPPED * (double)(r->checked + r->skipped);
    r->verdict = !(r->relative_error <= c->options->tolerance) ? MLPBN_GRADIENT_FAILED
                 : is_skipped                                  ? MLPBN_GRADIENT_SKIPPED
                                                               : MLPBN_GRADIENT_PASSED;
}

static double max_abs(mlpbn_dtype dtype, const void *values, size_t n)
{
    double max = 0;
    for (size_t i = 0; i < n; i++)
        max = fmax(max, fabs(mlpbn__load(dtype, values, i)));
    return max;
}

/* The floor of a tensor, whose gradient has this noise, among tensors with this largest
 * derivative. */
static double floor_of(const checker *c, double max_derivative, double noise)
{
    return fmax(1e-4 * max_derivative,
                noise / mlpbn__gradcheck_tolerance(c->network->dtype));
}

static checked_tensor parameter_tensor(const checker *c, size_t index)
{
    const mlpbn_network *network = c->network, *clone = c->objective.network;
    const mlpbn__tensor *tensor = network->tensors + index,
                        *clone_tensor = clone->tensors + index;
    size_t element = mlpbn__sizeof(network->dtype);
    return (checked_tensor){
        .rows = tensor->rows,
        .columns = tensor->columns,
        .values = mlpbn__tensor_data(clone, clone_tensor),
        .stride = clone_tensor->stride,
        .gradients = (char *)c->workspace->gradients + tensor->offset * element,
        .gradient_stride = tensor->stride,
        .floor = floor_of(c, c->workspace->gradient_max_abs, c->noise[index])};
}

static checked_tensor input_tensor(const checker *c)
{
    size_t inputs = c->network->inputs, n = c->objective.batch.n;
    double max = max_abs(c->network->dtype, c->dx, n * inputs);
    return (checked_tensor){.rows = n,
                            .columns = inputs,
                            .values = c->x,
                            .stride = inputs,
                            .gradients = c->dx,
                            .gradient_stride = inputs,
                            .floor = floor_of(c, max, c->noise[c->n_tensors])};
}

static mlpbn_status check_tensors(mlpbn_gradcheck_report **report, const checker *c)
{
    const size_t n = c->n_tensors;
    mlpbn_gradcheck_report *result =
        calloc(1, sizeof *result + (n + 1) * sizeof *result->entries);
    if (!result)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a report on %zu tensors", n);
    result->tolerance = c->options->tolerance;
    for (size_t t = 0; t < n; t++) {
        mlpbn__gradcheck_entry *entry = result->entries + result->n++;
        checked_tensor checked = parameter_tensor(c, t);
        memcpy(entry->name, c->network->tensors[t].name, sizeof entry->name);
        check_tensor(c, &checked, t, &entry->result);
    }
    if (c->options->inputs) {
        mlpbn__gradcheck_entry *entry = result->entries + result->n++;
        checked_tensor checked = input_tensor(c);
        strcpy(entry->name, "x");
        check_tensor(c, &checked, n, &entry->result);
    }
    *report = result;
    return MLPBN_OK;
}

static void *new_matrix(size_t rows, size_t columns, size_t element)
{
    return mlpbn__memory_new(mlpbn__multiply(rows, mlpbn__multiply(columns, element)));
}

/* Copies the caller's rows in the order of the batch, in double, so that elements of x can be
 * changed. */
static mlpbn_status copy_rows(checker *c, const mlpbn__batch *batch)
{
    const mlpbn_rows *from = &batch->rows;
    size_t n = batch->n, inputs = from->columns, outputs = from->target_columns;
    c->x = new_matrix(n, inputs, sizeof *c->x);
    c->dx = new_matrix(n, inputs, sizeof(double));
    c->labels = new_matrix(n, 1, sizeof *c->labels);
    c->targets = new_matrix(n, outputs + 1, sizeof *c->targets);
    c->weights = new_matrix(n, 1, sizeof *c->weights);
    if (!c->x || !c->dx || !c->labels || !c->targets || !c->weights)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a copy of %zu rows", n);
    for (size_t i = 0; i < n; i++) {
        size_t row = mlpbn__batch_row(batch, i);
        for (size_t j = 0; j < inputs; j++)
            c->x[i * inputs + j] =
                mlpbn__load(from->dtype, from->data, row * from->stride + j);
        for (size_t k = 0; from->targets && k < outputs; k++)
            c->targets[i * outputs + k] = mlpbn__load(from->target_dtype, from->targets,
                                                      row * from->target_stride + k);
        c->labels[i] = from->labels ? from->labels[row] : 0;
        c->weights[i] = from->weights ? from->weights[row] : 1;
    }
    mlpbn__batch copy = mlpbn__batch_of(c->x, n, inputs);
    copy.rows.labels = from->labels ? c->labels : NULL;
    copy.rows.targets = from->targets ? c->targets : NULL;
    copy.rows.target_dtype = MLPBN_F64;
    copy.rows.target_columns = outputs;
    copy.rows.target_stride = outputs;
    copy.rows.weights = c->weights;
    c->objective.batch = copy;
    return MLPBN_OK;
}

/* Adds to each element of the copy a random number of at most nudge times the root mean square
 * of all. */
static void nudge(const checker *c)
{
    mlpbn__random random =
        mlpbn__random_new(c->options->seed, MLPBN__STREAM_GRADCHECK, SIZE_MAX);
    size_t n = c->objective.batch.n * c->network->inputs;
    const checked_tensor x = {.rows = 1, .columns = n, .values = c->x};
    double scale = root_mean_square(&x);
    if (scale == 0)
        scale = 1;
    for (size_t i = 0; i < n; i++)
        c->x[i] += c->options->nudge * scale * (2 * mlpbn__random_uniform(&random) - 1);
}

/* Computes the analytic gradient of these rows, in the network's dtype. */
static mlpbn_status compute_gradient(checker *c, const mlpbn__batch *batch)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.max_batch = batch->n;
    RETURN_IF_ERROR(mlpbn__workspace_new(&c->workspace, c->network, &options));
    return mlpbn__typed_ops_of(c->network->dtype)
        ->gradient(c->network, c->workspace, batch, c->objective.loss, NULL, c->dx);
}

/* Prepares the cost as a function of the parameters of a clone in f64. */
static mlpbn_status new_objective(checker *c)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn__objective *o = &c->objective;
    options.max_batch = o->batch.n;
    RETURN_IF_ERROR(mlpbn__network_clone(&o->network, c->network, MLPBN_F64));
    RETURN_IF_ERROR(mlpbn__workspace_new(&o->workspace, o->network, &options));
    return mlpbn__objective_begin(o);
}

static size_t count_parameter_tensors(const mlpbn_network *network)
{
    size_t n = 0;
    while (n < network->n_tensors && network->tensors[n].is_parameter)
        n++;
    return n;
}

/* Estimates how far rounding in the network's dtype moves the analytic gradient. */
static mlpbn_status estimate_noise(checker *c)
{
    double eps = c->network->dtype == MLPBN_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    c->n_tensors = count_parameter_tensors(c->network);
    c->noise = new_matrix(c->n_tensors + 1, 1, sizeof *c->noise);
    if (!c->noise)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to check %zu tensors", c->n_tensors);
    return mlpbn__gradient_noise(c->noise, c->n_tensors, &c->objective, c->x, c->weights,
                                 eps, c->options->seed);
}

static void free_checker(checker *c)
{
    mlpbn__objective_end(&c->objective);
    mlpbn__workspace_free(c->workspace);
    mlpbn__workspace_free(c->objective.workspace);
    mlpbn__network_free(c->objective.network);
    mlpbn__memory_free(c->x);
    mlpbn__memory_free(c->dx);
    mlpbn__memory_free(c->labels);
    mlpbn__memory_free(c->targets);
    mlpbn__memory_free(c->weights);
    mlpbn__memory_free(c->noise);
}

/* The gradient is that of the caller's rows, unless they are nudged. */
static mlpbn_status run_checker(checker *c, mlpbn_gradcheck_report **report,
                                const mlpbn__batch *batch)
{
    RETURN_IF_ERROR(copy_rows(c, batch));
    if (c->options->nudge > 0) {
        nudge(c);
        batch = &c->objective.batch;
    }
    RETURN_IF_ERROR(compute_gradient(c, batch));
    RETURN_IF_ERROR(new_objective(c));
    c->rounding = mlpbn__rounded_across_kink(&c->objective, c->network, c->workspace);
    RETURN_IF_ERROR(estimate_noise(c));
    return check_tensors(report, c);
}

mlpbn_status mlpbn__gradient_check(mlpbn_gradcheck_report **report,
                                   const mlpbn_network *network,
                                   const mlpbn__batch *batch,
                                   const mlpbn_loss_options *loss,
                                   const mlpbn_gradcheck_options *options)
{
    checker c = {.network = network, .options = options, .objective = {.loss = loss}};
    mlpbn_status status = run_checker(&c, report, batch);
    free_checker(&c);
    return status;
}
