/* The command line of cifar_init. */
#ifndef INIT_OPTIONS_H
#define INIT_OPTIONS_H

#include "train_options.h"

enum { MAX_INITS = 8, MAX_EPS = 16, MAX_CASE_RUNS = 100 };

typedef struct init_options {
    train_options train; /* init, batchnorm and bn_eps are not used: they vary by case */
    train_init inits[MAX_INITS];
    size_t n_inits;
    double eps[MAX_EPS];
    size_t n_eps;
    bool without_batchnorm, with_batchnorm;
    uint64_t jobs;       /* 0: one on each processor */
    const char *results; /* files; NULL: none */
    const char *plot, *eps_plot;
} init_options;

/* Reads the command line, as train_options_parse() does. */
init_options init_options_parse(int argc, char **argv);

#endif
