/* Reads the command line of cifar_train by one table, which is its help text, too. */
#include "train_options.h"

#include "fatal.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct cli_option {
    const char *name;
    const char *value; /* what the help calls its value; NULL: takes none */
    /* Writes the field; false if text is not a value for it. */
    bool (*set)(const struct cli_option *option, void *field, const char *text);
    size_t field;     /* its offset in train_options */
    double low, high; /* range of a number */
    const char *help;
} cli_option;

static bool set_real(const cli_option *option, void *field, const char *text)
{
    double *number = field;
    char *end;
    /* strtod would also take spaces, hexadecimal digits, "inf" and "nan". */
    if (text[0] == '\0' || strspn(text, "0123456789.eE+-") != strlen(text))
        return false;
    *number = strtod(text, &end);
    return *end == '\0' && *number >= option->low && *number <= option->high;
}

static bool set_whole(const cli_option *option, void *field, const char *text)
{
    uint64_t *number = field;
    if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    *number = strtoull(text, NULL, 10);
    return errno == 0 && (double)*number >= option->low &&
           (double)*number <= option->high;
}

static bool set_text(const cli_option *option, void *field, const char *text)
{
    (void)option;
    *(const char **)field = text;
    return text[0] != '\0';
}

static bool set_yes(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)text;
    *(bool *)field = true;
    return true;
}

static bool set_no(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)text;
    *(bool *)field = false;
    return true;
}

/* A list of numbers between commas; an empty one is a network without hidden layers. */
static bool set_hidden(const cli_option *option, void *field, const char *text)
{
    train_options *options = field;
    options->n_hidden = 0;
    while (*text != '\0') {
        char units[24] = "";
        size_t length = strcspn(text, ",");
        uint64_t number;
        if (length >= sizeof units || options->n_hidden == MAX_HIDDEN)
            return false;
        memcpy(units, text, length);
        if (!set_whole(option, &number, units))
            return false;
        options->hidden[options->n_hidden++] = (size_t)number;
        text += length;
        if (*text == ',' && *++text == '\0')
            return false;
    }
    return true;
}

static bool set_init(const cli_option *option, void *field, const char *text)
{
    train_options *options = field;
    options->init = strcmp(text, "he") == 0       ? MLPBN_INIT_HE
                    : strcmp(text, "xavier") == 0 ? MLPBN_INIT_XAVIER
                                                  : MLPBN_INIT_NORMAL;
    return options->init != MLPBN_INIT_NORMAL || set_real(option, &options->sigma, text);
}

static bool set_dtype(const cli_option *option, void *field, const char *text)
{
    (void)option;
    mlpbn_dtype *dtype = field;
    *dtype = strcmp(text, "f64") == 0 ? MLPBN_F64 : MLPBN_F32;
    return strcmp(text, "f64") == 0 || strcmp(text, "f32") == 0;
}

static bool set_plot(const cli_option *option, void *field, const char *text)
{
    const char *extension = strrchr(text, '.');
    return set_text(option, field, text) && extension &&
           (strcmp(extension, ".svg") == 0 || strcmp(extension, ".png") == 0);
}

/* The end of options that print an answer and do nothing else. */
static _Noreturn void finish(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        fatal("standard output: %s", strerror(errno));
    exit(0);
}

static bool print_version(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)field, (void)text;
    printf("cifar_train (libmlpbn) %s\n", mlpbn_version());
    finish();
}

static bool print_help(const cli_option *option, void *field, const char *text);

#define FIELD(name) offsetof(train_options, name)

