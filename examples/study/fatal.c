/* Error messages; see fatal.h. */
#include "fatal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *program_name = "";
_Thread_local const char *fatal_context;

static void report(const char *format, va_list arguments)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr); /* erases the progress bar */
    fprintf(stderr, "%s: ", program_name);
    if (fatal_context)
        fprintf(stderr, "%s: ", fatal_context);
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
    fprintf(stderr, "Try %s --help.\n", program_name);
    exit(2);
}

void warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(format, arguments);
    va_end(arguments);
}

void flush_stdout(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        fatal("standard output: %s", strerror(errno));
}

void require(mlpbn_status status, const char *what)
{
    if (status != MLPBN_OK)
        fatal("%s: %s", what, mlpbn_last_error());
}
