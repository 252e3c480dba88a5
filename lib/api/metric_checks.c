#include "api/metric_checks.h"

#include "api/check.h"
#include "base/memory.h"

#include <math.h>
#include <stdint.h>

mlpbn_status mlpbn__check_rows_of(const char *name, size_t n, size_t min, size_t columns,
                                  size_t element)
{
    if (n < min)
        return mlpbn__fail(MLPBN_EBATCH, "n: expected at least %zu row%s, got %zu", min,
                           min == 1 ? "" : "s", n);
    if (mlpbn__multiply(mlpbn__multiply(n, columns), element) > PTRDIFF_MAX)
        return mlpbn__fail(MLPBN_ESIZE,
                           "%s: %zu rows of %zu numbers do not fit the address space",
                           name, n, columns);
    return MLPBN_OK;
}

mlpbn_status mlpbn__check_labels(const char *name, const int32_t *labels, size_t n,
                                 size_t classes)
{
    for (size_t i = 0; i < n; i++)
        if (labels[i] < 0 || (size_t)labels[i] >= classes)
            return mlpbn__fail(MLPBN_ELABEL,
                               "%s: expected labels in [0, %zu), got %s[%zu] = %d", name,
                               classes, name, i, (int)labels[i]);
    return MLPBN_OK;
}

mlpbn_status mlpbn__read_row_weights(mlpbn__row_weights *weights, const double *values,
                                     size_t n)
{
    *weights = (mlpbn__row_weights){NULL, 0};
    if (!values)
        return MLPBN_OK;
    RETURN_IF_ERROR(mlpbn__check_rows_of("weights", n, 1, 1, sizeof *values));
    double max = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(values[i] >= 0 && isfinite(values[i])))
            return mlpbn__fail(MLPBN_EINVAL,
                               "weights: expected finite weights of at least 0, got "
                               "weights[%zu] = %g",
                               i, values[i]);
        max = fmax(max, values[i]);
    }
    if (max == 0)
        return mlpbn__fail(MLPBN_EINVAL,
                           "weights: expected one above 0, got 0 in all %zu rows", n);
    *weights = (mlpbn__row_weights){values, mlpbn__exponent(max)};
    return MLPBN_OK;
}

/* The dtype of an array must be MLPBN_F32 or MLPBN_F64, or MLPBN_U8 if that is allowed. */
static mlpbn_status check_dtype_of(const char *name, mlpbn_dtype dtype, int may_be_u8)
{
    if (dtype == MLPBN_F32 || dtype == MLPBN_F64 || (may_be_u8 && dtype == MLPBN_U8))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EDTYPE, "%s: expected %sMLPBN_F32 or MLPBN_F64, got %d",
                       name, may_be_u8 ? "MLPBN_U8, " : "", (int)dtype);
}

static mlpbn_status check_columns(size_t columns, size_t min)
{
    if (columns >= min)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL, "columns: expected at least %zu, got %zu", min,
                       columns);
}

static mlpbn_status check_finite(const char *name, double value, size_t row,
                                 size_t column)
{
    if (isfinite(value))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ENONFINITE,
                       "%s: expected finite numbers, got %s[%zu][%zu] = %g", name, name,
                       row, column, value);
}

static mlpbn_status check_scores(const mlpbn__scored_rows *rows,
                                 const mlpbn__scores_kind *kind)
{
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = 0; j < rows->columns; j++) {
            double score = mlpbn__score(rows, i, j);
            RETURN_IF_ERROR(check_finite(kind->name, score, i, j));
            if (kind->are_probabilities && !(score >= 0 && score <= 1))
                return mlpbn__fail(
                    MLPBN_EINVAL, "%s: expected numbers in [0, 1], got %s[%zu][%zu] = %g",
                    kind->name, kind->name, i, j, score);
        }
    return MLPBN_OK;
}

mlpbn_status mlpbn__check_scored_rows(mlpbn__scored_rows *rows, const double *weights,
                                      const mlpbn__scores_kind *kind)
{
    RETURN_IF_ERROR(mlpbn__check_pointer(rows->scores, kind->name));
    RETURN_IF_ERROR(mlpbn__check_pointer(rows->labels, "labels"));
    RETURN_IF_ERROR(check_columns(rows->columns, kind->min_columns));
    RETURN_IF_ERROR(check_dtype_of(kind->name, rows->dtype, 0));
    RETURN_IF_ERROR(mlpbn__check_rows_of(kind->name, rows->n, 1, rows->columns,
                                         mlpbn__sizeof(rows->dtype)));
    RETURN_IF_ERROR(
        mlpbn__check_labels("labels", rows->labels, rows->n, mlpbn__n_classes(rows)));
    RETURN_IF_ERROR(mlpbn__read_row_weights(&rows->weights, weights, rows->n));
    return check_scores(rows, kind);
}

mlpbn_status mlpbn__check_regression(mlpbn__regression *r, const double *weights,
                                     size_t min_rows)
{
    RETURN_IF_ERROR(mlpbn__check_pointer(r->y, "y"));
    RETURN_IF_ERROR(mlpbn__check_pointer(r->targets, "targets"));
    RETURN_IF_ERROR(check_columns(r->columns, 1));
    RETURN_IF_ERROR(check_dtype_of("y", r->dtype, 0));
    RETURN_IF_ERROR(check_dtype_of("targets", r->target_dtype, 1));
    RETURN_IF_ERROR(
        mlpbn__check_rows_of("y", r->n, min_rows, r->columns, mlpbn__sizeof(r->dtype)));
    RETURN_IF_ERROR(mlpbn__check_rows_of("targets", r->n, min_rows, r->columns,
                                         mlpbn__sizeof(r->target_dtype)));
    RETURN_IF_ERROR(mlpbn__read_row_weights(&r->weights, weights, r->n));
    for (size_t i = 0; i < r->n; i++)
        for (size_t j = 0; j < r->columns; j++) {
            size_t k = i * r->columns + j;
            RETURN_IF_ERROR(check_finite("y", mlpbn__load(r->dtype, r->y, k), i, j));
            RETURN_IF_ERROR(check_finite(
                "targets", mlpbn__load(r->target_dtype, r->targets, k), i, j));
        }
    return MLPBN_OK;
}
