/* One line on stderr, then the end. */
#include "fatal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void report(const char *format, va_list arguments)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr); /* over what the progress bar left on the line */
    fputs("cifar_train: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void fatal(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(format, arguments);
    va_end(arguments);
    exit(1);
}

void usage_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(format, arguments);
    va_end(arguments);
    fputs("Try cifar_train --help.\n", stderr);
    exit(2);
}

void warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(format, arguments);
    va_end(arguments);
}

void require(mlpbn_status status, const char *what)
{
    if (status != MLPBN_OK)
        fatal("%s: %s", what, mlpbn_last_error());
}
