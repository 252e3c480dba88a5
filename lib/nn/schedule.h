/* The formulas of mlpbn/schedule.h. All options and states were checked. */
#ifndef MLPBN_NN_SCHEDULE_H
#define MLPBN_NN_SCHEDULE_H

#include <mlpbn/schedule.h>

/* The learning rate of a step. */
double mlpbn__step_schedule(const mlpbn_step_schedule_options *options, uint64_t step);
double mlpbn__exponential_schedule(const mlpbn_exponential_schedule_options *options,
                                   uint64_t step);
double mlpbn__cosine_schedule(const mlpbn_cosine_schedule_options *options,
                              uint64_t step);
double mlpbn__one_cycle_schedule(const mlpbn_one_cycle_schedule_options *options,
                                 uint64_t step);
double mlpbn__warmup_schedule(const mlpbn_warmup_schedule_options *options,
                              uint64_t step);

/* Takes in the metric of an epoch. metric is not NaN. */
void mlpbn__plateau_update(mlpbn_plateau *state, const mlpbn_plateau_options *options,
                           double metric);

#endif
