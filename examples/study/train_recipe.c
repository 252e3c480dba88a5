/* Options beyond the study; see train_recipe.h. */
#include "train_recipe.h"

#include "augment.h"

#include <string.h>

static bool set_optimizer(const cli_option *option, void *field, const char *text)
{
    (void)option;
    mlpbn_optimizer_kind *kind = field;
    *kind = strcmp(text, "adamw") == 0 ? MLPBN_ADAMW : MLPBN_SGD;
    return strcmp(text, "adamw") == 0 || strcmp(text, "sgd") == 0;
}

static bool set_schedule(const cli_option *option, void *field, const char *text)
{
    (void)option;
    bool *one_cycle = field;
    *one_cycle = strcmp(text, "one-cycle") == 0;
    return *one_cycle || strcmp(text, "cyclic") == 0;
}

static bool set_downsample(const cli_option *option, void *field, const char *text)
{
    uint64_t *factor = field;
    return cli_set_whole(option, factor, text) && (*factor & (*factor - 1)) == 0;
}

static bool set_recipe(const cli_option *option, void *field, const char *text)
{
    (void)option;
    train_options *options = field;
    static const size_t hidden[] = {1024, 512, 256};
    memcpy(options->hidden, hidden, sizeof hidden);
    options->n_hidden = sizeof hidden / sizeof *hidden;
    options->optimizer = MLPBN_SGD;
    options->momentum = 0.9;
    options->one_cycle = true;
    options->eta_max = 0.3;
    options->lambda = 1e-4;
    options->label_smoothing = 0.1;
    options->dropout = 0.2;
    options->flip = true;
    options->shift = 2;
    options->local_field = 6;
    options->tta = true;
    options->batch = 256;
    options->epochs = 115;
    return strcmp(text, "best") == 0;
}

#define FIELD(name) offsetof(train_options, name)

static const cli_option recipe_table[] = {
    {"--recipe", "best", set_recipe, 0, 0, 0,
     "all of what follows, and wider layers; options after it win"},
    {"--optimizer", "sgd|adamw", set_optimizer, FIELD(optimizer), 0, 0, "(sgd)"},
    {"--momentum", "M", cli_set_real, FIELD(momentum), 0, 0.9999,
     "Nesterov's, of sgd (0)"},
    {"--weight-decay", "W", cli_set_real, FIELD(weight_decay), 0, 1e6, "of adamw (0.01)"},
    {"--schedule", "cyclic|one-cycle", set_schedule, FIELD(one_cycle), 0, 0,
     "one-cycle: a single one for all epochs, up to --eta-max (cyclic)"},
    {"--dropout", "P", cli_set_real, FIELD(dropout), 0, 0.99,
     "share of hidden units left out in a step (0)"},
    {"--label-smoothing", "E", cli_set_real, FIELD(label_smoothing), 0, 1, "(0)"},
    {"--flip", NULL, cli_set_yes, FIELD(flip), 0, 0,
     "mirror one training picture of two"},
    {"--no-flip", NULL, cli_set_no, FIELD(flip), 0, 0, "mirror none (the default)"},
    {"--shift", "PIXELS", cli_set_whole, FIELD(shift), 0, MAX_SHIFT,
     "move training pictures up to so far (0)"},
    {"--shrink", "1|2|4|8", set_downsample, FIELD(downsample), 1, MAX_DOWNSAMPLE,
     "pictures with sides so many times smaller: a pixel is the mean\n"
     "of those it covers (1)"},
    {"--window", "PIXELS", cli_set_whole, FIELD(local_field), 0, CIFAR_SIDE,
     "first weights of a unit of the first layer lie in a square of\n"
     "this side; 0: anywhere (0)"},
    {"--views", NULL, cli_set_yes, FIELD(tta), 0, 0,
     "classify validation and test pictures in the end by 50 views:\n"
     "mirrored and moved by up to two pixels, too"},
    {"--no-views", NULL, cli_set_no, FIELD(tta), 0, 0, "as they are (the default)"},
};

cli_group train_recipe_group(train_options *options)
{
    return (cli_group)CLI_GROUP(recipe_table, options);
}
