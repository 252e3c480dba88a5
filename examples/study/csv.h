/* Files of numbers between commas. */
#ifndef CSV_H
#define CSV_H

#include <stdbool.h>
#include <stdio.h>

/* Reads the next line, which must have n numbers, into x; returns false at the end of the file.
 * path and line are for messages; errors are fatal. */
bool csv_read_line(FILE *file, const char *path, size_t line, double *x, size_t n);

#endif
