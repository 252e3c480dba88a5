#include "api/check.h"
#include "api/difference.h"
#include "api/gradient.h"
#include "api/options.h"
#include "base/dtype.h"
#include "base/random.h"
#include "base/struct_size.h"

#include <mlpbn/gradcheck.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double KINKS = 0.01; /* of a tensor's elements may be at one */

typedef struct finding {
    char name[sizeof((mlpbn__tensor *)0)->name];
    mlpbn_gradcheck_result result;
} finding;

struct mlpbn_gradcheck_report {
    double tolerance;
    size_t n;
    finding findings[];
};

/* One tensor, or x: its elements and their analytic derivatives, row by row. */
typedef struct subject {
    size_t rows, columns;
    double *values; /* of the f64 clone, or of the copy of x */
    size_t stride;
    const void *gradients; /* of the network's dtype */
    size_t gradient_stride;
    double floor; /* 1e-4 G */
} subject;

typedef struct checker {
    const mlpbn_network *network;
    mlpbn_workspace *workspace; /* of the network: holds the analytic gradient */
    mlpbn_gradcheck_options options;
    mlpbn_loss_options loss;
    mlpbn_rows rows; /* over copies of the caller's: */
    double *x, *targets, *weights;
    int32_t *labels;
    void *dx; /* [n][inputs], of the network's dtype */
    mlpbn__objective objective;
} checker;

/* --- One tensor ------------------------------------------------------------------- */

static double root_mean_square(const subject *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->rows; i++)
        for (size_t j = 0; j < s->columns; j++)
            sum += s->values[i * s->stride + j] * s->values[i * s->stride + j];
    return sqrt(sum / ((double)s->rows * (double)s->columns));
}

static void check_element(const checker *c, const subject *s, size_t i, size_t j,
                          double scale, mlpbn_gradcheck_result *r)
{
    double *p = s->values + i * s->stride + j;
    double analytic =
        mlpbn__load(c->network->dtype, s->gradients, i * s->gradient_stride + j);
    mlpbn__derivative numeric = mlpbn__differentiate(
        &c->objective, p, fmax(scale, fabs(*p)), c->options.tolerance, s->floor);
    if (numeric.at_kink) {
        r->skipped++;
        return;
    }
    r->checked++;
    double error = fabs(analytic - numeric.value);
    double size = fmax(fmax(fabs(analytic), fabs(numeric.value)), s->floor);
    double relative = error > 0 ? error / size : error; /* both may be 0; a NaN stays */
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

/* All elements, or as many as were asked for: each of those left is taken with the chance
 * wanted / left (Knuth, TAOCP 2, 3.4.2, Algorithm S). */
static void check_subject(const checker *c, const subject *s, size_t number,
                          mlpbn_gradcheck_result *r)
{
    mlpbn__random random =
        mlpbn__random_new(c->options.seed, MLPBN__STREAM_GRADCHECK, number);
    size_t left = s->rows * s->columns;
    size_t wanted = c->options.samples;
    double scale = root_mean_square(s);
    if (wanted == 0 || wanted > left)
        wanted = left;
    if (scale == 0)
        scale = 1;
    for (size_t i = 0; i < s->rows; i++)
        for (size_t j = 0; j < s->columns; j++, left--)
            if (wanted == left || mlpbn__random_below(&random, left) < wanted) {
                check_element(c, s, i, j, scale, r);
                wanted--;
            }
    r->passed = r->relative_error <= c->options.tolerance &&
                (double)r->skipped <= KINKS * (double)(r->checked + r->skipped);
}

/* --- All tensors ------------------------------------------------------------------ */

static double largest(mlpbn_dtype dtype, const void *values, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(mlpbn__load(dtype, values, i)));
    return most;
}

