/* Studies how training on CIFAR-10 depends on the initial weights; cifar_init --help tells how. */
#include "build_network.h"
#include "data_source.h"
#include "describe.h"
#include "fatal.h"
#include "init_study.h"
#include "job_pool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 700, HEIGHT = 400, CURVE_ROWS = 10000 };

typedef struct init_context {
    const cifar_data *data;
    init_study *study;
    mlpbn_network *networks[MAX_CASES]; /* for each case */
    const result_file *file;
} init_context;

static train_options options_of(const init_study *study, size_t i)
{
    const init_case *c = &study->cases[i];
    train_options options = study->options->train;
    options.init = *c->init;
    options.batchnorm = c->batchnorm;
    options.bn_eps = c->eps;
    return options;
}

static void run(void *context, size_t job, progress_bar *bar)
{
    init_context *c = context;
    init_run *r = &c->study->runs[job];
    size_t i = job / c->study->options->train.runs;
    const train_options options = options_of(c->study, i);
    char about[2 * NUMBER_SIZE], init[NUMBER_SIZE];
    snprintf(about, sizeof about, "initialization %s",
             describe_init(init, &options.init));
    fatal_context = about;
    r->result = train_run(&(run_setup){.options = &options,
                                       .data = c->data,
                                       .network = c->networks[i],
                                       .bar = bar,
                                       .curves = &r->curves,
                                       .records_curves = true,
                                       .curve_rows = CURVE_ROWS},
                          job % options.runs + 1);
    fatal_context = NULL;
}

static void finished(void *context, size_t job)
{
    const init_context *c = context;
    c->study->runs[job].done = true;
    init_append(c->file, c->study, job);
}

/* Writes the settings that all cases share, and a fingerprint of the data. */
static void describe(char text[2 * DESCRIPTION_SIZE], const init_options *options,
                     const cifar_data *data)
{
    char settings[DESCRIPTION_SIZE];
    describe_settings(settings, &options->train);
    snprintf(text, 2 * DESCRIPTION_SIZE, "%s %s lambda=%.9g data=%016" PRIx64,
             program_name, settings, options->train.lambda, data_fingerprint(data));
}

static void train(init_context *c)
{
    const train_options *options = &c->study->options->train;
    size_t n = c->study->n * (size_t)options->runs;
    bool *done = calloc(n, sizeof *done);
    if (!done)
        fatal("no memory for %zu runs", n);
    for (size_t i = 0; i < n; i++)
        done[i] = c->study->runs[i].done;
    for (size_t i = 0; i < c->study->n; i++) {
        const train_options case_options = options_of(c->study, i);
        c->networks[i] = build_network(&case_options, c->data);
    }
    job_pool_run(&(job_pool_jobs){.name = "initialization",
                                  .n = n,
                                  .done = done,
                                  .threads = c->study->options->jobs,
                                  .steps = run_steps(options, c->data),
                                  .quiet = options->quiet,
                                  .run = run,
                                  .finished = finished,
                                  .context = c});
    for (size_t i = 0; i < c->study->n; i++)
        mlpbn_network_destroy(c->networks[i]);
    free(done);
}

/* Prints and draws the study. */
static void report(const init_study *study, gnuplot *plot, gnuplot *eps_plot,
                   bool synthetic)
{
    char units[DESCRIPTION_SIZE], lambda[NUMBER_SIZE], title[2 * DESCRIPTION_SIZE];
    describe_units(units, &study->options->train);
    snprintf(title, sizeof title, "%s, λ = %s", units,
             format_number(lambda, study->options->train.lambda));
    init_print(study);
    init_draw_curves(plot, study, title, synthetic);
    init_draw_eps(eps_plot, study, title, synthetic);
}

int main(int argc, char **argv)
{
    program_name = "cifar_init";
    const init_options options = init_options_parse(argc, argv);
    init_study study;
    init_study_create(&study, &options);
    gnuplot plot = gnuplot_open(options.plot, init_plot_width(&study), HEIGHT);
    gnuplot eps_plot = gnuplot_open(options.eps_plot, WIDTH, HEIGHT);
    data_source source;
    data_source_load_for_training(&source, &options.train);

    char settings[2 * DESCRIPTION_SIZE];
    describe(settings, &options, &source.data);
    result_file file = result_file_open(options.results, settings, init_columns,
                                        (size_t)options.train.epochs + 1);
    init_resume(&study, &file);
    train(&(init_context){.data = &source.data, .study = &study, .file = &file});
    report(&study, &plot, &eps_plot, source.synthetic);
    result_file_close(&file);
    init_study_free(&study);
    data_source_free(&source);
    return 0;
}
