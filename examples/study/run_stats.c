/* Statistics of runs. */
#include "run_stats.h"

#include <math.h>

double trial_mean(const trial_result *results, size_t runs, int split)
{
    double sum = 0;
    for (size_t i = 0; i < runs; i++)
        sum += results[i].accuracy[split];
    return sum / (double)runs;
}

double trial_deviation(const trial_result *results, size_t runs, int split)
{
    double centre = trial_mean(results, runs, split), sum = 0;
    for (size_t i = 0; i < runs; i++)
        sum += pow(results[i].accuracy[split] - centre, 2);
    return runs > 1 ? sqrt(sum / (double)(runs - 1)) : 0;
}
