/* Where the pictures come from: a folder, or else they are drawn. */
#ifndef CIFAR_SOURCE_H
#define CIFAR_SOURCE_H

#include "../cifar.h"
#include "train_options.h"

/* What a program trains on. */
typedef struct cifar_source {
    cifar_data data;
    bool synthetic;
} cifar_source;

/* Loads --data or $CIFAR10_DIR; draws pictures, and says so on stderr, if there is neither.
 * Unless options->quiet, introduces the data. Checks the batch against them. Errors are
 * fatal. Free source->data with cifar_free. */
void cifar_source_load(cifar_source *source, const train_options *options);

/* Tells data sets apart: of all labels and one pixel of each picture. */
uint64_t cifar_fingerprint(const cifar_data *data);

#endif
