/* The data set of a program: CIFAR-10 from a folder, or synthetic pictures. */
#ifndef DATA_SOURCE_H
#define DATA_SOURCE_H

#include "../cifar.h"
#include "train_options.h"

typedef struct data_source {
    cifar_data data;        /* at full size */
    cifar_data downsampled; /* empty without downsampling */
    const cifar_data
        *train_data; /* points to the one of the two that the network reads */
    bool synthetic;
} data_source;

/* Returns the folder of the CIFAR-10 files: data, the value of --data; $CIFAR10_DIR if that is
 * NULL; NULL if both are missing. */
const char *data_folder(const char *data);

/* Loads the data set from data_folder(data), or draws synthetic pictures. Errors are fatal. */
void data_source_load(data_source *source, const char *data, size_t n_validation);

/* Loads the data set of a training program: says on stderr if pictures are synthetic, prints the
 * classes unless options->quiet, checks the batch size, and downsamples the pictures. */
void data_source_load_for_training(data_source *source, const train_options *options);

/* Frees the data sets. */
void data_source_free(data_source *source);

/* A hash of all labels and one pixel of each picture, to tell data sets apart. */
uint64_t data_fingerprint(const cifar_data *data);

#endif
