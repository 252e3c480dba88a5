/* The data set of a program: CIFAR-10 from a folder, or synthetic pictures. */
#ifndef CIFAR_SOURCE_H
#define CIFAR_SOURCE_H

#include "../cifar.h"
#include "train_options.h"

typedef struct cifar_source {
    cifar_data data;
    bool synthetic;
} cifar_source;

/* Loads --data or $CIFAR10_DIR; if there is neither, draws synthetic
 * pictures and says so on stderr.
 * Unless options->quiet, prints the classes. Checks the batch size against the rows. Errors are
 * fatal. Free source->data with cifar_free. */
void cifar_source_load(cifar_source *source, const train_options *options);

/* A hash of all labels and one pixel of each picture, to tell data sets apart. */
uint64_t cifar_fingerprint(const cifar_data *data);

#endif
