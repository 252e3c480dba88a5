/* Reads the command line of cifar_train by three tables of options and that of train_recipe.c.
 * cifar_search and cifar_init also use the first two, or one of them. */
#include "train_options.h"

#include "downsample.h"
#include "fatal.h"
#include "train_recipe.h"

#include <inttypes.h>
#include <string.h>

/* Reads a list of numbers between commas. An empty list is a network without hidden layers. */
static bool set_hidden(const cli_option *option, void *field, const char *text)
{
    train_options *options = field;
    uint64_t units[MAX_HIDDEN];
    options->n_hidden = 0;
    if (*text == '\0')
        return true;
    size_t n =
        cli_read_list(option, text, cli_set_whole, units, sizeof *units, MAX_HIDDEN);
    if (n == CLI_NO_LIST)
        usage_error("%s: \"%s\" is not a list of at most %d whole numbers from %.0f"
                    " to %.0f, like 50,50",
                    option->name, text, MAX_HIDDEN, option->low, option->high);
    for (; options->n_hidden < n; options->n_hidden++)
        options->hidden[options->n_hidden] = (size_t)units[options->n_hidden];
    return true;
}

bool train_set_init(const cli_option *option, void *field, const char *text)
{
    train_init *init = field;
    init->method = strcmp(text, "he") == 0       ? MLPBN_INIT_HE
                   : strcmp(text, "xavier") == 0 ? MLPBN_INIT_XAVIER
                                                 : MLPBN_INIT_NORMAL;
    return init->method != MLPBN_INIT_NORMAL || cli_set_real(option, &init->sigma, text);
}

static bool set_dtype(const cli_option *option, void *field, const char *text)
{
    (void)option;
    mlpbn_dtype *dtype = field;
    *dtype = strcmp(text, "f64") == 0 ? MLPBN_F64 : MLPBN_F32;
    return strcmp(text, "f64") == 0 || strcmp(text, "f32") == 0;
}

#define FIELD(name) offsetof(train_options, name)

static const cli_option protocol_table[] = {
    {"--data", "DIR", cli_set_text, FIELD(data), 0, 0, CLI_DATA_HELP},
    {"--hidden", "N,N,...", set_hidden, 0, 1, 1e6,
     "units of each hidden layer; '' is a linear classifier"},
    {"--eta-min", "RATE", cli_set_real, FIELD(eta_min), 0, 1e6,
     "lowest learning rate of the cycle (1e-5)"},
    {"--eta-max", "RATE", cli_set_real, FIELD(eta_max), 0, 1e6, "highest (1e-1)"},
    {"--n-s", "STEPS", cli_set_whole, FIELD(n_s), 1, 1e9, "half a cycle (2250)"},
    {"--epochs", "N", cli_set_whole, FIELD(epochs), 1, 1e6,
     "passes over the training rows"},
    {"--batch", "N", cli_set_whole, FIELD(batch), 1, 1e6,
     "rows a step (100), at most all; the last batch of an epoch may\n"
     "be smaller, but a single row is left out: batchnorm needs two"},
    {"--seed", "N", cli_set_whole, FIELD(seed), 0, 1e18,
     "of weights and of the order of rows; run r takes N + r - 1 (1)"},
    {"--dtype", "f32|f64", set_dtype, FIELD(dtype), 0, 0, "precision (f32)"},
    {"--quiet", NULL, cli_set_yes, FIELD(quiet), 0, 0, "no progress on stderr (shown)"},
};

static const cli_option network_table[] = {
    {"--batchnorm", NULL, cli_set_yes, FIELD(batchnorm), 0, 0,
     "batch normalization before each ReLU (the default)"},
    {"--no-batchnorm", NULL, cli_set_no, FIELD(batchnorm), 0, 0, "none"},
    {"--bn-eps", "E", cli_set_real, FIELD(bn_eps), 1e-30, 1,
     "what batchnorm adds to the variance (1e-5)"},
    {"--init", "he|xavier|SIGMA", train_set_init, FIELD(init), 0, 1e6,
     "how weights are drawn; a number is the standard deviation\n"
     "of a normal distribution (he)"},
};

