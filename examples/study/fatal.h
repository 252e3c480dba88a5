/* How a program ends when something is wrong: one line on stderr says what. */
#ifndef FATAL_H
#define FATAL_H

#include <mlpbn.h>

/* To be set by main() first. */
extern const char *program_name;

/* Not NULL: what this thread is about; stands between the name and the message. */
extern _Thread_local const char *fatal_context;

/* Exits with 1. The line is the program's name and this message. */
__attribute__((format(printf, 1, 2))) _Noreturn void fatal(const char *format, ...);

/* The same for a mistake on the command line: points to --help and exits with 2. */
__attribute__((format(printf, 1, 2))) _Noreturn void usage_error(const char *format, ...);

/* A line, and the program goes on. */
__attribute__((format(printf, 1, 2))) void warning(const char *format, ...);

/* fatal() with the library's own words, unless status is MLPBN_OK. */
void require(mlpbn_status status, const char *what);

#endif
