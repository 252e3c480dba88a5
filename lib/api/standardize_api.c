#include "api/check.h"
#include "base/dtype.h"
#include "model/model.h"
#include "nn/rows.h"

#include <mlpbn/network.h>

#include <math.h>

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
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (status)
        return status;
    if (!mean && !std && n == 0)
        return mlpbn__standardize(network, NULL, NULL);
    status = MLPBN__CHECK_POINTER(mean);
    if (!status)
        status = MLPBN__CHECK_POINTER(std);
    if (!status)
        status = check_length(network, n);
    return status ? status : mlpbn__standardize(network, mean, std);
}

mlpbn_status mlpbn_network_get_standardization(const mlpbn_network *network, double *mean,
                                               double *std, size_t n)
{
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = MLPBN__CHECK_POINTER(mean);
    if (!status)
        status = MLPBN__CHECK_POINTER(std);
    if (!status)
        status = check_length(network, n);
    for (size_t j = 0; !status && j < n; j++) {
        mean[j] = network->standardized ? network->mean[j] : 0;
        std[j] = network->standardized ? network->std[j] : 1;
    }
    return status;
}

/* Column j of row i of the view. */
static double value_at(const mlpbn_rows *rows, size_t i, size_t j)
{
    size_t row = rows->index ? rows->index[i] : i;
    return mlpbn__load(rows->dtype, rows->data, row * rows->stride + j);
}

static mlpbn_status check_values(const mlpbn_rows *rows)
{
    for (size_t i = 0; rows->dtype != MLPBN_U8 && i < rows->n; i++)
        for (size_t j = 0; j < rows->columns; j++)
            if (!isfinite(value_at(rows, i, j)))
                return mlpbn__fail(
                    MLPBN_ENONFINITE,
                    "rows: expected finite data, got %g from row %zu of the "
                    "data, column %zu",
                    value_at(rows, i, j), rows->index ? rows->index[i] : i, j);
    return MLPBN_OK;
}

/* The deviation of a column whose squares overflow or vanish; 1 if it is constant. */
static double deviation_of_extremes(const mlpbn_rows *rows, size_t j, double mean)
{
    double largest = 0, sum = 0;
    for (size_t i = 0; i < rows->n; i++)
        largest = fmax(largest, fabs(value_at(rows, i, j) - mean));
    if (largest == 0)
        return 1;
    for (size_t i = 0; i < rows->n; i++) {
        double relative = (value_at(rows, i, j) - mean) / largest;
        sum += relative * relative;
    }
    return largest * sqrt(sum / (double)(rows->n - 1));
}

/* Two passes, row by row because columns lie far apart: the mean, as a distance from the
 * first row, which is exact for a constant column; then the squares of what is left. */
static void fit(const mlpbn_rows *rows, double *mean, double *std)
{
    size_t columns = rows->columns;
    for (size_t i = 1; i < rows->n; i++)
        for (size_t j = 0; j < columns; j++)
            mean[j] += value_at(rows, i, j) - value_at(rows, 0, j);
    for (size_t j = 0; j < columns; j++)
        mean[j] = value_at(rows, 0, j) + mean[j] / (double)rows->n;
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = 0; j < columns; j++) {
            double centred = value_at(rows, i, j) - mean[j];
            std[j] += centred * centred;
        }
    for (size_t j = 0; j < columns; j++)
        std[j] = isnormal(std[j]) ? sqrt(std[j] / (double)(rows->n - 1))
                                  : deviation_of_extremes(rows, j, mean[j]);
}

mlpbn_status mlpbn_network_fit_standardization(mlpbn_network *network,
                                               const mlpbn_rows *rows)
{
    mlpbn_rows ours;
    mlpbn_status status = MLPBN__CHECK_POINTER(network);
    if (!status)
        status = mlpbn__rows_read(&ours, rows);
    if (!status)
        status = mlpbn__rows_fit(&ours, network);
    if (!status)
        status = mlpbn__rows_check_index(&ours);
    if (status)
        return status;
    if (ours.n < 2)
        return mlpbn__fail(MLPBN_EBATCH,
                           "rows: a standard deviation needs at least 2 rows, got %zu",
                           ours.n);
    status = check_values(&ours);
    if (status)
        return status;
    double *mean = mlpbn__memory_new(2 * ours.columns * sizeof *mean);
    if (!mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the sums of %zu columns",
                           ours.columns);
    double *std = mean + ours.columns;
    fit(&ours, mean, std);
    status = mlpbn__standardize(network, mean, std);
    mlpbn__memory_free(mean);
    return status;
}
