#include "nn/regression_metrics.h"

#include "base/dtype.h"
#include "base/error.h"

/* A number for each row, in one column: the error y - target, or the difference of the target
 * from `origin`. Means are taken of these times 2^-exponent, which are at most 1, so that their
 * squares neither overflow nor vanish. */
typedef struct series {
    const mlpbn__regression *regression;
    size_t column;
    int is_error;
    double origin;
    double max; /* the largest magnitude, of rows of weight above 0 */
    int exponent;
} series;

static double target_at(const mlpbn__regression *regression, size_t row, size_t column)
{
    return mlpbn__load(regression->target_dtype, regression->targets,
                       row * regression->columns + column);
}

static double value_at(const series *s, size_t row)
{
    const mlpbn__regression *regression = s->regression;
    size_t i = row * regression->columns + s->column;
    double target = target_at(regression, row, s->column);
    return s->is_error ? mlpbn__load(regression->dtype, regression->y, i) - target
                       : target - s->origin;
}

static series with_scale(series s)
{
    for (size_t i = 0; i < s.regression->n; i++)
        if (mlpbn__row_weight(&s.regression->weights, i) > 0)
            s.max = fmax(s.max, fabs(value_at(&s, i)));
    s.exponent = isinf(s.max) ? 0 : mlpbn__exponent(s.max);
    return s;
}

static series errors_of(const mlpbn__regression *regression, size_t column)
{
    return with_scale(
        (series){.regression = regression, .column = column, .is_error = 1});
}

/* The origin is the first target of weight above 0: if all are equal, the differences are 0, and
 * are so without rounding. */
static series target_differences(const mlpbn__regression *regression, size_t column)
{
    size_t first = 0;
    while (mlpbn__row_weight(&regression->weights, first) == 0)
        first++;
    return with_scale((series){.regression = regression,
                               .column = column,
                               .origin = target_at(regression, first, column)});
}

/* What means are taken of, for a scaled number x. */
typedef double function(double x, double center);

static double itself(double x, double center)
{
    return x - center;
}

static double magnitude(double x, double center)
{
    return fabs(x - center);
}

static double square(double x, double center)
{
    return (x - center) * (x - center);
}

static double mean_of(function *f, const series *s, double center)
{
    mlpbn__mean mean = {0};
    for (size_t i = 0; i < s->regression->n; i++) {
        double weight = mlpbn__row_weight(&s->regression->weights, i);
        if (weight > 0)
            mlpbn__mean_add(&mean, f(ldexp(value_at(s, i), -s->exponent), center),
                            weight);
    }
    return mlpbn__mean_value(&mean);
}

double mlpbn__mean_absolute_error(const mlpbn__regression *regression, size_t column)
{
    series errors = errors_of(regression, column);
    return isinf(errors.max) ? errors.max
                             : ldexp(mean_of(magnitude, &errors, 0), errors.exponent);
}

double mlpbn__root_mean_squared_error(const mlpbn__regression *regression, size_t column)
{
    series errors = errors_of(regression, column);
    return isinf(errors.max) ? errors.max
                             : ldexp(sqrt(mean_of(square, &errors, 0)), errors.exponent);
}

double mlpbn__r2_score(const mlpbn__regression *regression, size_t column)
{
    series errors = errors_of(regression, column);
    series targets = target_differences(regression, column);
    if (isinf(errors.max) || isinf(targets.max))
        return -(double)INFINITY;
    double residual = mean_of(square, &errors, 0);
    double variance = mean_of(square, &targets, mean_of(itself, &targets, 0));
    if (variance == 0)
        return residual == 0;
    return 1 - ldexp(residual / variance, 2 * (errors.exponent - targets.exponent));
}

/* Values are divided before they are added up, so that the sum does not overflow. They are
 * computed again for per_column, which is not written if one of them overflows. */
mlpbn_status mlpbn__mean_over_columns(double *mean, double *per_column,
                                      const mlpbn__regression *regression,
                                      mlpbn__column_metric *metric)
{
    const double columns = (double)regression->columns;
    mlpbn__sum sum = {0, 0};
    for (size_t j = 0; j < regression->columns; j++) {
        double value = metric(regression, j);
        if (!isfinite(value))
            return mlpbn__fail(MLPBN_ENONFINITE,
                               "y: expected numbers whose metric is finite, but that of "
                               "column %zu overflows",
                               j);
        mlpbn__sum_add(&sum, value / columns);
    }
    *mean = mlpbn__sum_total(&sum);
    for (size_t j = 0; per_column && j < regression->columns; j++)
        per_column[j] = metric(regression, j);
    return MLPBN_OK;
}
