/* The functions of mlpbn/metrics.h. */
#include "api/check.h"
#include "api/metric_checks.h"
#include "api/options.h"
#include "nn/classification_metrics.h"
#include "nn/probability_metrics.h"
#include "nn/ranking_metrics.h"

#include <math.h>

/* --- Classes ------------------------------------------------------------------------ */

static const mlpbn_class_averages no_averages = MLPBN_CLASS_AVERAGES_INIT;
DEFINE_INIT(mlpbn_class_averages, mlpbn_class_averages_init, no_averages)

/* Checks that a matrix [classes][classes] is possible. */
static mlpbn_status check_classes(size_t classes)
{
    if (classes < 2)
        return mlpbn__fail(MLPBN_EINVAL, "classes: expected at least 2, got %zu",
                           classes);
    return mlpbn__check_rows_of("matrix", classes, 1, classes, sizeof(double));
}

/* Sums of rows and columns of a confusion matrix are finite, and so are sums of two. */
static mlpbn_status check_total(const char *name, const double *values, size_t n)
{
    double total = 2 * mlpbn__total(values, n);
    if (isfinite(total))
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EINVAL,
        "%s: expected a sum of at most DBL_MAX / 2, got a larger one: scale them down",
        name);
}

mlpbn_status mlpbn_confusion_matrix(size_t n, const int32_t *labels,
                                    const int32_t *predicted, const double *weights,
                                    size_t classes, double *matrix)
{
    mlpbn__row_weights scaled;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(labels));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(predicted));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(matrix));
    RETURN_IF_ERROR(check_classes(classes));
    RETURN_IF_ERROR(mlpbn__check_rows_of("labels", n, 1, 1, sizeof *labels));
    RETURN_IF_ERROR(mlpbn__check_labels("labels", labels, n, classes));
    RETURN_IF_ERROR(mlpbn__check_labels("predicted", predicted, n, classes));
    RETURN_IF_ERROR(mlpbn__read_row_weights(&scaled, weights, n));
    if (weights)
        RETURN_IF_ERROR(check_total("weights", weights, n));
    mlpbn__confusion_matrix(matrix, classes, n, labels, predicted, weights);
    return MLPBN_OK;
}

static mlpbn_status check_matrix(const double *matrix, size_t classes)
{
    for (size_t i = 0; i < classes; i++)
        for (size_t j = 0; j < classes; j++) {
            double value = matrix[i * classes + j];
            if (!(value >= 0 && isfinite(value)))
                return mlpbn__fail(isfinite(value) ? MLPBN_EINVAL : MLPBN_ENONFINITE,
                                   "matrix: expected finite numbers of at least 0, got "
                                   "matrix[%zu][%zu] = %g",
                                   i, j, value);
        }
    RETURN_IF_ERROR(check_total("matrix", matrix, classes * classes));
    if (mlpbn__total(matrix, classes * classes) == 0)
        return mlpbn__fail(MLPBN_EINVAL, "matrix: expected a sum above 0, got 0");
    return MLPBN_OK;
}

mlpbn_status mlpbn_precision_recall_f1(const double *matrix, size_t classes,
                                       double *precision, double *recall, double *f1,
                                       double *support, mlpbn_class_averages *averages)
{
    mlpbn_class_averages results = MLPBN_CLASS_AVERAGES_INIT;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(matrix));
    RETURN_IF_ERROR(check_classes(classes));
    if (averages)
        RETURN_IF_ERROR(mlpbn__struct_check(averages, "mlpbn_class_averages"));
    RETURN_IF_ERROR(check_matrix(matrix, classes));
    for (size_t c = 0; c < classes; c++) {
        mlpbn__class_sums sums = mlpbn__sums_of_class(matrix, classes, c);
        if (precision)
            precision[c] = mlpbn__precision(&sums);
        if (recall)
            recall[c] = mlpbn__recall(&sums);
        if (f1)
            f1[c] = mlpbn__f1(&sums);
        if (support)
            support[c] = sums.support;
    }
    if (!averages)
        return MLPBN_OK;
    mlpbn__average_classes(&results, matrix, classes);
    return mlpbn__struct_write(averages, &results, sizeof results,
                               "mlpbn_class_averages");
}

/* --- Scores and probabilities of classes -------------------------------------------- */

static const mlpbn__scores_kind scores_kind = {"scores", 1, 0},
                                scores_of_classes = {"scores", 2, 0},
                                probabilities_kind = {"probabilities", 1, 1};