static subject parameter_subject(const checker *c, size_t index)
{
    const mlpbn_network *network = c->network, *clone = c->objective.network;
    const mlpbn__tensor *tensor = network->tensors + index,
                        *wide = clone->tensors + index;
    size_t element = mlpbn__sizeof(network->dtype);
    return (subject){.rows = tensor->rows,
                     .columns = tensor->columns,
                     .values = mlpbn__tensor_data(clone, wide),
                     .stride = wide->stride,
                     .gradients =
                         (char *)c->workspace->gradients + tensor->offset * element,
                     .gradient_stride = tensor->stride,
                     .floor = 1e-4 * c->workspace->gradient_magnitude};
}

static subject input_subject(const checker *c)
{
    size_t inputs = c->network->inputs;
    return (subject){.rows = c->rows.n,
                     .columns = inputs,
                     .values = c->x,
                     .stride = inputs,
                     .gradients = c->dx,
                     .gradient_stride = inputs,
                     .floor =
                         1e-4 * largest(c->network->dtype, c->dx, c->rows.n * inputs)};
}

static mlpbn_status check_all(mlpbn_gradcheck_report **report, const checker *c)
{
    size_t n = 0;
    for (size_t t = 0; t < c->network->n_tensors; t++)
        n += c->network->tensors[t].is_parameter != 0;
    mlpbn_gradcheck_report *made =
        calloc(1, sizeof *made + (n + 1) * sizeof *made->findings);
    if (!made)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a report on %zu tensors", n);
    made->tolerance = c->options.tolerance;
    for (size_t t = 0; t < n; t++) { /* parameters come first in the table */
        finding *f = made->findings + made->n++;
        subject s = parameter_subject(c, t);
        memcpy(f->name, c->network->tensors[t].name, sizeof f->name);
        check_subject(c, &s, t, &f->result);
    }
    if (c->options.inputs) {
        finding *f = made->findings + made->n++;
        subject s = input_subject(c);
        strcpy(f->name, "x");
        check_subject(c, &s, n, &f->result);
    }
    *report = made;
    return MLPBN_OK;
}

/* --- Setting up ------------------------------------------------------------------- */

/* The caller's rows in the order of the batch, in double, so that x can be nudged. */
static mlpbn_status copy_rows(checker *c, const mlpbn__batch *batch)
{
    const mlpbn_rows *from = &batch->rows;
    size_t n = batch->n, inputs = from->columns, outputs = from->target_columns;
    mlpbn_rows copy = MLPBN_ROWS_INIT(NULL, MLPBN_F64, n, inputs);
    copy.data = c->x = calloc(n, mlpbn__multiply(inputs, sizeof *c->x));
    c->dx = calloc(n, mlpbn__multiply(inputs, sizeof(double)));
    c->labels = calloc(n, sizeof *c->labels);
    c->targets = calloc(n, mlpbn__multiply(outputs + 1, sizeof *c->targets));
    c->weights = calloc(n, sizeof *c->weights);
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
    copy.labels = from->labels ? c->labels : NULL;
    copy.targets = from->targets ? c->targets : NULL;
    copy.target_dtype = MLPBN_F64;
    copy.target_columns = outputs;
    copy.weights = c->weights;
    c->rows = copy;
    return MLPBN_OK;
}

/* The analytic gradient, by the network's own kernels, from the caller's own rows. */
static mlpbn_status analyse(checker *c, const mlpbn_rows *rows)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn__batch batch;
    mlpbn_metrics metrics;
    mlpbn_status status = mlpbn__rows_read(&batch.rows, rows);
    if (status)
        return status;
    options.max_batch = batch.rows.n;
    status = mlpbn__workspace_new(&c->workspace, c->network, &options);
    if (!status)
        status = mlpbn__train_batch(&batch, c->network, c->workspace, rows);
    if (!status)
        status = copy_rows(c, &batch);
    return status ? status
                  : mlpbn__train_gradient(c->network, c->workspace, rows, &c->loss, NULL,
                                          &metrics, c->dx);
}

