/* The functions of mlpbn/network.h for standardization. */
#include "api/check.h"
#include "nn/fit_standardization.h"

#include <mlpbn/network.h>

static mlpbn_status check_length(const mlpbn_network *network, size_t n)
{
    if (n == network->inputs)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ESHAPE, "n: expected %zu, the network's inputs, got %zu",
                       network->inputs, n);
}

mlpbn_status mlpbn_network_set_standardization(mlpbn_network *network, const double *mean,
                                               const double *std, size_t n)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    if (!mean && !std && n == 0)
        return mlpbn__standardize(network, NULL, NULL);
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(mean));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(std));
    RETURN_IF_ERROR(check_length(network, n));
    return mlpbn__standardize(network, mean, std);
}

mlpbn_status mlpbn_network_get_standardization(const mlpbn_network *network, double *mean,
                                               double *std, size_t n)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(mean));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(std));
    RETURN_IF_ERROR(check_length(network, n));
    for (size_t j = 0; j < n; j++) {
        mean[j] = network->standardized ? network->mean[j] : 0;
        std[j] = network->standardized ? network->std[j] : 1;
    }
    return MLPBN_OK;
}

mlpbn_status mlpbn_network_fit_standardization(mlpbn_network *network,
                                               const mlpbn_rows *rows)
{
    mlpbn_rows checked;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(network));
    RETURN_IF_ERROR(mlpbn__rows_read(&checked, rows));
    RETURN_IF_ERROR(mlpbn__rows_check_columns(&checked, network));
    RETURN_IF_ERROR(mlpbn__rows_check_index(&checked));
    return mlpbn__fit_standardization(network, &checked);
}
