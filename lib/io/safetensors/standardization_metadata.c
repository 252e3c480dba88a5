#include "io/safetensors/standardization_metadata.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/dtype.h"
#include "io/safetensors/metadata_fields.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const char mean_key[] = "mlpbn.standardization.mean",
                  std_key[] = "mlpbn.standardization.std";

static const mlpbn__field is_standardized = {"standardization", MLPBN__FIELD_FLAG, 0,
                                             NULL, 0};
static const mlpbn__field eps_field = {"standardization.eps", MLPBN__FIELD_REAL, 0, NULL,
                                       0};

double mlpbn__standardization_eps(const mlpbn_network *network)
{
    for (size_t j = 0; j < network->inputs; j++)
        if (network->std[j] * network->std[j] < MLPBN__STANDARDIZATION_EPS)
            return 0;
    return MLPBN__STANDARDIZATION_EPS;
}

/* A square that overflows becomes the largest number; the texts have it right. */
void mlpbn__standardization_fill(mlpbn__network_items *items,
                                 const mlpbn_network *network)
{
    double eps = mlpbn__standardization_eps(network);
    double largest = network->dtype == MLPBN_F32 ? (double)FLT_MAX : DBL_MAX;
    for (size_t j = 0; j < network->inputs; j++) {
        double variance = fmin(network->std[j] * network->std[j] - eps, largest);
        mlpbn__store(network->dtype, items->mean, j, network->mean[j]);
        mlpbn__store(network->dtype, items->variance, j, variance);
    }
}

void mlpbn__standardization_of(const mlpbn__network_items *items, mlpbn_dtype dtype,
                               double eps, double *mean, double *std, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        mean[j] = mlpbn__load(dtype, items->mean, j);
        std[j] = sqrt(mlpbn__load(dtype, items->variance, j) + eps);
    }
}

/* -0 and 0 are not the same. */
static int items_are_exact(const mlpbn__network_items *items,
                           const mlpbn_network *network, double *mean, double *std)
{
    size_t size = network->inputs * sizeof *mean;
    mlpbn__standardization_of(items, network->dtype, mlpbn__standardization_eps(network),
                              mean, std, network->inputs);
    return memcmp(mean, network->mean, size) == 0 && memcmp(std, network->std, size) == 0;
}

mlpbn_status mlpbn__standardization_set(mlpbn__header *header,
                                        const mlpbn__network_items *items,
                                        const mlpbn_network *network)
{
    size_t n = network->inputs;
    mlpbn__fields_set(header, "mlpbn.", &is_standardized, 1, &network->standardized);
    if (!network->standardized)
        return MLPBN_OK;
    double eps = mlpbn__standardization_eps(network);
    mlpbn__fields_set(header, "mlpbn.", &eps_field, 1, &eps);
    double *mean = mlpbn__memory_new(2 * n * sizeof *mean);
    if (!mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu means", n);
    int exact = items_are_exact(items, network, mean, mean + n);
    mlpbn__memory_free(mean);
    if (exact)
        return MLPBN_OK;
    mlpbn_status status = mlpbn__reals_set(header, mean_key, network->mean, n);
    return status ? status : mlpbn__reals_set(header, std_key, network->std, n);
}

mlpbn_status mlpbn__standardization_is(const mlpbn__header *header, int *standardized)
{
    return mlpbn__fields_get(header, "mlpbn.", &is_standardized, 1, standardized);
}

mlpbn_status mlpbn__standardization_get(const mlpbn__header *header,
                                        const mlpbn__network_items *items,
                                        mlpbn_dtype dtype, double *mean, double *std,
                                        size_t n)
{
    double eps;
    if (mlpbn__header_get(header, mean_key)) {
        mlpbn_status status = mlpbn__reals_get(header, mean_key, mean, n);
        return status ? status : mlpbn__reals_get(header, std_key, std, n);
    }
    mlpbn_status status = mlpbn__fields_get(header, "mlpbn.", &eps_field, 1, &eps);
    if (!status)
        mlpbn__standardization_of(items, dtype, eps, mean, std, n);
    return status;
}
