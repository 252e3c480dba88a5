/* Metrics of predicted classes. Arguments have been checked. */
#ifndef MLPBN_NN_CLASSIFICATION_METRICS_H
#define MLPBN_NN_CLASSIFICATION_METRICS_H

#include "nn/scored_rows.h"

#include <mlpbn/metrics.h>

/* Fills in matrix, [classes][classes]; the sum of the weights does not overflow. */
void mlpbn__confusion_matrix(double *matrix, size_t classes, size_t n,
                             const int32_t *labels, const int32_t *predicted,
                             const double *weights);

/* The sum of an array of n numbers, compensated. */
double mlpbn__total(const double *values, size_t n);

/* A confusion matrix's sums that belong to one class. */
typedef struct mlpbn__class_sums {
    double right, predicted, support;
} mlpbn__class_sums;

mlpbn__class_sums mlpbn__sums_of_class(const double *matrix, size_t classes, size_t c);
double mlpbn__precision(const mlpbn__class_sums *sums);
double mlpbn__recall(const mlpbn__class_sums *sums);
double mlpbn__f1(const mlpbn__class_sums *sums);

/* Fills in all fields but struct_size; the sum of the matrix is above 0. */
void mlpbn__average_classes(mlpbn_class_averages *averages, const double *matrix,
                            size_t classes);

double mlpbn__top_k_accuracy(const mlpbn__scored_rows *rows, size_t k);

#endif
