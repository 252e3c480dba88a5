/* The command line of cifar_search. */
#ifndef SEARCH_OPTIONS_H
#define SEARCH_OPTIONS_H

#include "train_options.h"

enum { MAX_VALUES = 1000 };

typedef enum search_mode {
    SEARCH_COARSE, /* log-uniform */
    SEARCH_FINE,   /* uniform */
    SEARCH_REFINE, /* uniform, in the range around earlier results */
    SEARCH_VALUES  /* a list of values */
} search_mode;

typedef struct search_options {
    train_options train; /* lambda and runs are not used */
    search_mode mode;
    double low, high;   /* range of lambda; both 0: the default of the mode */
    uint64_t count;     /* 0: the default */
    const char *refine; /* file of earlier results */
    double values[MAX_VALUES];
    size_t n_values; /* of SEARCH_VALUES */
    bool warm_start;
    uint64_t jobs;       /* 0: one on each processor */
    const char *results; /* files; NULL: none */
    const char *plot;
    unsigned modes; /* number of options that set the mode */
} search_options;

/* Reads the command line, as train_options_parse() does. */
search_options search_options_parse(int argc, char **argv);

#endif
