/* Rows with scores or probabilities of classes, with labels and weights: what metrics of
 * classifiers are computed from. All of it has been checked. */
#ifndef MLPBN_NN_SCORED_ROWS_H
#define MLPBN_NN_SCORED_ROWS_H

#include "base/dtype.h"
#include "nn/weighted_mean.h"

typedef struct mlpbn__scored_rows {
    const void *scores;    /* [n][columns], of any alignment */
    mlpbn_dtype dtype;     /* MLPBN_F32 or MLPBN_F64 */
    size_t n, columns;     /* 1 column: the score of label 1, of 0 and 1 */
    const int32_t *labels; /* [n] */
    mlpbn__row_weights weights;
} mlpbn__scored_rows;

static inline size_t mlpbn__n_classes(const mlpbn__scored_rows *rows)
{
    return rows->columns == 1 ? 2 : rows->columns;
}

static inline double mlpbn__score(const mlpbn__scored_rows *rows, size_t row,
                                  size_t column)
{
    return mlpbn__load(rows->dtype, rows->scores, row * rows->columns + column);
}

/* The probability of a class, if scores are probabilities. */
static inline double mlpbn__probability(const mlpbn__scored_rows *rows, size_t row,
                                        size_t class_)
{
    if (rows->columns > 1)
        return mlpbn__score(rows, row, class_);
    double p = mlpbn__score(rows, row, 0);
    return class_ == 1 ? p : 1 - p;
}

#endif
