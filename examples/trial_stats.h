/* Mean and standard deviation of runs that differ by their seeds. */
#ifndef TRIAL_STATS_H
#define TRIAL_STATS_H

#include "trial.h"

double trial_mean(const trial_result *results, size_t runs, int split);

/* Of a sample, divided by runs - 1; 0 for a single run. */
double trial_deviation(const trial_result *results, size_t runs, int split);

#endif
