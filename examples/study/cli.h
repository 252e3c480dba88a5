/* Reads a command line by tables of options, from which --help is printed, too. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cli_option cli_option;

/* Writes a field; returns false if text is not a valid value for it. May call usage_error()
 * for a better message. */
typedef bool cli_setter(const cli_option *option, void *field, const char *text);

struct cli_option {
    const char *name;
    const char *value; /* name of the value in --help; NULL: the option has no value */
    cli_setter *set;
    size_t field;     /* offset of the field that `set` writes, in the group's fields */
    double low, high; /* range of a number, both ends included */
    const char *help;
};

/* A table of options, and the struct whose fields they set. */
typedef struct cli_group {
    const cli_option *options;
    size_t n;
    void *fields;
} cli_group;

enum { CLI_GROUPS = 5 };

#define CLI_NO_LIST SIZE_MAX

/* The initializer of a group, from an array of options. */
#define CLI_GROUP(table, fields)                                                         \
    {                                                                                    \
        table, sizeof table / sizeof *table, fields                                      \
    }

typedef struct cli_program {
    const char *purpose, *notes; /* text of --help before and after the options */
    const char *operand_names;   /* in the usage line; NULL: no operands */
    const char **operands;       /* [max_operands] */
    size_t max_operands;
    cli_group groups[CLI_GROUPS]; /* cli_parse() sets the last: --help and --version */
} cli_program;

/* Reads the options into the groups' fields and other arguments into operands; returns the number
 * of operands. Every program has --help and --version, which exit with 0; a mistake exits with
 * 2. */
size_t cli_parse(const cli_program *program, int argc, char **argv);

/* The help of --data, which means the same in all programs. */
#define CLI_DATA_HELP "folder of the CIFAR-10 binary files ($CIFAR10_DIR)"

/* Setters of a double; a uint64_t; a const char * that is not empty; a const char * that ends in
 * .svg or .png; a bool, to true and to false. */
cli_setter cli_set_real, cli_set_whole, cli_set_text, cli_set_plot, cli_set_yes,
    cli_set_no;

/* Reads at most max numbers between commas and returns how many; else calls usage_error(). */
size_t cli_read_reals(const cli_option *option, const char *text, double *numbers,
                      size_t max);

/* For setters of lists between commas: reads at most max items of `size` bytes each by `set`.
 * Returns their number, or CLI_NO_LIST if text is not such a list. */
size_t cli_read_list(const cli_option *option, const char *text, cli_setter *set,
                     void *items, size_t size, size_t max);

#endif
