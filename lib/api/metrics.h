/* Writes the metrics of the caller, whose pointer may be NULL: then nothing is written. */
#ifndef MLPBN_API_METRICS_H
#define MLPBN_API_METRICS_H

#include "base/struct_size.h"

#include <mlpbn/loss.h>

/* Checks the caller's struct_size. */
static inline mlpbn_status mlpbn__check_metrics(const mlpbn_metrics *caller)
{
    return caller ? mlpbn__struct_check(caller, "mlpbn_metrics") : MLPBN_OK;
}

/* caller: was checked by mlpbn__check_metrics */
static inline mlpbn_status mlpbn__write_metrics(mlpbn_metrics *caller,
                                                const mlpbn_metrics *metrics)
{
    return caller ? mlpbn__struct_write(caller, metrics, sizeof *metrics, "mlpbn_metrics")
                  : MLPBN_OK;
}

#endif
