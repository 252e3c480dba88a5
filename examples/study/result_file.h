/* A CSV file to which every finished run is appended, so that a program that was killed resumes:
 *
 *   # SETTINGS          all that determines the results; other settings need another file
 *   HEADER              names of the columns
 *   records             one or more lines each, always the same number
 *
 * A record is written completely, and synchronized to the disk, before the next one begins. */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct result_file {
    const char *path;
    int file;            /* descriptor; -1: no file, and nothing is written */
    char *text;          /* content when it was opened */
    const char *records; /* the next one in text */
    size_t lines;        /* per record */
    size_t line;         /* number of the latest record's first line, from 1 */
} result_file;

/* Opens the file, or creates it; path NULL: no file. Cuts off an incomplete last record. It is an
 * error if another program, or this one with other settings, has written the file; it is not
 * changed then. lines: of each record. Errors are fatal, here and below. */
result_file result_file_open(const char *path, const char *settings, const char *header,
                             size_t lines);

/* Opens a file for reading, with any settings. kind: the name of the program that wrote it, with
 * which the settings begin. */
result_file result_file_read(const char *path, const char *kind, const char *header,
                             size_t lines);

/* Returns the next record, which ends with a newline, or NULL. */
const char *result_file_next(result_file *file);

/* Calls fatal(): the latest record is not valid. */
_Noreturn void result_file_reject(const result_file *file);

void result_file_append(const result_file *file, const char *record);
void result_file_close(result_file *file);

#endif
