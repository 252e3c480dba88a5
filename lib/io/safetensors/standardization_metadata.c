#include "io/safetensors/standardization_metadata.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "io/safetensors/metadata_fields.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define DEFAULT_EPS 1e-5 /* PyTorch's default */

static const char mean_key[] = "mlpbn.standardization.mean",
                  std_key[] = "mlpbn.standardization.std";

static const mlpbn__metadata_field flag_field =
    MLPBN__VARIABLE("standardization", MLPBN__FLAG_FIELD);
static const mlpbn__metadata_field eps_field =
    MLPBN__VARIABLE("standardization.eps", MLPBN__REAL_FIELD);

/* The eps of the BatchNorm1d: 0 if a variance is too small for the default. */
static double choose_eps(const mlpbn_network *network)
{
    for (size_t j = 0; j < network->inputs; j++)
        if (network->std[j] * network->std[j] < DEFAULT_EPS)
            return 0;
    return DEFAULT_EPS;
}

/* A square that overflows becomes the largest number; the metadata has the exact value. */
void mlpbn__standardization_to_entries(mlpbn__network_entries *entries,
                                       const mlpbn_network *network)
{
    double eps = choose_eps(network);
    double largest = network->dtype == MLPBN_F32 ? (double)FLT_MAX : DBL_MAX;
    for (size_t j = 0; j < network->inputs; j++) {
        double variance = fmin(network->std[j] * network->std[j] - eps, largest);
        mlpbn__store(network->dtype, entries->mean, j, network->mean[j]);
        mlpbn__store(network->dtype, entries->variance, j, variance);
    }
}

void mlpbn__standardization_from_entries(const mlpbn__network_entries *entries,
                                         mlpbn_dtype dtype, double eps, double *mean,
                                         double *std, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        mean[j] = mlpbn__load(dtype, entries->mean, j);
        std[j] = sqrt(mlpbn__load(dtype, entries->variance, j) + eps);
    }
}

/* Whether the entries give the network's mean and std bit by bit; -0 differs from 0. */
static int are_exact(const mlpbn__network_entries *entries, const mlpbn_network *network,
                     double eps, double *mean, double *std)
{
    size_t size = network->inputs * sizeof *mean;
    mlpbn__standardization_from_entries(entries, network->dtype, eps, mean, std,
                                        network->inputs);
    return memcmp(mean, network->mean, size) == 0 && memcmp(std, network->std, size) == 0;
}

mlpbn_status mlpbn__standardization_to_metadata(mlpbn__header_text *header,
                                                const mlpbn__network_entries *entries,
                                                const mlpbn_network *network)
{
    size_t n = network->inputs;
    mlpbn__metadata_set_fields(header, "mlpbn.", &flag_field, 1, &network->standardized);
    if (!network->standardized)
        return MLPBN_OK;
    double eps = choose_eps(network);
    mlpbn__metadata_set_fields(header, "mlpbn.", &eps_field, 1, &eps);
    double *mean = mlpbn__memory_new(2 * n * sizeof *mean);
    if (!mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu means", n);
    int exact = are_exact(entries, network, eps, mean, mean + n);
    mlpbn__memory_free(mean);
    if (exact)
        return MLPBN_OK;
    RETURN_IF_ERROR(mlpbn__metadata_set_reals(header, mean_key, network->mean, n));
    return mlpbn__metadata_set_reals(header, std_key, network->std, n);
}

mlpbn_status mlpbn__standardization_flag_from_metadata(const mlpbn__header *header,
                                                       int *standardized)
{
    return mlpbn__metadata_get_fields(header, "mlpbn.", &flag_field, 1, standardized);
}

mlpbn_status mlpbn__standardization_from_metadata(const mlpbn__header *header,
                                                  const mlpbn__network_entries *entries,
                                                  mlpbn_dtype dtype, double *mean,
                                                  double *std, size_t n)
{
    double eps;
    if (mlpbn__header_get_metadata(header, mean_key)) {
        RETURN_IF_ERROR(mlpbn__metadata_get_reals(header, mean_key, mean, n));
        return mlpbn__metadata_get_reals(header, std_key, std, n);
    }
    RETURN_IF_ERROR(mlpbn__metadata_get_fields(header, "mlpbn.", &eps_field, 1, &eps));
    mlpbn__standardization_from_entries(entries, dtype, eps, mean, std, n);
    return MLPBN_OK;
}
