/* Searches lambda on CIFAR-10; cifar_search --help tells how. */
#include "cifar_source.h"
#include "describe.h"
#include "fatal.h"
#include "job_pool.h"
#include "build_network.h"
#include "search.h"

#include <inttypes.h>
#include <stdio.h>

enum { WIDTH = 800, HEIGHT = 450 };

typedef struct search_run {
    const search_options *options;
    const cifar_data *data;
    const mlpbn_network *prototype;
    mlpbn_network *carried; /* NULL: no warm start */
    search *search;
    const result_file *file;
} search_run;

/* Every value sees the same fresh weights and orders of rows, so that they differ by lambda
 * alone; carried weights see new orders. */
static void run(void *context, size_t job, progress_bar *bar)
{
    const search_run *r = context;
    search_point *point = &r->search->points[job];
    train_options options = r->options->train;
    char about[NUMBER + 10], lambda[NUMBER];
    snprintf(about, sizeof about, "lambda %s", shortest(lambda, point->lambda));
    fatal_context = about;
    options.lambda = point->lambda;
    point->result = trial_run(&(trial_setup){.options = &options,
                                             .data = r->data,
                                             .prototype = r->prototype,
                                             .bar = bar,
                                             .carried = r->carried},
                              r->carried ? job + 1 : 1);
    fatal_context = NULL;
}

static void finished(void *context, size_t job)
{
    const search_run *r = context;
    search_point *point = &r->search->points[job];
    if (!point->done)
        search_append(r->file, point);
    point->done = true;
}

/* What decides the results, but for the values. */
static void describe(char text[2 * DESCRIPTION], const search_options *options,
                     const cifar_data *data)
{
    char protocol[DESCRIPTION], init[NUMBER];
    describe_protocol(protocol, &options->train);
    snprintf(text, 2 * DESCRIPTION,
             "%s %s batchnorm=%d bn_eps=%.9g init=%s warm_start=%d data=%016" PRIx64,
             program_name, protocol, options->train.batchnorm, options->train.bn_eps,
             describe_init(init, &options->train.init), options->warm_start,
             cifar_fingerprint(data));
}

static const char *name(const search_options *options)
{
    static const char *const names[] = {"coarse search", "fine search", "fine search",
                                        "search"};
    return names[options->mode];
}

/* Trains what is not done. Weights that are carried on are not kept in the file: they are
 * made again from the first value. */
static void train(search_run *r)
{
    const search_options *options = r->options;
    bool done[MAX_VALUES];
    size_t n_done = 0;
    for (size_t i = 0; i < r->search->n; i++)
        n_done += done[i] = r->search->points[i].done;
    if (n_done == r->search->n)
        return;
    if (options->warm_start) {
        const train_options *t = &options->train;
        require(mlpbn_network_clone(&r->carried, r->prototype, t->dtype), "network");
        require(mlpbn_network_initialize(r->carried, MLPBN_ALL_LAYERS, t->init.method,
                                         t->init.sigma, t->seed),
                "initial weights");
        for (size_t i = 0; i < r->search->n; i++)
            done[i] = false;
    }
    jobs_run(&(job_list){.what = name(options),
                         .n = r->search->n,
                         .done = done,
                         .threads = options->jobs,
                         .steps = trial_steps(&options->train, r->data),
                         .quiet = options->train.quiet,
                         .run = run,
                         .finished = finished,
                         .context = r});
    mlpbn_network_destroy(r->carried);
}

/* Sorted, printed and drawn. */
static void report(search *s, const search_options *options, gnuplot *plot,
                   bool synthetic)
{
    char units[DESCRIPTION], title[2 * DESCRIPTION];
    describe_units(units, &options->train);
    snprintf(title, sizeof title, "%s, %sbatchnorm, %" PRIu64 " epochs%s", units,
             options->train.batchnorm ? "" : "no ", options->train.epochs,
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
    search_choose(&s, &options);
    gnuplot plot = gnuplot_open(options.plot, WIDTH, HEIGHT);
    cifar_source source;
    cifar_source_load(&source, &options.train);

    char settings[2 * DESCRIPTION];
    describe(settings, &options, &source.data);
    result_file file = result_file_open(options.results, settings, search_columns, 1);
    search_resume(&s, &file, options.warm_start);
    mlpbn_network *prototype = prototype_create(&options.train, &source.data);
    train(&(search_run){.options = &options,
                        .data = &source.data,
                        .prototype = prototype,
                        .search = &s,
                        .file = &file});
    report(&s, &options, &plot, source.synthetic);
    result_file_close(&file);
    mlpbn_network_destroy(prototype);
    cifar_free(&source.data);
    return 0;
}
