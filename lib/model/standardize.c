/* Standardization of the inputs, which belongs to the network. */
#include "base/dtype.h"
#include "base/error.h"
#include "model/model.h"

#include <float.h>
#include <math.h>

static mlpbn_status check_column(mlpbn_dtype dtype, size_t j, double mean, double std)
{
    if (!isfinite(mlpbn__round(dtype, mean)) || !isfinite(std))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "column %zu: expected finite mean and std, got %g and %g", j,
                           mean, std);
    if (std <= 0)
        return mlpbn__fail(MLPBN_EINVAL, "column %zu: expected std > 0, got %g", j, std);
    double scale = mlpbn__round(dtype, 1 / std);
    double least = dtype == MLPBN_F32 ? (double)FLT_MIN : DBL_MIN;
    if (!(isfinite(scale) && scale >= least))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "column %zu: 1 / std overflows or vanishes for std %g", j,
                           std);
    return MLPBN_OK;
}

mlpbn_status mlpbn__standardize(mlpbn_network *network, const double *mean,
                                const double *std)
{
    mlpbn_dtype dtype = network->dtype;
    for (size_t j = 0; mean && j < network->inputs; j++) {
        mlpbn_status status = check_column(dtype, j, mean[j], std[j]);
        if (status)
            return status;
    }
    for (size_t j = 0; mean && j < network->inputs; j++) {
        network->mean[j] = mean[j];
        network->std[j] = std[j];
        double high = mlpbn__round(dtype, mean[j]);
        mlpbn__store(dtype, network->mean_high, j, high);
        mlpbn__store(dtype, network->mean_rest, j, mean[j] - high);
        mlpbn__store(dtype, network->scale, j, 1 / std[j]);
    }
    network->standardized = mean != NULL;
    return MLPBN_OK;
}