/* Defines `rows` of the arguments of the calling function, or returns its error. */
#define READ_SCORED_ROWS(array, kind)                                                    \
    mlpbn__scored_rows rows = {.scores = (array),                                        \
                               .dtype = dtype,                                           \
                               .n = n,                                                   \
                               .columns = columns,                                       \
                               .labels = labels};                                        \
    RETURN_IF_ERROR(mlpbn__check_scored_rows(&rows, weights, &(kind)))

mlpbn_status mlpbn_top_k_accuracy(double *accuracy, const void *scores, mlpbn_dtype dtype,
                                  size_t n, size_t columns, const int32_t *labels,
                                  const double *weights, size_t k)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(accuracy));
    READ_SCORED_ROWS(scores, scores_of_classes);
    if (k < 1 || k > columns)
        return mlpbn__fail(MLPBN_EINVAL, "k: expected a number in [1, %zu], got %zu",
                           columns, k);
    *accuracy = mlpbn__top_k_accuracy(&rows, k);
    return MLPBN_OK;
}

mlpbn_status mlpbn_roc_auc(double *auc, const void *scores, mlpbn_dtype dtype, size_t n,
                           size_t columns, const int32_t *labels, const double *weights,
                           double *per_class)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(auc));
    READ_SCORED_ROWS(scores, scores_kind);
    return mlpbn__roc_auc(auc, per_class, &rows);
}

mlpbn_status mlpbn_average_precision(double *precision, const void *scores,
                                     mlpbn_dtype dtype, size_t n, size_t columns,
                                     const int32_t *labels, const double *weights,
                                     double *per_class)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(precision));
    READ_SCORED_ROWS(scores, scores_kind);
    return mlpbn__average_precision(precision, per_class, &rows);
}

mlpbn_status mlpbn_log_loss(double *loss, const void *probabilities, mlpbn_dtype dtype,
                            size_t n, size_t columns, const int32_t *labels,
                            const double *weights)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(loss));
    READ_SCORED_ROWS(probabilities, probabilities_kind);
    *loss = mlpbn__log_loss(&rows);
    return MLPBN_OK;
}

mlpbn_status mlpbn_brier_score(double *score, const void *probabilities,
                               mlpbn_dtype dtype, size_t n, size_t columns,
                               const int32_t *labels, const double *weights)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(score));
    READ_SCORED_ROWS(probabilities, probabilities_kind);
    *score = mlpbn__brier_score(&rows);
    return MLPBN_OK;
}

mlpbn_status mlpbn_calibration_error(double *error, const void *probabilities,
                                     mlpbn_dtype dtype, size_t n, size_t columns,
                                     const int32_t *labels, const double *weights,
                                     size_t bins)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(error));
    READ_SCORED_ROWS(probabilities, probabilities_kind);
    if (bins == 0)
        return mlpbn__fail(MLPBN_EINVAL, "bins: expected at least 1, got 0");
    return mlpbn__calibration_error(error, &rows, bins);
}

/* --- Regression --------------------------------------------------------------------- */

/* Checks the arrays, and computes a metric that needs at least min_rows rows. */
static mlpbn_status regression_metric(double *mean, double *per_column,
                                      mlpbn__regression *regression,
                                      const double *weights, size_t min_rows,
                                      mlpbn__column_metric *metric)
{
    RETURN_IF_ERROR(mlpbn__check_regression(regression, weights, min_rows));
    return mlpbn__mean_over_columns(mean, per_column, regression, metric);
}

/* The arguments of the calling function. */
#define REGRESSION                                                                       \
    (&(mlpbn__regression){.y = y,                                                        \
                          .targets = targets,                                            \
                          .dtype = dtype,                                                \
                          .target_dtype = target_dtype,                                  \
                          .n = n,                                                        \
                          .columns = columns})

mlpbn_status mlpbn_mean_absolute_error(double *error, const void *y, mlpbn_dtype dtype,
                                       size_t n, size_t columns, const void *targets,
                                       mlpbn_dtype target_dtype, const double *weights,
                                       double *per_column)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(error));
    return regression_metric(error, per_column, REGRESSION, weights, 1,
                             mlpbn__mean_absolute_error);
}

mlpbn_status mlpbn_root_mean_squared_error(double *error, const void *y,
                                           mlpbn_dtype dtype, size_t n, size_t columns,
                                           const void *targets, mlpbn_dtype target_dtype,
                                           const double *weights, double *per_column)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(error));
    return regression_metric(error, per_column, REGRESSION, weights, 1,
                             mlpbn__root_mean_squared_error);
}

mlpbn_status mlpbn_r2_score(double *score, const void *y, mlpbn_dtype dtype, size_t n,
                            size_t columns, const void *targets, mlpbn_dtype target_dtype,
                            const double *weights, double *per_column)
{
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(score));
    return regression_metric(score, per_column, REGRESSION, weights, 2, mlpbn__r2_score);
}
