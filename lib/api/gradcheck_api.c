#include "api/batch.h"
#include "api/check.h"
#include "api/options.h"
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
    RETURN_IF_ERROR(mlpbn__check_batch_statistics(&batch, network));
    return mlpbn__gradient_check(report, network, &batch, &loss, &checked);
}

void mlpbn_gradcheck_destroy(mlpbn_gradcheck_report *report)
{
    free(report);
}

int mlpbn_gradcheck_passed(const mlpbn_gradcheck_report *report)
{
    int passed = 1;
    for (size_t i = 0; i < report->n; i++)
        passed &= report->entries[i].result.passed;
    return passed;
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

mlpbn_status mlpbn_gradcheck_print(const mlpbn_gradcheck_report *report, FILE *file)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(report));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(file));
    fprintf(file, "%-24s %8s %7s %9s %9s  %-14s %12s %12s\n", "tensor", "checked",
            "skipped", "|a - n|", "relative", "worst at", "analytic a", "numeric n");
    for (size_t i = 0; i < report->n; i++) {
        const mlpbn_gradcheck_result *r = &report->entries[i].result;
        char at[48];
        snprintf(at, sizeof at, "[%zu][%zu]", r->row, r->column);
        fprintf(file, "%-24s %8zu %7zu %9.1e %9.1e  %-14s %12.5e %12.5e  %s\n",
                report->entries[i].name, r->checked, r->skipped, r->absolute_error,
                r->relative_error, at, r->analytic, r->numeric,
                r->passed ? "ok" : "FAILED");
    }
    fprintf(file, "%s: tolerance %g\n",
            mlpbn_gradcheck_passed(report) ? "all passed" : "FAILED", report->tolerance);
    if (fflush(file) != 0 || ferror(file))
        return mlpbn__fail(MLPBN_EIO, "the report cannot be written");
    return MLPBN_OK;
}
