/* Mean and standard deviation of runs that differ by their seeds. */
#ifndef RUN_STATS_H
#define RUN_STATS_H

#include "run.h"

double trial_mean(const trial_result *results, size_t runs, int split);

/* Of a sample, divided by runs - 1; 0 for a single run. */
double trial_deviation(const trial_result *results, size_t runs, int split);

#endif
