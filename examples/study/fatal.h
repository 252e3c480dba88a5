/* Error messages: one line on stderr, then the program exits. */
#ifndef FATAL_H
#define FATAL_H

#include <mlpbn.h>

/* Set by main() first. */
extern const char *program_name;

/* What this thread works on, printed between name and message; NULL: nothing. */
extern _Thread_local const char *fatal_context;

/* Prints the program's name and this message; exits with 1. */
__attribute__((format(printf, 1, 2))) _Noreturn void fatal(const char *format, ...);

/* Prints the same for a mistake on the command line, points to --help and exits with 2. */
__attribute__((format(printf, 1, 2))) _Noreturn void usage_error(const char *format, ...);

/* Prints such a line and returns. */
__attribute__((format(printf, 1, 2))) void warning(const char *format, ...);

/* Calls fatal() if standard output could not be written. */
void flush_stdout(void);

/* Calls fatal() with the library's error text, unless status is MLPBN_OK. */
void require(mlpbn_status status, const char *what);

#endif
