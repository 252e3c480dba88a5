/* Reads the command line of predict. */
#include "predict_options.h"

#include "cli.h"
#include "data_source.h"
#include "fatal.h"

#include <stdio.h>
#include <string.h>

/* Reads A-B, or A for one row. */
static bool set_rows(const cli_option *option, void *field, const char *text)
{
    size_t *rows = field;
    char rest;
    int n = text[0] >= '0' && text[0] <= '9'
                ? sscanf(text, "%zu-%zu%c", rows, rows + 1, &rest)
                : 0;
    if (n == 1 && !strchr(text, '-'))
        rows[1] = rows[0];
    else if (n != 2)
        return false;
    if (rows[0] > rows[1] || (double)rows[1] > option->high)
        usage_error("%s: %s is not within %.0f-%.0f", option->name, text, option->low,
                    option->high);
    return true;
}

static const cli_option table[] = {
    {"--data", "DIR", cli_set_text, offsetof(predict_options, data), 0, 0, CLI_DATA_HELP},
    {"--rows", "A-B", set_rows, offsetof(predict_options, rows), 0, CIFAR_BATCH_ROWS - 1,
     "test pictures to classify (0-9)"},
};

static const char purpose[] =
    "Predicts with a network that was saved by mlpbn_network_save, for example by\n"
    "cifar_train --save: classifies test pictures of CIFAR-10, or each row of numbers\n"
    "of FILE.csv (- is standard input). Defaults stand in parentheses.\n";

static const char notes[] =
    "Prints a line for each row: its number and the likeliest classes with their\n"
    "probabilities, or the output itself if the network has only one; for pictures\n"
    "also the true class.\n"
    "\n"
    "Exit status: 0; 1 if something cannot be read or does not fit; 2 for a mistake on\n"
    "the command line.\n";

predict_options predict_options_parse(int argc, char **argv)
{
    const char *paths[2] = {NULL, NULL};
    predict_options options = {.rows = {0, 9}};
    const cli_program program = {.purpose = purpose,
                                 .notes = notes,
                                 .operand_names = "MODEL [FILE.csv]",
                                 .operands = paths,
                                 .max_operands = 2,
                                 .groups = {CLI_GROUP(table, &options)}};
    size_t n = cli_parse(&program, argc, argv);
    bool has_data = options.data != NULL;
    options.model = paths[0];
    options.csv = paths[1];
    options.data = data_folder(options.data);
    if (n == 0 || (n == 2 ? has_data : !options.data))
        usage_error("expected a model, and either --data or a CSV file");
    return options;
}
