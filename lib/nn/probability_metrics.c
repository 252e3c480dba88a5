#include "nn/probability_metrics.h"

#include "base/error.h"
#include "base/memory.h"

#include <float.h>

double mlpbn__log_loss(const mlpbn__scored_rows *rows)
{
    const double eps = rows->dtype == MLPBN_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    mlpbn__mean loss = {0};
    for (size_t i = 0; i < rows->n; i++) {
        double p = mlpbn__probability(rows, i, (size_t)rows->labels[i]);
        mlpbn__mean_add(&loss, -log(fmin(fmax(p, eps), 1 - eps)),
                        mlpbn__row_weight(&rows->weights, i));
    }
    return mlpbn__mean_value(&loss);
}

double mlpbn__brier_score(const mlpbn__scored_rows *rows)
{
    size_t classes = mlpbn__n_classes(rows);
    mlpbn__mean score = {0};
    for (size_t i = 0; i < rows->n; i++) {
        mlpbn__sum squares = {0, 0};
        for (size_t j = 0; j < classes; j++) {
            double truth = j == (size_t)rows->labels[i];
            double error = mlpbn__probability(rows, i, j) - truth;
            mlpbn__sum_add(&squares, error * error);
        }
        mlpbn__mean_add(&score, mlpbn__sum_total(&squares),
                        mlpbn__row_weight(&rows->weights, i));
    }
    return classes == 2 ? mlpbn__mean_value(&score) / 2 : mlpbn__mean_value(&score);
}

/* The class of the largest probability, the first if there are several. */
static size_t predicted_class(const mlpbn__scored_rows *rows, size_t row)
{
    size_t best = 0;
    for (size_t j = 1; j < mlpbn__n_classes(rows); j++)
        if (mlpbn__probability(rows, row, j) > mlpbn__probability(rows, row, best))
            best = j;
    return best;
}

/* The bin of a confidence in [0, 1]: b < confidence bins <= b + 1. */
static size_t bin_of(double confidence, size_t bins)
{
    double place = ceil(confidence * (double)bins);
    size_t bin = place >= (double)bins ? bins : (size_t)place;
    return bin > 0 ? bin - 1 : 0;
}

/* In each bin, |accuracy - mean confidence| times the weight of the bin is the magnitude of the
 * sum of weight (is right - confidence). */
mlpbn_status mlpbn__calibration_error(double *error, const mlpbn__scored_rows *rows,
                                      size_t bins)
{
    mlpbn__sum *gaps = mlpbn__memory_new(mlpbn__multiply(bins, sizeof *gaps));
    if (!gaps)
        return mlpbn__fail(MLPBN_ENOMEM, "bins: no memory for %zu", bins);
    mlpbn__sum weights = {0, 0}, sum = {0, 0};
    for (size_t i = 0; i < rows->n; i++) {
        size_t predicted = predicted_class(rows, i);
        double confidence = mlpbn__probability(rows, i, predicted);
        double is_right = predicted == (size_t)rows->labels[i];
        double weight = mlpbn__row_weight(&rows->weights, i);
        mlpbn__sum_add(&gaps[bin_of(confidence, bins)], weight * (is_right - confidence));
        mlpbn__sum_add(&weights, weight);
    }
    for (size_t b = 0; b < bins; b++)
        mlpbn__sum_add(&sum, fabs(mlpbn__sum_total(&gaps[b])));
    *error = mlpbn__sum_total(&sum) / mlpbn__sum_total(&weights);
    mlpbn__memory_free(gaps);
    return MLPBN_OK;
}
