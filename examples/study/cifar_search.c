/* Searches lambda on CIFAR-10; cifar_search --help tells how. */
#include "build_network.h"
#include "data_source.h"
#include "describe.h"
#include "fatal.h"
#include "job_pool.h"
#include "search.h"

#include <inttypes.h>
#include <stdio.h>

enum { WIDTH = 800, HEIGHT = 450 };

typedef struct search_context {
    const search_options *options;
    const cifar_data *data;
    const mlpbn_network *network;
    mlpbn_network *warm_start; /* NULL: no warm start */
    search *search;
    const result_file *file;
} search_context;

static void run(void *context, size_t job, progress_bar *bar)
{
    const search_context *c = context;
    search_point *point = &c->search->points[job];
    train_options options = c->options->train;
    char about[NUMBER_SIZE + 10], lambda[NUMBER_SIZE];
    snprintf(about, sizeof about, "lambda %s", format_number(lambda, point->lambda));
    fatal_context = about;
    options.lambda = point->lambda;
    /* Without warm start every run has the seed of run 1, so that they differ by lambda alone. */
    const size_t run_number = c->warm_start ? job + 1 : 1;
    point->result = train_run(&(run_setup){.options = &options,
                                           .data = c->data,
                                           .network = c->network,
                                           .bar = bar,
                                           .warm_start = c->warm_start},
                              run_number);
    fatal_context = NULL;
}

static void finished(void *context, size_t job)
{
    const search_context *c = context;
    search_point *point = &c->search->points[job];
    if (!point->done)
        search_append(c->file, point);
    point->done = true;
}

/* Writes the settings that all values of lambda share, and a fingerprint of the data. */
static void describe(char text[2 * DESCRIPTION_SIZE], const search_options *options,
                     const cifar_data *data)
{
    char settings[DESCRIPTION_SIZE], init[NUMBER_SIZE];
    describe_settings(settings, &options->train);
    snprintf(text, 2 * DESCRIPTION_SIZE,
             "%s %s batchnorm=%d bn_eps=%.9g init=%s warm_start=%d data=%016" PRIx64,
             program_name, settings, options->train.batchnorm, options->train.bn_eps,
             describe_init(init, &options->train.init), options->warm_start,
             data_fingerprint(data));
}

static const char *mode_name(const search_options *options)
{
    static const char *const names[] = {[SEARCH_COARSE] = "coarse search",
                                        [SEARCH_FINE] = "fine search",
                                        [SEARCH_REFINE] = "refined search",
                                        [SEARCH_VALUES] = "search"};
    return names[options->mode];
}

/* Trains the values that are not done. With warm start all are trained again, because the file
 * has no weights. */
static void train(search_context *c)
{
    const search_options *options = c->options;
    bool done[MAX_VALUES];
    size_t n_done = 0;
    for (size_t i = 0; i < c->search->n; i++)
        n_done += done[i] = c->search->points[i].done;
    if (n_done == c->search->n)
        return;
    if (options->warm_start) {
        const train_options *t = &options->train;
        require(mlpbn_network_clone(&c->warm_start, c->network, t->dtype), "network");
        require(mlpbn_network_initialize(c->warm_start, MLPBN_ALL_LAYERS, t->init.method,
                                         t->init.sigma, t->seed),
                "initial weights");
        for (size_t i = 0; i < c->search->n; i++)
            done[i] = false;
    }
    job_pool_run(&(job_pool_jobs){.name = mode_name(options),
                                  .n = c->search->n,
                                  .done = done,
                                  .threads = options->jobs,
                                  .steps = run_steps(&options->train, c->data),
                                  .quiet = options->train.quiet,
                                  .run = run,
                                  .finished = finished,
                                  .context = c});
    mlpbn_network_destroy(c->warm_start);
}

/* Sorts, prints and draws the search. */
static void report(search *s, const search_options *options, gnuplot *plot,
                   bool synthetic)
{
    char units[DESCRIPTION_SIZE], title[2 * DESCRIPTION_SIZE];
    describe_units(units, &options->train);
    snprintf(title, sizeof title, "%s, %sbatchnorm, %" PRIu64 " epoch%s%s", units,
             options->train.batchnorm ? "" : "no ", options->train.epochs,
             options->train.epochs == 1 ? "" : "s",
             options->warm_start ? ", warm start" : "");
    search_sort(s);
    search_print(s);
    search_draw(plot, s, title, synthetic);
}

int main(int argc, char **argv)
{
    program_name = "cifar_search";
    static search s; /* too large for some stacks */
    const search_options options = search_options_parse(argc, argv);
    search_set_values(&s, &options);
    gnuplot plot = gnuplot_open(options.plot, WIDTH, HEIGHT);
    data_source source;
    data_source_load_for_training(&source, &options.train);

    char settings[2 * DESCRIPTION_SIZE];
    describe(settings, &options, &source.data);
    result_file file = result_file_open(options.results, settings, search_columns, 1);
    search_resume(&s, &file, options.warm_start);
    mlpbn_network *network = build_network(&options.train, &source.data);
    train(&(search_context){.options = &options,
                            .data = &source.data,
                            .network = network,
                            .search = &s,
                            .file = &file});
    report(&s, &options, &plot, source.synthetic);
    result_file_close(&file);
    mlpbn_network_destroy(network);
    data_source_free(&source);
    return 0;
}