static const cli_option table[] = {
    {"--data", "DIR", set_text, FIELD(data), 0, 0,
     "folder of the CIFAR-10 binary files ($CIFAR10_DIR)"},
    {"--hidden", "N,N,...", set_hidden, 0, 1, 1e6,
     "units of each hidden layer; '' is a linear classifier (50,50)"},
    {"--batchnorm", NULL, set_yes, FIELD(batchnorm), 0, 0,
     "batch normalisation before each ReLU (the default)"},
    {"--no-batchnorm", NULL, set_no, FIELD(batchnorm), 0, 0, "none"},
    {"--bn-eps", "E", set_real, FIELD(bn_eps), 1e-30, 1,
     "what batchnorm adds to the variance (1e-5)"},
    {"--lambda", "L", set_real, FIELD(lambda), 0, 1e6,
     "L2 penalty: cost = loss + L * sum of W^2 (0.005)"},
    {"--eta-min", "RATE", set_real, FIELD(eta_min), 0, 1e6,
     "lowest learning rate of the cycle (1e-5)"},
    {"--eta-max", "RATE", set_real, FIELD(eta_max), 0, 1e6, "highest (1e-1)"},
    {"--n-s", "STEPS", set_whole, FIELD(n_s), 1, 1e9, "half a cycle (2250)"},
    {"--epochs", "N", set_whole, FIELD(epochs), 1, 1e6,
     "passes over the training rows (20)"},
    {"--batch", "N", set_whole, FIELD(batch), 1, 1e6,
     "rows a step (100), at most all; the last batch of an epoch may\n"
     "be smaller, but a single row is left out: batchnorm needs two"},
    {"--init", "he|xavier|SIGMA", set_init, 0, 0, 1e6,
     "how weights are drawn; a number is the standard deviation\n"
     "of a normal distribution (he)"},
    {"--seed", "N", set_whole, FIELD(seed), 0, 1e18,
     "of weights and of the order of rows; run r takes N + r - 1 (1)"},
    {"--runs", "N", set_whole, FIELD(runs), 1, MAX_RUNS,
     "train N times and print mean and standard deviation (1)"},
    {"--threads", "N", set_whole, FIELD(threads), 0, 1024,
     "never changes a result; 0: the library chooses (0)"},
    {"--dtype", "f32|f64", set_dtype, FIELD(dtype), 0, 0, "precision (f32)"},
    {"--log", "FILE.csv", set_text, FIELD(log), 0, 0,
     "write cost, loss and accuracy of every epoch (no log)"},
    {"--log-every", "STEPS", set_whole, FIELD(log_every), 1, 1e9,
     "write and plot them every so many steps, too (off)"},
    {"--plot", "FILE.svg|.png", set_plot, FIELD(plot), 0, 0,
     "draw them as curves; needs gnuplot (no plot)"},
    {"--save", "FILE", set_text, FIELD(save), 0, 0,
     "save the network of the last run when it is trained (no file)"},
    {"--checkpoint", "FILE", set_text, FIELD(checkpoint), 0, 0,
     "save where training stands after every epoch, and before leaving\n"
     "on SIGINT or SIGTERM (no file)"},
    {"--checkpoint-every", "STEPS", set_whole, FIELD(checkpoint_every), 1, 1e9,
     "after every so many steps instead"},
    {"--resume", NULL, set_yes, FIELD(resume), 0, 0,
     "go on from the checkpoint, if there is one, with the options it\n"
     "was made with; --epochs and --runs may be more"},
    {"--quiet", NULL, set_yes, FIELD(quiet), 0, 0, "no progress on stderr (shown)"},
    {"--help", NULL, print_help, 0, 0, 0, "print this"},
    {"-h", NULL, print_help, 0, 0, 0, "the same"},
    {"--version", NULL, print_version, 0, 0, 0, "print the library's version"},
};

enum { OPTIONS = sizeof table / sizeof *table, HELP_COLUMN = 26 };

