/* Trains fully connected networks on CIFAR-10; cifar_train --help tells how. It is linked
 * from this file and others here that have no main(). */
#include "study/build_network.h"
#include "study/cifar_source.h"
#include "study/curves.h"
#include "study/describe.h"
#include "study/downsample.h"
#include "study/fatal.h"
#include "study/plot_curves.h"
#include "study/progress.h"
#include "study/resume.h"
#include "study/run.h"
#include "study/run_stats.h"
#include "study/train_log.h"
#include "study/train_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const char *line)
{
    if (fputs(line, stdout) == EOF || fflush(stdout) != 0)
        fatal("standard output: %s", strerror(errno));
}

static void print_result(const run_result *result)
{
    const double *accuracy = result->accuracy;
    char line[200];
    snprintf(line, sizeof line,
             "result train=%.4f val=%.4f test=%.4f seconds=%.1f images_per_second=%.0f\n",
             accuracy[TRAIN], accuracy[VALIDATION], accuracy[TEST], result->seconds,
             result->images_per_second);
    print(line);
}

static void print_means(const run_result *results, size_t runs)
{
    double means[SPLITS], deviations[SPLITS];
    char line[200];
    for (int i = 0; i < SPLITS; i++) {
        means[i] = run_mean(results, runs, i);
        deviations[i] = run_deviation(results, runs, i);
    }
    snprintf(line, sizeof line,
             "mean train=%.4f ± %.4f val=%.4f ± %.4f test=%.4f ± %.4f\n", means[TRAIN],
             deviations[TRAIN], means[VALIDATION], deviations[VALIDATION], means[TEST],
             deviations[TEST]);
    print(line);
}

/* Makes all runs and prints their results, with those that the checkpoint has. */
static void train(const run_setup *setup, resume_context *resume)
{
    uint64_t runs = setup->options->runs;
    for (uint64_t i = 0; i < runs; i++) {
        if (i == resume->finished) {
            resume->results[i] = train_run(setup, i + 1);
            resume->finished++;
        }
        print_result(resume->results + i);
    }
    if (runs > 1)
        print_means(resume->results, runs);
}

int main(int argc, char **argv)
{
    program_name = "cifar_train";
    train_options options = train_options_parse(argc, argv);
    train_log log = train_log_open(options.log);
    gnuplot plot = curves_plot_open(options.plot);
    curve_list curves = {0};
    run_result results[MAX_RUNS];
    cifar_source source;
    resume_check_path(options.save);
    resume_check_path(options.checkpoint);
    resume_context resume = resume_start(&options, &curves, results);
    train_log_repeat(&log, &curves);
    cifar_source_load(&source, &options);

    cifar_data small = {0};
    if (options.downsample > 1 &&
        !downsample_data(&small, &source.data, (size_t)options.downsample))
        fatal("%s", small.error);
    const cifar_data *seen = options.downsample > 1 ? &small : &source.data;
    mlpbn_network *network = build_network(&options, seen);
    progress_bar bar = progress_start(options.quiet, options.runs, options.epochs);
    train(&(run_setup){.options = &options,
                       .data = seen,
                       .full_size = &source.data,
                       .network = network,
                       .bar = &bar,
                       .log = &log,
                       .curves = &curves,
                       .records_curves = options.log || options.plot,
                       .resume = &resume},
          &resume);

    char title[DESCRIPTION_SIZE];
    describe_run(title, &options);
    curves_plot_draw(&plot, &curves, title, source.synthetic);
    if (options.plot && !options.quiet)
        fprintf(stderr, "The curves are in %s.\n", options.plot);
    train_log_close(&log);
    curves_free(&curves);
    mlpbn_network_destroy(network);
    cifar_free(&small);
    cifar_free(&source.data);
    return 0;
}
