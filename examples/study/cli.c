/* Reads command lines; see cli.h. */
#include "cli.h"

#include "fatal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cli_set_real(const cli_option *option, void *field, const char *text)
{
    double *number = field;
    char *end;
    /* strtod also accepts spaces, hexadecimal digits, "inf" and "nan". */
    if (text[0] == '\0' || strspn(text, "0123456789.eE+-") != strlen(text))
        return false;
    *number = strtod(text, &end);
    return *end == '\0' && *number >= option->low && *number <= option->high;
}

bool cli_set_whole(const cli_option *option, void *field, const char *text)
{
    uint64_t *number = field;
    if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    *number = strtoull(text, NULL, 10);
    return errno == 0 && (double)*number >= option->low &&
           (double)*number <= option->high;
}

bool cli_set_text(const cli_option *option, void *field, const char *text)
{
    (void)option;
    *(const char **)field = text;
    return text[0] != '\0';
}

bool cli_set_plot(const cli_option *option, void *field, const char *text)
{
    const char *extension = strrchr(text, '.');
    return cli_set_text(option, field, text) && extension &&
           (strcmp(extension, ".svg") == 0 || strcmp(extension, ".png") == 0);
}

bool cli_set_yes(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)text;
    *(bool *)field = true;
    return true;
}

bool cli_set_no(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)text;
    *(bool *)field = false;
    return true;
}

size_t cli_read_list(const cli_option *option, const char *text, cli_setter *set,
                     void *items, size_t size, size_t max)
{
    enum { ITEM = 32 };
    for (size_t n = 0; n < max; n++) {
        char item[ITEM];
        size_t length = strcspn(text, ",");
        snprintf(item, sizeof item, "%.*s", (int)length, text);
        if (length >= ITEM || !set(option, (char *)items + n * size, item))
            return CLI_NO_LIST;
        if (text[length] == '\0')
            return n + 1;
        text += length + 1;
    }
    return CLI_NO_LIST;
}

size_t cli_read_reals(const cli_option *option, const char *text, double *numbers,
                      size_t max)
{
    size_t n = cli_read_list(option, text, cli_set_real, numbers, sizeof *numbers, max);
    if (n == CLI_NO_LIST)
        usage_error("%s: \"%s\" is not a list of at most %zu numbers from %g to %g",
                    option->name, text, max, option->low, option->high);
    return n;
}

enum { HELP_COLUMN = 26 };

static void print_option(const cli_option *option)
{
    int column = printf("  %s %s", option->name, option->value ? option->value : "");
    if (column >= HELP_COLUMN) {
        putchar('\n');
        column = 0;
    }
    for (const char *line = option->help; *line != '\0'; column = 0) {
        int length = (int)strcspn(line, "\n");
        printf("%*s%.*s\n", HELP_COLUMN - column, "", length, line);
        line += length + (line[length] == '\n');
    }
}

static bool print_version(const cli_option *option, void *field, const char *text)
{
    (void)option, (void)field, (void)text;
    printf("%s (libmlpbn) %s\n", program_name, mlpbn_version());
    flush_stdout();
    exit(0);
}

static bool print_help(const cli_option *option, void *field, const char *text);

/* Options of every program. Their fields are those of the cli_program, which --help prints. */
static const cli_option common_options[] = {
    {"--help", NULL, print_help, 0, 0, 0, "print this"},
    {"-h", NULL, print_help, 0, 0, 0, "the same"},
    {"--version", NULL, print_version, 0, 0, 0, "print the library's version"},
};

static bool print_help(const cli_option *option, void *field, const char *text)
{
    const cli_program *program = field;
    (void)option, (void)text;
    printf("Usage: %s [OPTION]...%s%s\n%s\n", program_name,
           program->operand_names ? " " : "",
           program->operand_names ? program->operand_names : "", program->purpose);
    for (const cli_group *g = program->groups; g < program->groups + CLI_GROUPS; g++)
        for (size_t i = 0; i < g->n; i++)
            print_option(&g->options[i]);
    printf("\n%s", program->notes);
    flush_stdout();
    exit(0);
}

static const cli_option *find(const cli_group *group, const char *argument, size_t length)
{
    for (size_t i = 0; i < group->n; i++) {
        const cli_option *o = &group->options[i];
        if (strlen(o->name) == length && strncmp(o->name, argument, length) == 0)
            return o;
    }
    return NULL;
}

static _Noreturn void bad_value(const cli_option *option, const char *text)
{
    if (option->set == cli_set_real)
        usage_error("%s: \"%s\" is not a number from %g to %g", option->name, text,
                    option->low, option->high);
    if (option->set == cli_set_whole)
        usage_error("%s: \"%s\" is not a whole number from %.0f to %.0f", option->name,
                    text, option->low, option->high);
    usage_error("%s: \"%s\" is not of the form %s", option->name, text, option->value);
}

/* Applies an option with its value; returns the number of arguments read, 1 or 2. */
static int apply_option(const cli_option *option, void *fields, char **arguments)
{
    size_t length = strcspn(arguments[0], "=");
    bool joined = arguments[0][length] == '=';
    const char *value = joined           ? arguments[0] + length + 1
                        : !option->value ? NULL
                                         : arguments[1];
    if (!option->value && joined)
        usage_error("%s takes no value", option->name);
    if (option->value && !value)
        usage_error("%s needs a value: %s", option->name, option->value);
    if (!option->set(option, (char *)fields + option->field, value))
        bad_value(option, value);
    return option->value && !joined ? 2 : 1;
}

/* Returns the option that an argument names, and its group's fields; NULL if there is none. */
static const cli_option *find_option(const cli_program *program, const char *argument,
                                     void **fields)
{
    size_t length = strcspn(argument, "=");
    const cli_option *option = NULL;
    for (size_t i = 0; i < CLI_GROUPS && !option; i++) {
        option = find(program->groups + i, argument, length);
        *fields = program->groups[i].fields;
    }
    return option;
}

size_t cli_parse(const cli_program *program, int argc, char **argv)
{
    cli_program all = *program;
    all.groups[CLI_GROUPS - 1] = (cli_group)CLI_GROUP(common_options, &all);
    size_t n = 0;
    for (int i = 1; i < argc;) {
        void *fields;
        const cli_option *option = find_option(&all, argv[i], &fields);
        bool is_operand = argv[i][0] != '-' || argv[i][1] == '\0';
        if (option)
            i += apply_option(option, fields, argv + i);
        else if (is_operand && n < program->max_operands)
            program->operands[n++] = argv[i++];
        else
            usage_error("unknown argument \"%s\"", argv[i]);
    }
    return n;
}
