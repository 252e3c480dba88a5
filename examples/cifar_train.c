/* Trains fully connected networks on CIFAR-10; cifar_train --help tells how. It is linked
 * from this file and all others here that have no main(). */
#include "cifar.h"
#include "curves.h"
#include "fatal.h"
#include "plot.h"
#include "progress.h"
#include "prototype.h"
#include "synthetic.h"
#include "train_log.h"
#include "train_options.h"
#include "trial.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALIDATION_ROWS = 5000, SYNTHETIC_SEED = 1, NUMBER = 32 };

/* NULL: there is none. */
static const char *data_folder(const train_options *options)
{
    const char *folder = options->data ? options->data : getenv("CIFAR10_DIR");
    return folder && folder[0] != '\0' ? folder : NULL;
}

static void load_data(cifar_data *data, const char *folder)
{
    if (folder) {
        if (!cifar_load(data, folder, VALIDATION_ROWS))
            fatal("%s", data->error);
        return;
    }
    fputs("cifar_train: SYNTHETIC DATA, drawn here, because neither --data nor\n"
          "    $CIFAR10_DIR names a folder: results say nothing about CIFAR-10.\n",
          stderr);
    if (!synthetic_draw(data, SYNTHETIC_SEED))
        fatal("%s", data->error);
}

/* A smaller batch than asked for would be another experiment. */
static void check_batch(const train_options *options, const cifar_data *data)
{
    if (options->batch > data->train.n)
        usage_error("--batch %" PRIu64 " is more than the %zu training rows",
                    options->batch, data->train.n);
}

static void introduce(const cifar_data *data)
{
    fprintf(stderr, "%zu training, %zu validation, %zu test pictures:", data->train.n,
            data->validation.n, data->test.n);
    for (int i = 0; i < CIFAR_CLASSES; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", data->names[i]);
    fputc('\n', stderr);
}

static void print(const char *line)
{
    if (fputs(line, stdout) == EOF || fflush(stdout) != 0)
        fatal("standard output: %s", strerror(errno));
}

static void print_result(const trial_result *result)
{
    const double *accuracy = result->accuracy;
    char line[200];
    snprintf(line, sizeof line,
             "result train=%.4f val=%.4f test=%.4f seconds=%.1f images_per_second=%.0f\n",
             accuracy[TRAIN], accuracy[VALIDATION], accuracy[TEST], result->seconds,
             result->images_per_second);
    print(line);
}

static double mean(const trial_result *results, uint64_t runs, int split)
{
    double sum = 0;
    for (uint64_t i = 0; i < runs; i++)
        sum += results[i].accuracy[split];
    return sum / (double)runs;
}

/* Of a sample: divided by runs - 1. */
static double standard_deviation(const trial_result *results, uint64_t runs, int split)
{
    double centre = mean(results, runs, split), sum = 0;
    for (uint64_t i = 0; i < runs; i++)
        sum += pow(results[i].accuracy[split] - centre, 2);
    return sqrt(sum / (double)(runs - 1));
}

static void print_means(const trial_result *results, uint64_t runs)
{
    double means[SPLITS], deviations[SPLITS];
    char line[200];
    for (int i = 0; i < SPLITS; i++) {
        means[i] = mean(results, runs, i);
        deviations[i] = standard_deviation(results, runs, i);
    }
    snprintf(line, sizeof line,
             "mean train=%.4f ± %.4f val=%.4f ± %.4f test=%.4f ± %.4f\n", means[TRAIN],
             deviations[TRAIN], means[VALIDATION], deviations[VALIDATION], means[TEST],
             deviations[TEST]);
    print(line);
}

/* Writes a number as people do: 1e-5, where %g alone gives 1e-05. */
static const char *shortest(char text[NUMBER], double number)
{
    snprintf(text, NUMBER, "%g", number);
    char *zero = strstr(text, "e-0");
    if (zero)
        memmove(zero + 2, zero + 3, strlen(zero + 2));
    return text;
}

/* "3072-50-50-10, batchnorm, λ = 0.005, ...", to stand above the curves. */
static void describe(char *title, size_t size, const train_options *options,
                     bool synthetic)
{
    char lambda[NUMBER], low[NUMBER], high[NUMBER];
    size_t n = (size_t)snprintf(title, size, "%s%d", synthetic ? "SYNTHETIC DATA, " : "",
                                CIFAR_PIXELS);
    for (size_t i = 0; i < options->n_hidden && n < size; i++)
        n += (size_t)snprintf(title + n, size - n, "-%zu", options->hidden[i]);
    if (n < size)
        snprintf(title + n, size - n, "-%d, %sbatchnorm, λ = %s, rate %s to %s",
                 CIFAR_CLASSES, options->batchnorm ? "" : "no ",
                 shortest(lambda, options->lambda), shortest(low, options->eta_min),
                 shortest(high, options->eta_max));
}

/* Makes all runs and prints their results, with those that the checkpoint has. */
static void train(const trial_setup *setup, resume_point *resume)
{
    uint64_t runs = setup->options->runs;
    for (uint64_t i = 0; i < runs; i++) {
        if (i == resume->finished) {
            resume->results[i] = trial_run(setup, i + 1);
            resume->finished++;
        }
        print_result(resume->results + i);
    }
    if (runs > 1)
        print_means(resume->results, runs);
}

int main(int argc, char **argv)
{
    train_options options = train_options_parse(argc, argv);
    train_log log = train_log_open(options.log);
    curve_plot plot = plot_open(options.plot);
    curve_list curves = {0};
    trial_result results[MAX_RUNS];
    cifar_data data;
    const char *folder = data_folder(&options);
    resume_check_path(options.save);
    resume_check_path(options.checkpoint);
    resume_point resume = resume_start(&options, &curves, results);
    train_log_repeat(&log, &curves);
    load_data(&data, folder);
    check_batch(&options, &data);
    if (!options.quiet)
        introduce(&data);

    mlpbn_network *prototype = prototype_create(&options, &data);
    progress_bar bar = progress_start(options.quiet, options.runs, options.epochs);
    train(&(trial_setup){&options, &data, prototype, &bar, &log, &curves, &resume},
          &resume);

    char title[200];
    describe(title, sizeof title, &options, folder == NULL);
    plot_draw(&plot, &curves, title);
    if (options.plot && !options.quiet)
        fprintf(stderr, "The curves are in %s.\n", options.plot);
    train_log_close(&log);
    curves_free(&curves);
    mlpbn_network_destroy(prototype);
    cifar_free(&data);
    return 0;
}
