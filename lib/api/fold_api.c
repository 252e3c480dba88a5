#include "api/batch.h"
#include "api/check.h"
#include "api/options.h"
#include "base/struct_size.h"
#include "nn/checked_fold.h"

#include <mlpbn/fold.h>

mlpbn_status mlpbn_fold(mlpbn_network **folded, const mlpbn_network *network,
                        const mlpbn_fold_options *options, mlpbn_fold_report *report)
{
    static const char type_name[] = "mlpbn_fold_report";
    mlpbn_fold_options checked;
    mlpbn_fold_report result;
    mlpbn__batch probe;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(folded));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__read_fold_options(&checked, options, network->dtype));
    if (report)
        RETURN_IF_ERROR(mlpbn__struct_check(report, type_name));
    if (checked.probe)
        RETURN_IF_ERROR(mlpbn__check_rows(&probe, network, checked.probe, SIZE_MAX));
    RETURN_IF_ERROR(mlpbn__checked_fold(folded, network, &checked,
                                        checked.probe ? &probe : NULL, &result));
    return report ? mlpbn__struct_write(report, &result, sizeof result, type_name)
                  : MLPBN_OK;
}
