/* Statistics of runs that differ by their seeds. */
#ifndef RUN_STATS_H
#define RUN_STATS_H

#include "run.h"

/* The mean accuracy on a split: TRAIN, VALIDATION or TEST. */
double run_mean(const run_result *results, size_t runs, int split);

/* The standard deviation, with runs - 1 degrees of freedom; 0 for a single run. */
double run_deviation(const run_result *results, size_t runs, int split);

#endif