static const cli_option run_table[] = {
    {"--lambda", "L", cli_set_real, FIELD(lambda), 0, 1e6,
     "L2 penalty: cost = loss + L * sum of W^2 (0.005)"},
    {"--validation", "ROWS", cli_set_whole, FIELD(validation), 1, 49999,
     "the last so many of the 50,000 training rows are kept for\n"
     "validation (5000); few are enough when all is chosen"},
    {"--runs", "N", cli_set_whole, FIELD(runs), 1, MAX_RUNS,
     "train N times and print mean and standard deviation (1)"},
    {"--threads", "N", cli_set_whole, FIELD(threads), 0, 1024,
     "never changes a result; 0: the library chooses (0)"},
    {"--log", "FILE.csv", cli_set_text, FIELD(log), 0, 0,
     "write cost, loss and accuracy of every epoch (no log)"},
    {"--log-every", "STEPS", cli_set_whole, FIELD(log_every), 1, 1e9,
     "write and plot them every so many steps, too (off)"},
    {"--plot", "FILE.svg|.png", cli_set_plot, FIELD(plot), 0, 0,
     "draw them as curves; needs gnuplot (no plot)"},
    {"--save", "FILE", cli_set_text, FIELD(save), 0, 0,
     "save the network of the last run when it is trained, or as it is\n"
     "when a signal stops a run without --checkpoint (no file)"},
    {"--checkpoint", "FILE", cli_set_text, FIELD(checkpoint), 0, 0,
     "save where training stands after every epoch, and before leaving\n"
     "on SIGINT or SIGTERM (no file)"},
    {"--checkpoint-every", "STEPS", cli_set_whole, FIELD(checkpoint_every), 1, 1e9,
     "after every so many steps instead"},
    {"--resume", NULL, cli_set_yes, FIELD(resume), 0, 0,
     "go on from the checkpoint, if there is one, with the options\n"
     "it was made with; --runs may be more, --epochs, too, but for\n"
     "one-cycle"},
};

cli_group train_protocol_group(train_options *options)
{
    return (cli_group)CLI_GROUP(protocol_table, options);
}

cli_group train_network_group(train_options *options)
{
    return (cli_group)CLI_GROUP(network_table, options);
}

static const double DEFAULT_WEIGHT_DECAY = 0.01; /* as in the library */

train_options train_options_default(void)
{
    return (train_options){
        .hidden = {50, 50},
        .n_hidden = 2,
        .batchnorm = true,
        .bn_eps = 1e-5,
        .init = {MLPBN_INIT_HE, 0},
        .dtype = MLPBN_F32,
        .lambda = 0.005,
        .eta_min = 1e-5,
        .eta_max = 1e-1,
        .n_s = 2250,
        .epochs = 20,
        .batch = 100,
        .validation = 5000,
        .seed = 1,
        .runs = 1,
        .optimizer = MLPBN_SGD,
        .weight_decay = DEFAULT_WEIGHT_DECAY,
        .downsample = 1,
    };
}

void train_options_check(const train_options *options)
{
    if (options->eta_min > options->eta_max)
        usage_error("--eta-min %g is above --eta-max %g", options->eta_min,
                    options->eta_max);
    if (options->batch == 1 && options->batchnorm && options->n_hidden > 0)
        usage_error("--batch 1: batchnorm needs batches of at least 2 rows");
    if (options->local_field > downsampled_side(options->downsample))
        usage_error("--window %" PRIu64 " is more than the side of a picture, %zu",
                    options->local_field, downsampled_side(options->downsample));
    if (options->optimizer == MLPBN_ADAMW && options->momentum > 0)
        usage_error("--momentum %g has no effect with --optimizer adamw: set it to 0",
                    options->momentum);
    if (options->optimizer != MLPBN_ADAMW &&
        options->weight_decay != DEFAULT_WEIGHT_DECAY)
        usage_error("--weight-decay needs --optimizer adamw; sgd has --lambda");
    if (options->log_every > 0 && !options->log && !options->plot)
        usage_error("--log-every needs --log or --plot");
    if ((options->checkpoint_every > 0 || options->resume) && !options->checkpoint)
        usage_error("%s needs --checkpoint",
                    options->resume ? "--resume" : "--checkpoint-every");
}

static const char purpose[] =
    "Trains a fully connected network with batch normalization on CIFAR-10, by\n"
    "plain SGD with a cyclic learning rate: hidden layers 50,50 for 20 epochs,\n"
    "unless options say otherwise. Defaults stand in parentheses.\n";

static const char notes[] = TRAIN_DATA_NOTE
    "\n"
    "Prints a line for each run: the accuracies, the run's seconds with evaluation,\n"
    "and the images per second of its training steps alone.\n"
    "\n"
    "A run that was stopped or killed and resumed ends with the bits of one that was\n"
    "not. After SIGINT the exit status is 130, after SIGTERM 143, and a line says what\n"
    "was kept; a second signal ends the program at once.\n";

train_options train_options_parse(int argc, char **argv)
{
    train_options options = train_options_default();
    const cli_program program = {.purpose = purpose,
                                 .notes = notes,
                                 .groups = {CLI_GROUP(protocol_table, &options),
                                            CLI_GROUP(network_table, &options),
                                            CLI_GROUP(run_table, &options),
                                            train_recipe_group(&options)}};
    cli_parse(&program, argc, argv);
    train_options_check(&options);
    return options;
}
