#include "nn/classification_metrics.h"

void mlpbn__confusion_matrix(double *matrix, size_t classes, size_t n,
                             const int32_t *labels, const int32_t *predicted,
                             const double *weights)
{
    for (size_t i = 0; i < classes * classes; i++)
        matrix[i] = 0;
    for (size_t i = 0; i < n; i++)
        matrix[(size_t)labels[i] * classes + (size_t)predicted[i]] +=
            weights ? weights[i] : 1;
}

double mlpbn__total(const double *values, size_t n)
{
    mlpbn__sum sum = {0, 0};
    for (size_t i = 0; i < n; i++)
        mlpbn__sum_add(&sum, values[i]);
    return mlpbn__sum_total(&sum);
}

mlpbn__class_sums mlpbn__sums_of_class(const double *matrix, size_t classes, size_t c)
{
    mlpbn__sum predicted = {0, 0};
    for (size_t i = 0; i < classes; i++)
        mlpbn__sum_add(&predicted, matrix[i * classes + c]);
    return (mlpbn__class_sums){.right = matrix[c * classes + c],
                               .predicted = mlpbn__sum_total(&predicted),
                               .support = mlpbn__total(matrix + c * classes, classes)};
}

static double quotient(double dividend, double divisor)
{
    return divisor > 0 ? dividend / divisor : 0;
}

double mlpbn__precision(const mlpbn__class_sums *sums)
{
    return quotient(sums->right, sums->predicted);
}

double mlpbn__recall(const mlpbn__class_sums *sums)
{
    return quotient(sums->right, sums->support);
}

double mlpbn__f1(const mlpbn__class_sums *sums)
{
    return quotient(2 * sums->right, sums->predicted + sums->support);
}

void mlpbn__average_classes(mlpbn_class_averages *averages, const double *matrix,
                            size_t classes)
{
    mlpbn__mean precision = {0}, recall = {0}, f1 = {0};
    mlpbn__mean weighted_precision = {0}, weighted_recall = {0}, weighted_f1 = {0};
    mlpbn__sum right = {0, 0};
    for (size_t c = 0; c < classes; c++) {
        mlpbn__class_sums sums = mlpbn__sums_of_class(matrix, classes, c);
        mlpbn__mean_add(&precision, mlpbn__precision(&sums), 1);
        mlpbn__mean_add(&recall, mlpbn__recall(&sums), 1);
        mlpbn__mean_add(&f1, mlpbn__f1(&sums), 1);
        mlpbn__mean_add(&weighted_precision, mlpbn__precision(&sums), sums.support);
        mlpbn__mean_add(&weighted_recall, mlpbn__recall(&sums), sums.support);
        mlpbn__mean_add(&weighted_f1, mlpbn__f1(&sums), sums.support);
        mlpbn__sum_add(&right, sums.right);
    }
    averages->accuracy =
        mlpbn__sum_total(&right) / mlpbn__total(matrix, classes * classes);
    averages->macro_precision = mlpbn__mean_value(&precision);
    averages->macro_recall = mlpbn__mean_value(&recall);
    averages->macro_f1 = mlpbn__mean_value(&f1);
    averages->weighted_precision = mlpbn__mean_value(&weighted_precision);
    averages->weighted_recall = mlpbn__mean_value(&weighted_recall);
    averages->weighted_f1 = mlpbn__mean_value(&weighted_f1);
}

/* The number of classes that come before the label: those of a larger score, and those of the
 * same score in earlier columns. */
static size_t rank_of_label(const mlpbn__scored_rows *rows, size_t row)
{
    size_t label = (size_t)rows->labels[row], rank = 0;
    double score = mlpbn__score(rows, row, label);
    for (size_t j = 0; j < rows->columns; j++) {
        double other = mlpbn__score(rows, row, j);
        rank += other > score || (other == score && j < label);
    }
    return rank;
}

double mlpbn__top_k_accuracy(const mlpbn__scored_rows *rows, size_t k)
{
    mlpbn__mean hits = {0};
    for (size_t i = 0; i < rows->n; i++)
        mlpbn__mean_add(&hits, rank_of_label(rows, i) < k,
                        mlpbn__row_weight(&rows->weights, i));
    return mlpbn__mean_value(&hits);
}
