#include "api/batch.h"
#include "api/check.h"
#include "api/options.h"
#include "base/array.h"
#include "base/struct_size.h"
#include "nn/gradient_check.h"

#include <mlpbn/gradcheck.h>

#include <stdlib.h>

mlpbn_status mlpbn_gradcheck(mlpbn_gradcheck_report **report,
                             const mlpbn_network *network, const mlpbn_rows *rows,
                             const mlpbn_loss_options *loss_options,
                             const mlpbn_gradcheck_options *options)
{
    mlpbn__batch batch;
    mlpbn_loss_options loss;
    mlpbn_gradcheck_options checked;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(report));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__read_gradcheck_options(&checked, options, network->dtype));
    RETURN_IF_ERROR(mlpbn__read_loss_options(&loss, loss_options, network));
    RETURN_IF_ERROR(mlpbn__check_rows(&batch, network, rows, SIZE_MAX));
    RETURN_IF_ERROR(mlpbn__check_batch_statistics(batch.n, network));
    return mlpbn__gradient_check(report, network, &batch, &loss, &checked);
}

void mlpbn_gradcheck_destroy(mlpbn_gradcheck_report *report)
{
    free(report);
}

static size_t count(const mlpbn_gradcheck_report *report, mlpbn_gradient_verdict verdict)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n; i++)
        n += report->entries[i].result.verdict == verdict;
    return n;
}

int mlpbn_gradcheck_passed(const mlpbn_gradcheck_report *report)
{
    return count(report, MLPBN_GRADIENT_FAILED) == 0;
}

size_t mlpbn_gradcheck_skipped(const mlpbn_gradcheck_report *report)
{
    return count(report, MLPBN_GRADIENT_SKIPPED);
}

size_t mlpbn_gradcheck_results(const mlpbn_gradcheck_report *report)
{
    return report->n;
}

mlpbn_status mlpbn_gradcheck_get(mlpbn_gradcheck_result *result,
                                 const mlpbn_gradcheck_report *report, size_t index)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(result));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(report));
    if (index >= report->n)
        return mlpbn__fail(MLPBN_EINVAL,
                           "index: expected below %zu, the results, got %zu", report->n,
                           index);
    mlpbn_gradcheck_result copy = report->entries[index].result;
    copy.name = report->entries[index].name;
    return mlpbn__struct_write(result, &copy, sizeof copy, "mlpbn_gradcheck_result");
}

static const char *const verdicts[] = {
    [MLPBN_GRADIENT_PASSED] = "ok",
    [MLPBN_GRADIENT_FAILED] = "FAILED",
    [MLPBN_GRADIENT_SKIPPED] = "skipped",
};
MLPBN__ASSERT_ROWS(verdicts, MLPBN_GRADIENT_SKIPPED + 1);

static const char *const skip_reasons[] = {
    [MLPBN_NOT_SKIPPED] = "",
    [MLPBN_SKIPPED_ACTIVATION] = "at a kink of the activation of layer ",
    [MLPBN_SKIPPED_LOSS] = "at a kink of the loss",
    [MLPBN_SKIPPED_NONFINITE] = "the cost is not finite nearby",
    [MLPBN_SKIPPED_ROUNDING] = "f32 and f64 are on different sides of a kink",
};
MLPBN__ASSERT_ROWS(skip_reasons, MLPBN_SKIPPED_ROUNDING + 1);

static void print_result(const mlpbn_gradcheck_result *r, const char *name, FILE *file)
{
    char at[48];
    snprintf(at, sizeof at, "[%zu][%zu]", r->row, r->column);
    fprintf(file, "%-24s %8zu %7zu %9.1e %9.1e  %-14s %12.5e %12.5e  %s", name,
            r->checked, r->skipped, r->absolute_error, r->relative_error, at, r->analytic,
            r->numeric, verdicts[r->verdict]);
    if (r->skipped > 0)
        fprintf(file, ", %zu %s", r->skipped, skip_reasons[r->skip_reason]);
    if (r->skip_reason == MLPBN_SKIPPED_ACTIVATION)
        fprintf(file, "%zu", r->skip_layer);
    fprintf(file, "\n");
}

/* The last line: what it was all in all. */
static void print_summary(const mlpbn_gradcheck_report *report, FILE *file)
{
    size_t skipped = mlpbn_gradcheck_skipped(report);
    if (!mlpbn_gradcheck_passed(report))
        fprintf(file, "FAILED: tolerance %g\n", report->tolerance);
    else if (skipped == 0)
        fprintf(file, "all passed: tolerance %g\n", report->tolerance);
    else
        fprintf(
            file,
            "passed, but %zu of %zu were skipped (see nudge of the options): tolerance "
            "%g\n",
            skipped, report->n, report->tolerance);
}

mlpbn_status mlpbn_gradcheck_print(const mlpbn_gradcheck_report *report, FILE *file)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(report));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(file));
    fprintf(file, "%-24s %8s %7s %9s %9s  %-14s %12s %12s\n", "tensor", "checked",
            "skipped", "|a - n|", "relative", "worst at", "analytic a", "numeric n");
    for (size_t i = 0; i < report->n; i++)
        print_result(&report->entries[i].result, report->entries[i].name, file);
    print_summary(report, file);
    if (fflush(file) != 0 || ferror(file))
        return mlpbn__fail(MLPBN_EIO, "the report cannot be written");
    return MLPBN_OK;
}