static mlpbn_status make_objective(checker *c)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn__objective *o = &c->objective;
    options.max_batch = c->rows.n;
    o->loss = &c->loss;
    o->rows = &c->rows;
    mlpbn_status status = mlpbn__network_clone(&o->network, c->network, MLPBN_F64);
    if (!status)
        status = mlpbn__workspace_new(&o->workspace, o->network, &options);
    return status ? status : mlpbn__objective_begin(o);
}

static void free_checker(checker *c)
{
    mlpbn__workspace_free(c->workspace);
    mlpbn__workspace_free(c->objective.workspace);
    mlpbn__network_free(c->objective.network);
    free(c->x);
    free(c->dx);
    free(c->labels);
    free(c->targets);
    free(c->weights);
}

mlpbn_status mlpbn_gradcheck(mlpbn_gradcheck_report **report,
                             const mlpbn_network *network, const mlpbn_rows *rows,
                             const mlpbn_loss_options *loss_options,
                             const mlpbn_gradcheck_options *options)
{
    checker c = {.network = network};
    mlpbn_status status = MLPBN__CHECK_POINTER(report);
    if (!status)
        status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__read_gradcheck_options(&c.options, options, network->dtype);
    if (!status)
        status = mlpbn__read_loss_options(&c.loss, loss_options, network);
    if (!status)
        status = analyse(&c, rows);
    if (!status)
        status = make_objective(&c);
    if (!status)
        status = check_all(report, &c);
    free_checker(&c);
    return status;
}

/* --- The report ------------------------------------------------------------------- */

void mlpbn_gradcheck_destroy(mlpbn_gradcheck_report *report)
{
    free(report);
}

int mlpbn_gradcheck_passed(const mlpbn_gradcheck_report *report)
{
    int passed = 1;
    for (size_t i = 0; i < report->n; i++)
        passed &= report->findings[i].result.passed;
    return passed;
}

size_t mlpbn_gradcheck_results(const mlpbn_gradcheck_report *report)
{
    return report->n;
}

mlpbn_status mlpbn_gradcheck_get(mlpbn_gradcheck_result *result,
                                 const mlpbn_gradcheck_report *report, size_t index)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(result);
    if (!status)
        status = MLPBN__CHECK_POINTER(report);
    if (status)
        return status;
    if (index >= report->n)
        return mlpbn__fail(MLPBN_EINVAL,
                           "index: expected below %zu, the results, got %zu", report->n,
                           index);
    mlpbn_gradcheck_result ours = report->findings[index].result;
    ours.name = report->findings[index].name;
    return mlpbn__struct_write(result, &ours, sizeof ours, "mlpbn_gradcheck_result");
}

mlpbn_status mlpbn_gradcheck_print(const mlpbn_gradcheck_report *report, FILE *file)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(report);
    if (!status)
        status = MLPBN__CHECK_POINTER(file);
    if (status)
        return status;
    fprintf(file, "%-24s %8s %7s %9s %9s  %-14s %12s %12s\n", "tensor", "checked",
            "skipped", "|a - n|", "relative", "worst at", "analytic a", "numeric n");
    for (size_t i = 0; i < report->n; i++) {
        const mlpbn_gradcheck_result *r = &report->findings[i].result;
        char at[48];
        snprintf(at, sizeof at, "[%zu][%zu]", r->row, r->column);
        fprintf(file, "%-24s %8zu %7zu %9.1e %9.1e  %-14s %12.5e %12.5e  %s\n",
                report->findings[i].name, r->checked, r->skipped, r->absolute_error,
                r->relative_error, at, r->analytic, r->numeric,
                r->passed ? "ok" : "FAILED");
    }
    fprintf(file, "%s: tolerance %g\n",
            mlpbn_gradcheck_passed(report) ? "all passed" : "FAILED", report->tolerance);
    if (fflush(file) != 0 || ferror(file))
        return mlpbn__fail(MLPBN_EIO, "the report cannot be written");
    return MLPBN_OK;
}
