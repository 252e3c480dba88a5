/* The log of cifar_train: a CSV file with a line for each point of the curves. */
#ifndef TRAIN_LOG_H
#define TRAIN_LOG_H

#include "curves.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct train_log {
    const char *path;
    FILE *file;
    bool has_header; /* the file was emptied and begins with the header */
} train_log;

/* Opens the file, which keeps its content until the first line. With a path of NULL
 * nothing is written. Errors are fatal, here and below. */
train_log train_log_open(const char *path);

/* Writes a line and flushes the file. */
void train_log_write(train_log *log, const curve_point *point);

/* Writes all points of a run that is resumed. */
void train_log_replay(train_log *log, const curve_list *curves);

void train_log_close(train_log *log);

#endif
