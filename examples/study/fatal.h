/* Error messages: one line on stderr, then the program exits. */
#ifndef FATAL_H
#define FATAL_H

#include <mlpbn.h>

/* main() sets it before anything else. */
extern const char *program_name;

/* The task of this thread, printed between the program's name and the message; NULL: none. */
extern _Thread_local const char *fatal_context;

/* Prints the program's name and this message; exits with 1. */
__attribute__((format(printf, 1, 2))) _Noreturn void fatal(const char *format, ...);

/* Prints the same for a mistake on the command line, points to --help and exits with 2. */
__attribute__((format(printf, 1, 2))) _Noreturn void usage_error(const char *format, ...);

/* Prints the line of fatal(), but returns. */
__attribute__((format(printf, 1, 2))) void warning(const char *format, ...);

/* Calls fatal() if standard output could not be written. */
void flush_stdout(void);

/* Calls fatal() with the library's error text, unless status is MLPBN_OK. */
void require(mlpbn_status status, const char *what);

#endif
