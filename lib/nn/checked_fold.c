#include "nn/checked_fold.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/random.h"
#include "model/folding.h"
#include "nn/typed_ops.h"

#include <math.h>
#include <stdlib.h>

enum { PROBE_ROWS = 256 }; /* random rows; also rows that are compared at a time */

/* Compares the outputs of a network, index 0, and of its folded form, index 1. */
typedef struct comparison {
    const mlpbn_network *networks[2];
    mlpbn_workspace *workspaces[2];
    void *y[2];               /* [PROBE_ROWS][outputs] */
    mlpbn_fold_report report; /* of the rows compared so far */
} comparison;

static mlpbn_status predict(const comparison *c, int folded, const mlpbn__batch *batch)
{
    const mlpbn_network *network = c->networks[folded];
    mlpbn_status status =
        mlpbn__typed_ops_of(network->dtype)
            ->predict(network, c->workspaces[folded], batch, c->y[folded]);
    return status && folded ? mlpbn__fail_in(status, "when folded: ") : status;
}

static void compare_outputs(comparison *c, const mlpbn__batch *batch)
{
    mlpbn_fold_report *report = &c->report;
    mlpbn_dtype dtype = c->networks[0]->dtype;
    size_t outputs = mlpbn__network_outputs(c->networks[0]);
    for (size_t i = 0; i < batch->n * outputs; i++) {
        double expected = mlpbn__load(dtype, c->y[0], i);
        double difference = fabs(mlpbn__load(dtype, c->y[1], i) - expected);
        report->magnitude = fmax(report->magnitude, fabs(expected));
        if (difference > report->difference) {
            report->difference = difference;
            report->row = batch->first + i / outputs;
            report->output = i % outputs;
        }
    }
    report->rows += batch->n;
}

static mlpbn_status compare_rows(comparison *c, const mlpbn__batch *probe)
{
    mlpbn__batch batch = *probe;
    batch.n = 0;
    while (mlpbn__batch_next(&batch, PROBE_ROWS)) {
        RETURN_IF_ERROR(predict(c, 0, &batch));
        RETURN_IF_ERROR(predict(c, 1, &batch));
        compare_outputs(c, &batch);
    }
    return MLPBN_OK;
}

/* Compares on random rows: normal numbers with the mean and standard deviation of the
 * network's standardization. */
static mlpbn_status compare_random_rows(comparison *c, uint64_t seed)
{
    const mlpbn_network *network = c->networks[0];
    size_t columns = network->inputs;
    double *x = calloc(columns, PROBE_ROWS * sizeof *x);
    if (!x)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a probe of %d rows",
                           (int)PROBE_ROWS);
    mlpbn__random random = mlpbn__random_new(seed, MLPBN__STREAM_FOLD, 0);
    for (size_t i = 0; i < PROBE_ROWS * columns; i++) {
        size_t j = i % columns;
        double normals[2];
        mlpbn__random_normals(&random, normals);
        x[i] = network->standardized ? network->mean[j] + network->std[j] * normals[0]
                                     : normals[0];
    }
    mlpbn__batch probe = mlpbn__batch_of(x, PROBE_ROWS, columns);
    mlpbn_status status = compare_rows(c, &probe);
    free(x);
    return status;
}

static mlpbn_status new_comparison(comparison *c)
{
    const mlpbn_network *network = c->networks[0];
    size_t outputs = mlpbn__network_outputs(network);
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.max_batch = PROBE_ROWS;
    options.mode = MLPBN_PREDICT;
    for (int i = 0; i < 2; i++) {
        RETURN_IF_ERROR(
            mlpbn__workspace_new(&c->workspaces[i], c->networks[i], &options));
        c->y[i] = calloc(outputs, PROBE_ROWS * mlpbn__sizeof(network->dtype));
        if (!c->y[i])
            return mlpbn__fail(MLPBN_ENOMEM, "no memory for the outputs of %d rows",
                               (int)PROBE_ROWS);
    }
    return MLPBN_OK;
}

static void free_comparison(comparison *c)
{
    for (int i = 0; i < 2; i++) {
        mlpbn__workspace_free(c->workspaces[i]);
        free(c->y[i]);
    }
}

static mlpbn_status check_accuracy(const mlpbn_fold_report *report, double tolerance)
{
    if (report->difference <= tolerance * report->magnitude)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EACCURACY,
        "expected outputs within %g of the largest, %g, when folded, got a difference of "
        "%g in row %zu, output %zu (is a mean many times its deviation?)",
        tolerance, report->magnitude, report->difference, report->row, report->output);
}

static mlpbn_status compare(comparison *c, const mlpbn_fold_options *options,
                            const mlpbn__batch *probe)
{
    RETURN_IF_ERROR(new_comparison(c));
    RETURN_IF_ERROR(probe ? compare_rows(c, probe)
                          : compare_random_rows(c, options->seed));
    return check_accuracy(&c->report, options->tolerance);
}

mlpbn_status mlpbn__checked_fold(mlpbn_network **folded, const mlpbn_network *network,
                                 const mlpbn_fold_options *options,
                                 const mlpbn__batch *probe, mlpbn_fold_report *report)
{
    mlpbn_network *created = NULL;
    RETURN_IF_ERROR(mlpbn__fold(&created, network, options->standardization));
    comparison c = {.networks = {network, created}};
    mlpbn_status status = compare(&c, options, probe);
    free_comparison(&c);
    if (status) {
        mlpbn__network_free(created);
        return status;
    }
    *folded = created;
    *report = c.report;
    return MLPBN_OK;
}
