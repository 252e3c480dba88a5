#include "api/batch.h"
#include "api/check.h"
#include "api/metrics.h"
#include "api/options.h"
#include "nn/classify.h"
#include "nn/typed_ops.h"

#include <mlpbn/predict.h>

static mlpbn_status predict(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows, void *y, mlpbn_dtype dtype)
{
    mlpbn__batch batch;
    RETURN_IF_ERROR(mlpbn__read_batch(&batch, network, workspace, rows, SIZE_MAX));
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

/* Classifies with a workspace that is made for the call. */
static mlpbn_status classify_alone(const mlpbn_network *network,
                                   const mlpbn__batch *batch, int32_t *labels,
                                   double *probabilities)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *workspace;
    options.mode = MLPBN_PREDICT;
    RETURN_IF_ERROR(mlpbn__workspace_new(&workspace, network, &options));
    mlpbn_status status =
        mlpbn__classify(network, workspace, batch, labels, probabilities);
    mlpbn__workspace_free(workspace);
    return status;
}

mlpbn_status mlpbn_classify(const mlpbn_network *network, mlpbn_workspace *workspace,
                            const mlpbn_rows *rows, int32_t *labels,
                            double *probabilities)
{
    mlpbn__batch batch;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    if (workspace)
        RETURN_IF_ERROR(mlpbn__read_batch(&batch, network, workspace, rows, SIZE_MAX));
    else
        RETURN_IF_ERROR(mlpbn__check_rows(&batch, network, rows, SIZE_MAX));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(labels));
    return workspace ? mlpbn__classify(network, workspace, &batch, labels, probabilities)
                     : classify_alone(network, &batch, labels, probabilities);
}
