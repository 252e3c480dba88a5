#include "nn/reduction.h"

#include "base/array.h"
#include "base/error.h"

#include <math.h>

typedef double divisor_fn(const mlpbn__loss_sums *sums);

static double sum_of_weights(const mlpbn__loss_sums *sums)
{
    return sums->weight;
}

static double one(const mlpbn__loss_sums *sums)
{
    return ldexp(1, -sums->exponent);
}

/* If all rows are ignored, the loss is 0, whatever the divisor. */
static double number_of_rows(const mlpbn__loss_sums *sums)
{
    return ldexp(sums->rows > 0 ? (double)sums->rows : 1, -sums->exponent);
}

static divisor_fn *const divisors[] = {
    [MLPBN_REDUCTION_WEIGHTED_MEAN] = sum_of_weights,
    [MLPBN_REDUCTION_SUM] = one,
    [MLPBN_REDUCTION_MEAN_OVER_ROWS] = number_of_rows,
};

MLPBN__ASSERT_ROWS(divisors, MLPBN__REDUCTION_END);

double mlpbn__loss_divisor(mlpbn_reduction reduction, const mlpbn__loss_sums *sums)
{
    return divisors[reduction](sums);
}

mlpbn_status mlpbn__check_weight_sum(mlpbn_reduction reduction,
                                     const mlpbn__loss_sums *sums)
{
    if (sums->weight == 0 && reduction == MLPBN_REDUCTION_WEIGHTED_MEAN)
        return mlpbn__fail(
            MLPBN_EINVAL,
            "rows: expected weights, times those of the classes, with a sum "
            "above 0, got 0 in all rows that are not ignored: skip such a batch, "
            "leave rows of weight 0 out of the index, or use another reduction");
    /* Loss kernels multiply the inverse of the divisor by 4. */
    if (isfinite(sums->weight) && isfinite(8 / mlpbn__loss_divisor(reduction, sums)))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "rows: expected weights, times those of the classes, with a sum "
                       "far below the largest double, got %g: scale them down",
                       ldexp(sums->weight, sums->exponent));
}
