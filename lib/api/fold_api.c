#include "api/batch.h"
#include "api/check.h"
#include "api/options.h"
#include "base/struct_size.h"
#include "nn/checked_fold.h"

#include <mlpbn/fold.h>

mlpbn_status mlpbn_fold(mlpbn_network **folded, const mlpbn_network *network,
                        const mlpbn_fold_options *options, mlpbn_fold_report *report)
{
    static const char what[] = "mlpbn_fold_report";
    mlpbn_fold_options ours;
    mlpbn_fold_report found;
    mlpbn__batch probe;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(folded));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__read_fold_options(&ours, options, network->dtype));
    if (report)
        RETURN_IF_ERROR(mlpbn__struct_check(report, what));
    if (ours.probe)
        RETURN_IF_ERROR(mlpbn__check_rows(&probe, network, ours.probe, SIZE_MAX));
    RETURN_IF_ERROR(
        mlpbn__checked_fold(folded, network, &ours, ours.probe ? &probe : NULL, &found));
    return report ? mlpbn__struct_write(report, &found, sizeof found, what) : MLPBN_OK;
}
