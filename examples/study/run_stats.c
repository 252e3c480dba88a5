/* Statistics of runs; see run_stats.h. */
#include "run_stats.h"

#include <math.h>

double run_mean(const run_result *results, size_t runs, int split)
{
    double sum = 0;
    for (size_t i = 0; i < runs; i++)
        sum += results[i].accuracy[split];
    return sum / (double)runs;
}

double run_deviation(const run_result *results, size_t runs, int split)
{
    double mean = run_mean(results, runs, split), sum = 0;
    for (size_t i = 0; i < runs; i++)
        sum += pow(results[i].accuracy[split] - mean, 2);
    return runs > 1 ? sqrt(sum / (double)(runs - 1)) : 0;
}
