/* Schedules: the learning rate as a function of the step. */
#ifndef MLPBN_SCHEDULE_H
#define MLPBN_SCHEDULE_H

#include <mlpbn/common.h>

MLPBN_BEGIN

/* The type of a schedule: returns the learning rate of a step, which counts from 0, or NaN if
 * the options are invalid. */
typedef double mlpbn_schedule(const void *options, uint64_t step);

MLPBN_END

#endif
