/* The options of a training run, and the command line of cifar_train. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include "cli.h"

#include <mlpbn.h>

enum { MAX_HIDDEN = 64, MAX_RUNS = 1000 };

typedef struct train_init {
    mlpbn_init method;
    double sigma; /* of MLPBN_INIT_NORMAL */
} train_init;

typedef struct train_options {
    const char *data; /* folder; NULL: $CIFAR10_DIR, or synthetic pictures */
    const char *log;  /* files; NULL: none */
    const char *plot;
    bool quiet;

    size_t hidden[MAX_HIDDEN]; /* units of each hidden layer */
    size_t n_hidden;
    bool batchnorm;
    double bn_eps;
    train_init init;
    mlpbn_dtype dtype;

    double lambda;
    double eta_min, eta_max; /* learning rates of a cycle */
    uint64_t n_s;            /* half a cycle, in steps */
    uint64_t epochs, batch;
    uint64_t validation; /* rows of the training files that become the validation set */
    uint64_t seed, runs, threads;
    uint64_t log_every; /* steps; 0: once an epoch */

    const char *save, *checkpoint; /* files; NULL: none */
    uint64_t checkpoint_every;     /* steps; 0: once an epoch */
    bool resume;

    mlpbn_optimizer_kind optimizer;
    double weight_decay;
    bool one_cycle; /* else the cyclic learning rate */
    double dropout, label_smoothing;
    bool flip; /* of training pictures */
    uint64_t shift;
    double momentum;      /* of sgd, Nesterov's; 0: none */
    uint64_t downsample;  /* factor of pictures: 1, 2, 4 or 8 */
    uint64_t local_field; /* side of the initial fields of the first layer; 0: none */
    bool tta;             /* test-time augmentation */
} train_options;

/* Reads the command line. --help and --version print and exit with 0; a mistake exits with 2. */
train_options train_options_parse(int argc, char **argv);

/* Returns the defaults, which are those of cifar_train. */
train_options train_options_default(void);

/* Options of all programs: data, hidden layers, learning rates, epochs, batch, seed, dtype,
 * quiet. */
cli_group train_protocol_group(train_options *options);

/* The options of batchnorm and of the initial weights, which cifar_init varies itself. */
cli_group train_network_group(train_options *options);

/* Calls usage_error() if options contradict each other. */
void train_options_check(const train_options *options);

/* The setter of a train_init: he, xavier, or a standard deviation. */
bool train_set_init(const cli_option *option, void *field, const char *text);

/* For the notes of --help. */
#define TRAIN_DATA_NOTE                                                                  \
    "The data are the six files of the official binary distribution, in the folder\n"    \
    "given by --data, else by $CIFAR10_DIR; fetch_cifar10 downloads them. The last\n"    \
    "5,000 of the 50,000 training rows serve for validation. Without a folder the\n"     \
    "program draws pictures of the same layout itself: results on them say nothing\n"    \
    "about CIFAR-10.\n"

#endif
