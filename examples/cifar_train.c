/* Trains fully connected networks on CIFAR-10; cifar_train --help tells how. The network is
 * built in study/build_network.c; the loop over epochs and batches is train_epoch() in
 * study/run.c. */
#include "study/build_network.h"
#include "study/curves.h"
#include "study/data_source.h"
#include "study/describe.h"
#include "study/fatal.h"
#include "study/plot_curves.h"
#include "study/progress.h"
#include "study/resume.h"
#include "study/run.h"
#include "study/run_stats.h"
#include "study/train_log.h"
#include "study/train_options.h"

#include <stdio.h>

/* Trains all runs that the checkpoint does not have; prints the results of all. */
static void train(const run_setup *setup, resume_context *resume)
{
    uint64_t runs = setup->options->runs;
    for (uint64_t i = 0; i < runs; i++) {
        if (i == resume->finished) {
            resume->results[i] = train_run(setup, i + 1);
            resume->finished++;
        }
        run_print_result(resume->results + i);
    }
    if (runs > 1)
        run_print_means(resume->results, runs);
}

static void draw(gnuplot *plot, const curve_list *curves, const train_options *options,
                 bool synthetic)
{
    char title[DESCRIPTION_SIZE];
    describe_run(title, options);
    curves_plot_draw(plot, curves, title, synthetic);
    if (options->plot && !options->quiet)
        fprintf(stderr, "The curves are in %s.\n", options->plot);
}

int main(int argc, char **argv)
{
    program_name = "cifar_train";
    const train_options options = train_options_parse(argc, argv);
    train_log log = train_log_open(options.log);
    gnuplot plot = curves_plot_open(options.plot);
    resume_check_path(options.save);
    resume_check_path(options.checkpoint);

    curve_list curves = {0};
    run_result results[MAX_RUNS];
    resume_context resume = resume_start(&options, &curves, results);
    train_log_replay(&log, &curves);

    data_source source;
    data_source_load_for_training(&source, &options);
    mlpbn_network *network = build_network(&options, source.train_data);
    progress_bar bar = progress_start(options.quiet, options.runs, options.epochs);
    train(&(run_setup){.options = &options,
                       .data = source.train_data,
                       .full_size = &source.data,
                       .network = network,
                       .bar = &bar,
                       .log = &log,
                       .curves = &curves,
                       .records_curves = options.log || options.plot,
                       .resume = &resume},
          &resume);
    draw(&plot, &curves, &options, source.synthetic);

    train_log_close(&log);
    curves_free(&curves);
    mlpbn_network_destroy(network);
    data_source_free(&source);
    return 0;
}
