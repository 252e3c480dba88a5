#include "nn/fit_standardization.h"

#include "base/dtype.h"
#include "base/error.h"

#include <math.h>

/* Element [i][j] of the view. */
static double value_at(const mlpbn_rows *rows, size_t i, size_t j)
{
    size_t row = rows->index ? rows->index[i] : i;
    return mlpbn__load(rows->dtype, rows->data, row * rows->stride + j);
}

static mlpbn_status check_finite(const mlpbn_rows *rows)
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

/* The standard deviation of a column whose sum of squares overflows or vanishes, by scaling
 * with the largest deviation; 1 if the column is constant. */
static double scaled_std(const mlpbn_rows *rows, size_t j, double mean)
{
    double max_abs = 0, sum = 0;
    for (size_t i = 0; i < rows->n; i++)
        max_abs = fmax(max_abs, fabs(value_at(rows, i, j) - mean));
    if (max_abs == 0)
        return 1;
    for (size_t i = 0; i < rows->n; i++) {
        double scaled = (value_at(rows, i, j) - mean) / max_abs;
        sum += scaled * scaled;
    }
    return max_abs * sqrt(sum / (double)(rows->n - 1));
}

/* Computes mean and std, both [columns] and zero before, in two passes. The first one sums
 * differences from the first row, so that the mean of a constant column is exact. The inner
 * loops run along rows, which are contiguous. */
static void compute(const mlpbn_rows *rows, double *mean, double *std)
{
    size_t columns = rows->columns;
    for (size_t i = 1; i < rows->n; i++)
        for (size_t j = 0; j < columns; j++)
            mean[j] += value_at(rows, i, j) - value_at(rows, 0, j);
    for (size_t j = 0; j < columns; j++)
        mean[j] = value_at(rows, 0, j) + mean[j] / (double)rows->n;
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = 0; j < columns; j++) {
            double deviation = value_at(rows, i, j) - mean[j];
            std[j] += deviation * deviation;
        }
    for (size_t j = 0; j < columns; j++)
        std[j] = isnormal(std[j]) ? sqrt(std[j] / (double)(rows->n - 1))
                                  : scaled_std(rows, j, mean[j]);
}

mlpbn_status mlpbn__fit_standardization(mlpbn_network *network, const mlpbn_rows *rows)
{
    RETURN_IF_ERROR(check_finite(rows));
    double *mean = mlpbn__memory_new(2 * rows->columns * sizeof *mean);
    if (!mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the sums of %zu columns",
                           rows->columns);
    double *std = mean + rows->columns;
    compute(rows, mean, std);
    mlpbn_status status = mlpbn__standardize(network, mean, std);
    mlpbn__memory_free(mean);
    return status;
}
