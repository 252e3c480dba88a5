#include "api/metrics.h"

#include "base/struct_size.h"
#include "base/error.h"
#include "nn/typed_ops.h"

#include <math.h>

mlpbn_status mlpbn__metrics_of(mlpbn_metrics *ours, const mlpbn_network *network,
                               const mlpbn__decay *decay, const mlpbn__loss_sums *score,
                               size_t n)
{
    double penalty = mlpbn__typed_ops_of(network->dtype)->penalty(network, decay);
    double loss = score->loss / score->weight;
    *ours = (mlpbn_metrics){.n = n,
                            .loss = loss,
                            .cost = loss + penalty,
                            .correct = score->correct,
                            .accuracy = (double)score->correct / (double)n};
    if (isfinite(loss))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ENONFINITE, "layer %zu: the loss of its outputs is %g",
                       network->n_layers - 1, loss);
}

mlpbn_status mlpbn__check_weight(double sum)
{
    if (sum > 0 && isfinite(sum))
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EINVAL,
        "rows: expected weights, times those of classes, with a finite sum "
        "above 0, got %g",
        sum);
}

mlpbn_status mlpbn__metrics_check(const mlpbn_metrics *caller)
{
    return caller ? mlpbn__struct_check(caller, "mlpbn_metrics") : MLPBN_OK;
}

void mlpbn__metrics_write(mlpbn_metrics *caller, const mlpbn_metrics *ours)
{
    if (caller)
        (void)mlpbn__struct_write(caller, ours, sizeof *ours, "mlpbn_metrics");
}
