/* Filling in the caller's metrics, which may be NULL: not wanted. */
#ifndef MLPBN_API_METRICS_H
#define MLPBN_API_METRICS_H

#include "base/struct_size.h"

#include <mlpbn/loss.h>

static inline mlpbn_status mlpbn__check_metrics(const mlpbn_metrics *caller)
{
    return caller ? mlpbn__struct_check(caller, "mlpbn_metrics") : MLPBN_OK;
}

/* To a struct that was checked. */
static inline mlpbn_status mlpbn__write_metrics(mlpbn_metrics *caller,
                                                const mlpbn_metrics *ours)
{
    return caller ? mlpbn__struct_write(caller, ours, sizeof *ours, "mlpbn_metrics")
                  : MLPBN_OK;
}

#endif
