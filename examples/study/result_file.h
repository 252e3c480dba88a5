/* A CSV file that grows with every finished run, so that a program that was killed goes on
 * where it was:
 *
 *   # SETTINGS          what decides the results; other settings need another file
 *   HEADER              names of columns
 *   records             one or more lines each, always the same number
 *
 * A record is on the disk, whole, before the next is begun. */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct result_file {
    const char *path;
    int file;            /* -1: there is none, and nothing is kept */
    char *text;          /* what it held when it was opened */
    const char *records; /* those in text that were not yet read */
    size_t lines;        /* of a record */
    size_t line;         /* where the record that was read last begins, from 1 */
} result_file;

/* Opens the file or begins a new one; path NULL: none. A file that this program did not
 * write with these settings is left alone. What a killed program left of its last record
 * is cut off. Errors are fatal, here and below. */
result_file result_file_open(const char *path, const char *settings, const char *header,
                             size_t lines);

/* The same to read another program's file alone, whatever its settings. kind is how these
 * begin. */
result_file result_file_read(const char *path, const char *kind, const char *header,
                             size_t lines);

/* The next record, ended by a newline; NULL: there is none. */
const char *result_file_next(result_file *file);

/* fatal(): the record that was read last does not look as it should. */
_Noreturn void result_file_foreign(const result_file *file);

void result_file_append(const result_file *file, const char *record);
void result_file_close(result_file *file);

#endif
