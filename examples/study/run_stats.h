/* Results of runs that differ by their seeds, and their statistics. */
#ifndef RUN_STATS_H
#define RUN_STATS_H

#include "run.h"

/* Returns the mean accuracy on a split: TRAIN, VALIDATION or TEST. */
double run_mean(const run_result *results, size_t runs, int split);

/* Returns the standard deviation, with runs - 1 degrees of freedom; 0 for a single run. */
double run_deviation(const run_result *results, size_t runs, int split);

/* Print a line on standard output and flush it. Errors are fatal. */
void run_print_result(const run_result *result);
void run_print_means(const run_result *results, size_t runs);

#endif
