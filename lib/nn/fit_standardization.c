#include "nn/fit_standardization.h"

#include "base/dtype.h"
#include "base/error.h"

#include <float.h>
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

/* The rows that count, with their weights. */
typedef struct weighted_rows {
    const mlpbn_rows *rows;
    size_t first, n; /* the first row of weight > 0, and the number of these */
    double max;      /* the largest weight, which all are divided by */
    double sum;      /* of the weights so divided */
} weighted_rows;

static double weight_at(const weighted_rows *w, size_t i)
{
    const mlpbn_rows *rows = w->rows;
    return rows->weights ? rows->weights[rows->index ? rows->index[i] : i] / w->max : 1;
}

static mlpbn_status read_weights(weighted_rows *w, const mlpbn_rows *rows)
{
    *w = (weighted_rows){.rows = rows, .max = 1};
    double max = 0;
    for (size_t i = 0; i < rows->n; i++) {
        double weight = weight_at(w, i);
        if (!(weight >= 0 && isfinite(weight)))
            return mlpbn__fail(MLPBN_EINVAL,
                               "rows: expected finite weights of at least 0, got "
                               "weights[%zu] = %g",
                               rows->index ? rows->index[i] : i, weight);
        if (weight > 0 && w->n++ == 0)
            w->first = i;
        max = fmax(max, weight);
    }
    if (w->n < 2)
        return mlpbn__fail(MLPBN_EBATCH,
                           "rows: a standard deviation needs at least 2 rows of weight "
                           "> 0, got %zu",
                           w->n);
    w->max = max;
    for (size_t i = 0; i < rows->n; i++)
        w->sum += weight_at(w, i);
    return MLPBN_OK;
}

/* The divisor of a sum of squares: n - 1 without weights. With weights, n is the number of rows
 * that count, and the divisor is (n - 1) / n times the sum of weights (NIST, Dataplot Reference
 * Manual, weighted standard deviation), which multiplying all weights does not change. */
static double divisor(const weighted_rows *w)
{
    return ((double)w->n - 1) * (w->sum / (double)w->n);
}

/* The mean of a column in which differences or their sum overflow. */
static double scaled_mean(const weighted_rows *w, size_t j)
{
    const double scale = 0x1p-66;
    double origin = scale * value_at(w->rows, w->first, j), sum = 0;
    for (size_t i = 0; i < w->rows->n; i++)
        sum += weight_at(w, i) * (scale * value_at(w->rows, i, j) - origin);
    return (origin + sum / w->sum) / scale;
}

/* The standard deviation of a column whose sum of squares overflows or vanishes, by scaling
 * with the largest deviation. Halves are subtracted, whose difference cannot overflow. */
static double scaled_std(const weighted_rows *w, size_t j, double mean)
{
    const mlpbn_rows *rows = w->rows;
    double max_abs = 0, sum = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (weight_at(w, i) > 0)
            max_abs = fmax(max_abs, fabs(value_at(rows, i, j) / 2 - mean / 2));
    if (max_abs == 0)
        return 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (weight_at(w, i) == 0)
            continue;
        double scaled = (value_at(rows, i, j) / 2 - mean / 2) / max_abs;
        sum += weight_at(w, i) * scaled * scaled;
    }
    return 2 * max_abs * sqrt(sum / divisor(w));
}

/* Whether the deviation of a column is no more than the rounding errors of its sums, by the
 * rule of scikit-learn (_is_constant_feature),
 *
 *   var <= n eps var + (n mean eps)^2
 *
 * of which the root is taken, so that nothing overflows. */
static int is_constant(const weighted_rows *w, double mean, double std)
{
    double n_eps = (double)w->n * DBL_EPSILON;
    return std * sqrt(fmax(0, 1 - n_eps)) <= n_eps * fabs(mean);
}

/* Computes mean and std, both [columns] and zero before, in two passes. The first one sums
 * differences from the first row, so that the mean of a constant column is exact. The inner
 * loops run along rows, which are contiguous. */
static void compute(const weighted_rows *w, double *mean, double *std)
{
    const mlpbn_rows *rows = w->rows;
    size_t columns = rows->columns;
    for (size_t i = w->first + 1; i < rows->n; i++) {
        double weight = weight_at(w, i);
        for (size_t j = 0; weight > 0 && j < columns; j++)
            mean[j] += weight * (value_at(rows, i, j) - value_at(rows, w->first, j));
    }
    for (size_t j = 0; j < columns; j++) {
        mean[j] = value_at(rows, w->first, j) + mean[j] / w->sum;
        if (!isfinite(mean[j]))
            mean[j] = scaled_mean(w, j);
    }
    for (size_t i = w->first; i < rows->n; i++) {
        double weight = weight_at(w, i);
        for (size_t j = 0; weight > 0 && j < columns; j++) {
            double deviation = value_at(rows, i, j) - mean[j];
            std[j] += weight * (deviation * deviation);
        }
    }
    for (size_t j = 0; j < columns; j++) {
        std[j] = isnormal(std[j]) ? sqrt(std[j] / divisor(w)) : scaled_std(w, j, mean[j]);
        if (is_constant(w, mean[j], std[j] * sqrt(divisor(w) / w->sum)))
            std[j] = 1;
    }
}

mlpbn_status mlpbn__fit_standardization(mlpbn_network *network, const mlpbn_rows *rows)
{
    weighted_rows counted;
    RETURN_IF_ERROR(check_finite(rows));
    RETURN_IF_ERROR(read_weights(&counted, rows));
    double *mean = mlpbn__memory_new(2 * rows->columns * sizeof *mean);
    if (!mean)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the sums of %zu columns",
                           rows->columns);
    double *std = mean + rows->columns;
    compute(&counted, mean, std);
    mlpbn_status status = mlpbn__standardize(network, mean, std);
    mlpbn__memory_free(mean);
    return status;
}
