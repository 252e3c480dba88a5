/* The functions of mlpbn/sampler.h. */
#include "api/check.h"
#include "api/options.h"
#include "base/struct_size.h"
#include "nn/rows.h"
#include "nn/sampler.h"

#include <mlpbn/sampler.h>

mlpbn_status mlpbn_sampler_create(mlpbn_sampler **sampler, const mlpbn_rows *rows,
                                  const mlpbn_sampler_options *options)
{
    mlpbn_sampler_options checked;
    mlpbn_rows view;
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(sampler));
    RETURN_IF_ERROR(mlpbn__rows_read(&view, rows));
    RETURN_IF_ERROR(mlpbn__rows_check_index(&view));
    RETURN_IF_ERROR(mlpbn__read_sampler_options(&checked, options));
    return mlpbn__sampler_new(sampler, &view, &checked);
}

void mlpbn_sampler_destroy(mlpbn_sampler *sampler)
{
    mlpbn__memory_free(sampler);
}

mlpbn_status mlpbn_sampler_next(mlpbn_rows *batch, mlpbn_sampler *sampler)
{
    RETURN_IF_ERROR(mlpbn__struct_check(batch, "batch"));
    RETURN_IF_ERROR(MLPBN__CHECK_POINTER(sampler));
    mlpbn_rows next = mlpbn__sampler_next(sampler);
    return mlpbn__struct_write(batch, &next, sizeof next, "batch");
}

size_t mlpbn_sampler_batches(const mlpbn_sampler *sampler)
{
    return sampler->rows_per_epoch / sampler->batch +
           (sampler->rows_per_epoch % sampler->batch != 0);
}

uint64_t mlpbn_sampler_epochs(const mlpbn_sampler *sampler)
{
    return sampler->epochs;
}
