/* A command line that is read by tables of options, which are its help text, too. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_option {
    const char *name;
    const char *value; /* what the help calls its value; NULL: takes none */
    /* Writes the field; false if text is not a value for it. May end with usage_error()
     * instead, where it has more to say. */
    bool (*set)(const struct cli_option *option, void *field, const char *text);
    size_t field;     /* its offset in the group's fields */
    double low, high; /* range of a number */
    const char *help;
} cli_option;

/* Options whose fields are those of one struct. */
typedef struct cli_group {
    const cli_option *options;
    size_t n;
    void *fields;
} cli_group;

enum { CLI_GROUPS = 4, CLI_ITEM = 32 };

typedef struct cli_program {
    const char *purpose, *notes; /* what --help says before and after the options */
    cli_group groups[CLI_GROUPS];
} cli_program;

/* Reads the command line into the groups' fields. Answers --help and --version, which every
 * program has, and exits with 0; exits with 2 at a mistake. */
void cli_parse(const cli_program *program, int argc, char **argv);

/* Setters: of a double, a uint64_t, a const char * that is not empty or has to end in .svg
 * or .png, a bool. */
bool cli_set_real(const cli_option *option, void *field, const char *text);
bool cli_set_whole(const cli_option *option, void *field, const char *text);
bool cli_set_text(const cli_option *option, void *field, const char *text);
bool cli_set_plot(const cli_option *option, void *field, const char *text);
bool cli_set_yes(const cli_option *option, void *field, const char *text);
bool cli_set_no(const cli_option *option, void *field, const char *text);

/* For setters of lists between commas: cuts the next item off, "" where nothing stands
 * between two commas or the item is too long for one. False at the end. Begins with a
 * position of NULL. */
bool cli_next_item(char item[CLI_ITEM], const char **position, const char *text);

#endif
