/* Reads the command line of cifar_search. */
#include "search_options.h"

#include "fatal.h"

#include <stdio.h>
#include <string.h>

static bool set_mode(search_options *options, search_mode mode)
{
    options->mode = mode;
    options->modes++;
    return true;
}

static bool set_coarse(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)text;
    return set_mode(field, SEARCH_COARSE);
}

static bool set_fine(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)text;
    return set_mode(field, SEARCH_FINE);
}

static bool set_refine(const cli_option *option, void *field, const char *text)
{
    search_options *options = field;
    return set_mode(options, SEARCH_REFINE) &&
           cli_set_text(option, &options->refine, text);
}

static bool set_values(const cli_option *option, void *field, const char *text)
{
    search_options *options = field;
    options->n_values = cli_read_reals(option, text, options->values, MAX_VALUES);
    return set_mode(options, SEARCH_VALUES);
}

static bool set_range(const cli_option *option, void *field, const char *text)
{
    search_options *options = field;
    double range[2];
    if (cli_read_list(option, text, cli_set_real, range, sizeof *range, 2) != 2)
        usage_error("%s: \"%s\" is not two numbers from %g to %g, like 1e-5,1e-1",
                    option->name, text, option->low, option->high);
    options->low = range[0];
    options->high = range[1];
    if (options->low >= options->high)
        usage_error("%s: %g is not below %g", option->name, options->low, options->high);
    return true;
}

#define FIELD(name) offsetof(search_options, name)

static const cli_option search_table[] = {
    {"--coarse", NULL, set_coarse, 0, 0, 0,
     "draw lambda log-uniformly from 1e-5 to 1e-1 and train 10 epochs\n"
     "with each (the default)"},
    {"--fine", NULL, set_fine, 0, 0, 0, "uniformly from 0.0017 to 0.0367, 20 epochs"},
    {"--refine", "FILE.csv", set_refine, 0, 0, 0,
     "as --fine, but from the range that these results suggest: around\n"
     "the three best, to the next value on either side"},
    {"--values", "L,L,...", set_values, 0, 1e-30, 1e6,
     "no drawing: exactly these, 10 epochs"},
    {"--range", "LOW,HIGH", set_range, 0, 1e-30, 1e6, "another range"},
    {"--count", "N", cli_set_whole, FIELD(count), 1, MAX_VALUES, "values to draw (20)"},
    {"--warm-start", NULL, cli_set_yes, FIELD(warm_start), 0, 0,
     "carry the weights on from value to value, in the order in which\n"
     "they are drawn or given (off: each value gets fresh weights)"},
    {"--jobs", "N", cli_set_whole, FIELD(jobs), 1, 1024,
     "runs side by side; never changes a result (one a processor)"},
    {"--results", "FILE.csv", cli_set_text, FIELD(results), 0, 0,
     "write a line for each finished run, and go on where this file\n"
     "ends if it is there (not kept)"},
    {"--plot", "FILE.svg|.png", cli_set_plot, FIELD(plot), 0, 0,
     "draw accuracy against lambda; needs gnuplot (no plot)"},
};

static void check(const search_options *options)
{
    if (options->modes > 1)
        usage_error("--coarse, --fine, --refine and --values exclude each other");
    if (options->high > 0 && options->mode >= SEARCH_REFINE)
        usage_error("--range: the range is that of --refine or --values");
    if (options->count > 0 && options->mode == SEARCH_VALUES)
        usage_error("--count: --values says how many");
    if (options->warm_start && options->jobs > 1)
        usage_error("--warm-start goes from value to value: --jobs can only be 1");
    train_options_check(&options->train);
}

static void set_defaults(search_options *options)
{
    bool fine = options->mode == SEARCH_FINE || options->mode == SEARCH_REFINE;
    if (options->train.epochs == 0)
        options->train.epochs = fine ? 20 : 10;
    if (options->count == 0)
        options->count = 20;
    if (options->high == 0) {
        options->low = fine ? 0.0017 : 1e-5;
        options->high = fine ? 0.0367 : 1e-1;
    }
    if (options->warm_start)
        options->jobs = 1;
}

static const char purpose[] =
    "Searches lambda, the weight of the L2 penalty, for a network that is trained on\n"
    "CIFAR-10 as cifar_train does: hidden layers 50,50, 10 or 20 epochs with each\n"
    "value, unless options say otherwise. Defaults stand in parentheses.\n";

static const char notes[] = TRAIN_DATA_NOTE
    "\n"
    "Prints accuracies sorted by lambda; the three best on validation rows are marked.\n";

search_options search_options_parse(int argc, char **argv)
{
    search_options options = {.train = train_options_default()};
    options.train.epochs = 0;
    options.train.threads = 1;
    const cli_program program = {.purpose = purpose,
                                 .notes = notes,
                                 .groups = {train_protocol_group(&options.train),
                                            train_network_group(&options.train),
                                            CLI_GROUP(search_table, &options)}};
    cli_parse(&program, argc, argv);
    check(&options);
    set_defaults(&options);
    return options;
}
