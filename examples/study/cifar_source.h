/* The data set of a program: CIFAR-10 from a folder, or synthetic pictures. */
#ifndef CIFAR_SOURCE_H
#define CIFAR_SOURCE_H

#include "../cifar.h"
#include "train_options.h"

typedef struct cifar_source {
    cifar_data data;
    bool synthetic;
} cifar_source;

/* Returns the folder of the CIFAR-10 files: data, which is the value of --data, or, if that is
 * NULL, $CIFAR10_DIR; NULL if there is neither. */
const char *cifar_folder(const char *data);

/* Loads the data set from cifar_folder(data), or draws synthetic pictures. Errors are fatal. Free
 * source->data with cifar_free. */
void cifar_source_open(cifar_source *source, const char *data, size_t n_validation);

/* Does the same for a training program: says on stderr if pictures are synthetic, prints the
 * classes unless options->quiet, and checks the batch size. */
void cifar_source_load(cifar_source *source, const train_options *options);

/* A hash of all labels and one pixel of each picture, to tell data sets apart. */
uint64_t cifar_fingerprint(const cifar_data *data);

#endif
