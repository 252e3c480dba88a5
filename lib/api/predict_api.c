#include "api/batch.h"
#include "api/check.h"
#include "api/metrics.h"
#include "api/options.h"
#include "nn/typed_ops.h"

#include <mlpbn/predict.h>

static mlpbn_status predict(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows, void *y, mlpbn_dtype dtype)
{
    mlpbn__batch batch;
    size_t max_rows = workspace ? workspace->max_batch : 0;
    RETURN_IF_ERROR(mlpbn__read_batch(&batch, network, workspace, rows, max_rows));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(y));
    RETURN_IF_ERROR(mlpbn__check_dtype(network->dtype, dtype));
    return mlpbn__typed_ops_of(dtype)->predict(network, workspace, &batch, y);
}

mlpbn_status mlpbn_predict_f32(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, float *y)
{
    return predict(network, workspace, rows, y, MLPBN_F32);
}

mlpbn_status mlpbn_predict_f64(const mlpbn_network *network, mlpbn_workspace *workspace,
                               const mlpbn_rows *rows, double *y)
{
    return predict(network, workspace, rows, y, MLPBN_F64);
}

mlpbn_status mlpbn_evaluate(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows,
                            const mlpbn_loss_options *loss_options,
                            mlpbn_metrics *metrics)
{
    mlpbn__batch batch;
    mlpbn_loss_options loss;
    mlpbn_metrics result;
    RETURN_IF_ERROR(mlpbn__read_batch(&batch, network, workspace, rows, SIZE_MAX));
    RETURN_IF_ERROR(mlpbn__read_loss_options(&loss, loss_options, network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(metrics));
    RETURN_IF_ERROR(mlpbn__check_metrics(metrics));
    RETURN_IF_ERROR(mlpbn__typed_ops_of(network->dtype)
                        ->evaluate(network, workspace, &batch, &loss, &result));
    return mlpbn__write_metrics(metrics, &result);
}
