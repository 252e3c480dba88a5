/* The command line of predict. */
#ifndef PREDICT_OPTIONS_H
#define PREDICT_OPTIONS_H

#include <stddef.h>

typedef struct predict_options {
    const char *model, *csv; /* files; csv NULL: classify pictures */
    const char *data;        /* folder of the pictures */
    size_t rows[2];          /* first and last picture */
} predict_options;

/* Reads the command line; a mistake exits with 2. */
predict_options predict_options_parse(int argc, char **argv);

#endif
