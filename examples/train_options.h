/* The command line of cifar_train. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include <mlpbn.h>
#include <stdbool.h>

enum { MAX_HIDDEN = 64, MAX_RUNS = 1000 };

typedef struct train_options {
    const char *data; /* folder; NULL: not given */
    const char *log;  /* files; NULL: none */
    const char *plot;
    bool quiet;

    size_t hidden[MAX_HIDDEN]; /* units of each hidden layer */
    size_t n_hidden;
    bool batchnorm;
    double bn_eps;
    mlpbn_init init;
    double sigma; /* of MLPBN_INIT_NORMAL */
    mlpbn_dtype dtype;

    double lambda;
    double eta_min, eta_max;
    uint64_t n_s;
    uint64_t epochs, batch;
    uint64_t seed, runs, threads;
    uint64_t log_every; /* steps; 0: once an epoch */

    const char *save, *checkpoint; /* files; NULL: none */
    uint64_t checkpoint_every;     /* steps; 0: once an epoch */
    bool resume;
} train_options;

/* Reads the command line. Answers --help and --version and exits with 0; exits with 2 at a
 * mistake. */
train_options train_options_parse(int argc, char **argv);

#endif
