/* Statistics of runs; see run_stats.h. */
#include "run_stats.h"

#include "fatal.h"

#include <math.h>
#include <stdio.h>

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

void run_print_result(const run_result *result)
{
    printf("result train=%.4f val=%.4f test=%.4f seconds=%.1f images_per_second=%.0f\n",
           result->accuracy[TRAIN], result->accuracy[VALIDATION], result->accuracy[TEST],
           result->seconds, result->images_per_second);
    flush_stdout();
}

void run_print_means(const run_result *results, size_t runs)
{
    static const char *const names[SPLITS] = {"train", "val", "test"};
    printf("mean");
    for (int i = 0; i < SPLITS; i++)
        printf(" %s=%.4f ± %.4f", names[i], run_mean(results, runs, i),
               run_deviation(results, runs, i));
    putchar('\n');
    flush_stdout();
}
