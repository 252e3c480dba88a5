#include "api/batch.h"
#include "api/check.h"
#include "api/options.h"
#include "base/dtype.h"
#include "base/random.h"
#include "base/struct_size.h"
#include "model/folding.h"
#include "nn/typed_ops.h"

#include <mlpbn/fold.h>

#include <math.h>
#include <stdlib.h>

enum { MOST = 256 }; /* rows drawn, and rows compared at a time */

/* Two networks, what they compute in, and how they compare so far. */
typedef struct comparison {
    const mlpbn_network *networks[2];
    mlpbn_workspace *workspaces[2];
    mlpbn_fold_report report;
} comparison;

static mlpbn_status predict(const comparison *c, int which, const mlpbn__batch *batch)
{
    const mlpbn__typed_ops *passes = mlpbn__typed_ops_of(c->networks[which]->dtype);
    const mlpbn_network *network = c->networks[which];
    mlpbn_workspace *ws = c->workspaces[which];
    mlpbn_status status = passes->input_layer(network, ws, batch);
    if (!status)
        status = passes->predict(network, ws, network->n_layers);
    status = passes->report_nonfinite_row(network, ws, batch, status);
    return status && which == 1 ? mlpbn__fail_in(status, "when folded: ") : status;
}

static double output(const mlpbn_workspace *ws, size_t row, size_t u)
{
    return mlpbn__load(ws->dtype, ws->traces[ws->n_layers - 1].a, u * ws->ld + row);
}

static void compare_outputs(comparison *c, size_t first, size_t n, size_t outputs)
{
    mlpbn_fold_report *report = &c->report;
    for (size_t i = 0; i < n; i++)
        for (size_t u = 0; u < outputs; u++) {
            double wanted = output(c->workspaces[0], i, u);
            double difference = fabs(output(c->workspaces[1], i, u) - wanted);
            report->magnitude = fmax(report->magnitude, fabs(wanted));
            if (difference > report->difference) {
                report->difference = difference;
                report->row = first + i;
                report->output = u;
            }
        }
    report->rows += n;
}

static mlpbn_status compare_rows(comparison *c, const mlpbn_rows *rows)
{
    mlpbn__batch batch;
    const mlpbn_network *network = c->networks[0];
    mlpbn_status status =
        mlpbn__batch_read(&batch, network, c->workspaces[0], rows, SIZE_MAX);
    size_t n = status ? 0 : batch.rows.n;
    for (batch.first = 0; batch.first < n && !status; batch.first += batch.n) {
        batch.n = n - batch.first < MOST ? n - batch.first : MOST;
        status = predict(c, 0, &batch);
        if (!status)
            status = predict(c, 1, &batch);
        if (!status)
            compare_outputs(c, batch.first, batch.n,
                            network->layers[network->n_layers - 1].options.units);
    }
    return status;
}

/* Rows as the network's standardization expects them. */
static mlpbn_status compare_drawn(comparison *c, uint64_t seed)
{
    const mlpbn_network *network = c->networks[0];
    size_t columns = network->inputs;
    double *x = calloc(columns, MOST * sizeof *x);
    if (!x)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for a probe of %d rows", (int)MOST);
    mlpbn__random random = mlpbn__random_new(seed, MLPBN__STREAM_FOLD, 0);
    for (size_t i = 0; i < MOST * columns; i++) {
        size_t j = i % columns;
        double pair[2];
        mlpbn__random_normals(&random, pair);
        x[i] = network->standardized ? network->mean[j] + network->std[j] * pair[0]
                                     : pair[0];
    }
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, MOST, columns);
    mlpbn_status status = compare_rows(c, &rows);
    free(x);
    return status;
}

static mlpbn_status compare(comparison *c, const mlpbn_fold_options *options)
{
    mlpbn_workspace_options small = MLPBN_WORKSPACE_OPTIONS_INIT;
    small.max_batch = MOST;
    small.mode = MLPBN_PREDICT;
    mlpbn_status status = MLPBN_OK;
    for (int i = 0; i < 2 && !status; i++)
        status = mlpbn__workspace_new(&c->workspaces[i], c->networks[i], &small);
    if (!status)
        status = options->probe ? compare_rows(c, options->probe)
                                : compare_drawn(c, options->seed);
    for (int i = 0; i < 2; i++)
        mlpbn__workspace_free(c->workspaces[i]);
    return status;
}

static mlpbn_status judge(const mlpbn_fold_report *report, double tolerance)
{
    if (report->difference <= tolerance * report->magnitude)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EACCURACY,
        "expected outputs within %g of the largest, %g, when folded, got a difference of "
        "%g in row %zu, output %zu (is a mean many times its deviation?)",
        tolerance, report->magnitude, report->difference, report->row, report->output);
}

static mlpbn_status fold(mlpbn_network **folded, const mlpbn_network *network,
                         const mlpbn_fold_options *options, mlpbn_fold_report *report)
{
    mlpbn_network *made = NULL;
    mlpbn_status status = mlpbn__fold(&made, network, options->standardization);
    if (status)
        return status;
    comparison c = {.networks = {network, made}};
    status = compare(&c, options);
    if (!status)
        status = judge(&c.report, options->tolerance);
    if (status) {
        mlpbn__network_free(made);
        return status;
    }
    *folded = made;
    *report = c.report;
    return MLPBN_OK;
}

mlpbn_status mlpbn_fold(mlpbn_network **folded, const mlpbn_network *network,
                        const mlpbn_fold_options *options, mlpbn_fold_report *report)
{
    static const char what[] = "mlpbn_fold_report";
    mlpbn_fold_options ours;
    mlpbn_fold_report found;
    mlpbn_status status = MLPBN__CHECK_POINTER(folded);
    if (!status)
        status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__read_fold_options(&ours, options, network->dtype);
    if (!status && report)
        status = mlpbn__struct_check(report, what);
    if (!status)
        status = fold(folded, network, &ours, &found);
    if (!status && report)
        status = mlpbn__struct_write(report, &found, sizeof found, what);
    return status;
}