static bool print_help(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)field, (void)text;
    puts("Usage: cifar_train [OPTION]...\n"
         "Trains a fully connected network with batch normalisation on CIFAR-10, by\n"
         "plain SGD with a cyclic learning rate. Defaults stand in parentheses.\n");
    for (const cli_option *o = table; o < table + OPTIONS; o++) {
        int column = printf("  %s %s", o->name, o->value ? o->value : "");
        if (column >= HELP_COLUMN) {
            putchar('\n');
            column = 0;
        }
        for (const char *line = o->help; *line != '\0'; column = 0) {
            int length = (int)strcspn(line, "\n");
            printf("%*s%.*s\n", HELP_COLUMN - column, "", length, line);
            line += length + (line[length] == '\n');
        }
    }
    puts(
        "\n"
        "The data are the six files of the official binary distribution, in the folder\n"
        "given by --data, else by $CIFAR10_DIR; fetch_cifar10 downloads them. The last\n"
        "5,000 of the 50,000 training rows serve for validation. Without a folder the\n"
        "program draws pictures of the same layout itself: results on them say nothing\n"
        "about CIFAR-10.\n"
        "\n"
        "Prints a line for each run: the accuracies, the run's seconds with evaluation,\n"
        "and the images per second of its training steps alone.\n"
        "\n"
        "A run that was stopped or killed and resumed ends with the bits of one that "
        "was\n"
        "not. With --checkpoint the exit status after SIGINT is 130, after SIGTERM 143; "
        "a\n"
        "second signal ends the program at once.");
    finish();
}

static const cli_option *find(const char *argument, size_t length)
{
    for (const cli_option *o = table; o < table + OPTIONS; o++)
        if (strlen(o->name) == length && strncmp(o->name, argument, length) == 0)
            return o;
    usage_error("unknown argument \"%s\"", argument);
}

static _Noreturn void bad_value(const cli_option *option, const char *text)
{
    if (option->set == set_real)
        usage_error("%s: \"%s\" is not a number from %g to %g", option->name, text,
                    option->low, option->high);
    if (option->set == set_whole)
        usage_error("%s: \"%s\" is not a whole number from %.0f to %.0f", option->name,
                    text, option->low, option->high);
    if (option->set == set_hidden)
        usage_error("%s: \"%s\" is not a list of at most %d whole numbers from %.0f to"
                    " %.0f, like 50,50",
                    option->name, text, MAX_HIDDEN, option->low, option->high);
    usage_error("%s: \"%s\" is not of the form %s", option->name, text, option->value);
}

/* What only two options together can make wrong. */
static void check_together(const train_options *options)
{
    if (options->eta_min > options->eta_max)
        usage_error("--eta-min %g is above --eta-max %g", options->eta_min,
                    options->eta_max);
    if (options->batch == 1 && options->batchnorm && options->n_hidden > 0)
        usage_error("--batch 1: batchnorm needs batches of at least 2 rows");
    if (options->log_every > 0 && !options->log && !options->plot)
        usage_error("--log-every needs --log or --plot");
    if ((options->checkpoint_every > 0 || options->resume) && !options->checkpoint)
        usage_error("%s needs --checkpoint",
                    options->resume ? "--resume" : "--checkpoint-every");
}

train_options train_options_parse(int argc, char **argv)
{
    train_options options = {
        .hidden = {50, 50},
        .n_hidden = 2,
        .batchnorm = true,
        .bn_eps = 1e-5,
        .init = MLPBN_INIT_HE,
        .dtype = MLPBN_F32,
        .lambda = 0.005,
        .eta_min = 1e-5,
        .eta_max = 1e-1,
        .n_s = 2250,
        .epochs = 20,
        .batch = 100,
        .seed = 1,
        .runs = 1,
    };
    for (int i = 1; i < argc; i++) {
        size_t length = strcspn(argv[i], "=");
        const cli_option *option = find(argv[i], length);
        const char *value = argv[i][length] == '=' ? argv[i] + length + 1 : NULL;
        if (!option->value && value)
            usage_error("%s takes no value", option->name);
        if (option->value && !value && !(value = argv[++i]))
            usage_error("%s needs a value: %s", option->name, option->value);
        if (!option->set(option, (char *)&options + option->field, value))
            bad_value(option, value);
    }
    check_together(&options);
    return options;
}
