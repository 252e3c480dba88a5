/* Reads the command line of cifar_init. */
#include "init_options.h"

#include "fatal.h"

#include <string.h>

static bool set_inits(const cli_option *option, void *field, const char *text)
{
    init_options *options = field;
    options->n_inits = cli_read_list(option, text, train_set_init, options->inits,
                                     sizeof *options->inits, MAX_INITS);
    if (options->n_inits == CLI_NO_LIST)
        usage_error("%s: \"%s\" is not a list of at most %d of he, xavier and numbers"
                    " from %g to %g",
                    option->name, text, MAX_INITS, option->low, option->high);
    return true;
}

static bool set_eps(const cli_option *option, void *field, const char *text)
{
    init_options *options = field;
    options->n_eps = cli_read_reals(option, text, options->eps, MAX_EPS);
    return true;
}

/* --batchnorm or --no-batchnorm: only cases with, or only cases without. */
static bool set_batchnorm(const cli_option *option, void *field, const char *text)
{
    (void)text;
    init_options *options = field;
    options->with_batchnorm = strcmp(option->name, "--batchnorm") == 0;
    options->without_batchnorm = !options->with_batchnorm;
    return true;
}

#define FIELD(name) offsetof(init_options, name)

static const cli_option init_table[] = {
    {"--init", "LIST", set_inits, 0, 0, 1e6,
     "standard deviations of the first weights, he or xavier\n"
     "(1e-1,1e-3,1e-4)"},
    {"--batchnorm", NULL, set_batchnorm, 0, 0, 0,
     "only cases with batch normalization before each ReLU (with and\n"
     "without)"},
    {"--no-batchnorm", NULL, set_batchnorm, 0, 0, 0,
     "only cases without (with and without)"},
    {"--bn-eps", "LIST", set_eps, 0, 1e-30, 1,
     "what batchnorm adds to the variance (1e-5)"},
    {"--lambda", "L", cli_set_real, FIELD(train.lambda), 0, 1e6,
     "L2 penalty: cost = loss + L * sum of W^2 (0.0072)"},
    {"--runs", "N", cli_set_whole, FIELD(train.runs), 1, MAX_CASE_RUNS,
     "of each case (5)"},
    {"--jobs", "N", cli_set_whole, FIELD(jobs), 1, 1024,
     "runs side by side; never changes a result (one a processor)"},
    {"--results", "FILE.csv", cli_set_text, FIELD(results), 0, 0,
     "write the curves of each finished run, and go on where this file\n"
     "ends if it is there (not kept)"},
    {"--plot", "FILE.svg|.png", cli_set_plot, FIELD(plot), 0, 0,
     "draw the losses as curves; needs gnuplot (no plot)"},
    {"--plot-eps", "FILE.svg|.png", cli_set_plot, FIELD(eps_plot), 0, 0,
     "draw accuracy against the eps of --bn-eps (no plot)"},
};

static init_options defaults(void)
{
    static const size_t hidden[] = {50, 30, 20, 20, 10, 10, 10, 10};
    init_options options = {
        .train = train_options_default(),
        .inits = {{MLPBN_INIT_NORMAL, 1e-1},
                  {MLPBN_INIT_NORMAL, 1e-3},
                  {MLPBN_INIT_NORMAL, 1e-4}},
        .n_inits = 3,
        .eps = {1e-5},
        .n_eps = 1,
        .without_batchnorm = true,
        .with_batchnorm = true,
    };
    memcpy(options.train.hidden, hidden, sizeof hidden);
    options.train.n_hidden = sizeof hidden / sizeof *hidden;
    options.train.lambda = 0.0072;
    options.train.runs = 5;
    options.train.threads = 1;
    return options;
}

static const char purpose[] =
    "Shows how training on CIFAR-10 depends on the first weights, without and with\n"
    "batch normalization: trains as cifar_train does, with each initialization and\n"
    "several seeds, hidden layers 50,30,20,20,10,10,10,10 for 20 epochs, unless\n"
    "options say otherwise. Defaults stand in parentheses.\n";

static const char notes[] = TRAIN_DATA_NOTE
    "\n"
    "Prints mean and standard deviation of the accuracies of each case, in %.\n"
    "Points of the curves before the last are measured on 10,000 training rows.\n";

init_options init_options_parse(int argc, char **argv)
{
    init_options options = defaults();
    const cli_program program = {.purpose = purpose,
                                 .notes = notes,
                                 .groups = {train_protocol_group(&options.train),
                                            CLI_GROUP(init_table, &options)}};
    cli_parse(&program, argc, argv);
    options.train.batchnorm = options.with_batchnorm;
    train_options_check(&options.train);
    if (options.eps_plot && (!options.with_batchnorm || options.n_eps < 2))
        usage_error("--plot-eps needs batchnorm and two or more values of --bn-eps");
    return options;
}
