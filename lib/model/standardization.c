/* The standardization of the inputs, x <- (x - mean) / std for each column. */
#include "base/dtype.h"
#include "base/error.h"
#include "model/model.h"

#include <float.h>
#include <math.h>

static mlpbn_status check_column(mlpbn_dtype dtype, size_t j, double mean, double std)
{
    if (!isfinite(mean) || !isfinite(std))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "column %zu: expected finite mean and std, got %g and %g", j,
                           mean, std);
    if (!isfinite(mlpbn__round(dtype, mean)))
        return mlpbn__fail(MLPBN_ENONFINITE, "column %zu: the mean %g does not fit a %s",
                           j, mean, mlpbn__dtype_name(dtype));
    if (std <= 0)
        return mlpbn__fail(MLPBN_EINVAL, "column %zu: expected std > 0, got %g", j, std);
    double scale = mlpbn__round(dtype, 1 / std);
    double min_normal = dtype == MLPBN_F32 ? (double)FLT_MIN : DBL_MIN;
    if (!(isfinite(scale) && scale >= min_normal))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "column %zu: 1 / std overflows or vanishes as %s for std %g",
                           j, mlpbn__dtype_name(dtype), std);
    return MLPBN_OK;
}

mlpbn_status mlpbn__standardize(mlpbn_network *network, const double *mean,
                                const double *std)
{
    mlpbn_dtype dtype = network->dtype;
    for (size_t j = 0; mean && j < network->inputs; j++)
        RETURN_IF_ERROR(check_column(dtype, j, mean[j], std[j]));
    for (size_t j = 0; mean && j < network->inputs; j++) {
        network->mean[j] = mean[j];
        network->std[j] = std[j];
        double hi = mlpbn__round(dtype, mean[j]);
        mlpbn__store(dtype, network->mean_hi, j, hi);
        mlpbn__store(dtype, network->mean_lo, j, mean[j] - hi);
        mlpbn__store(dtype, network->scale, j, 1 / std[j]);
    }
    network->standardized = mean != NULL;
    mlpbn__contents_changed(network);
    return MLPBN_OK;
}
