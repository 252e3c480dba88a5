/* CIFAR-10 (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009)
 * in memory, and a loader of the official binary distribution, cifar-10-binary.tar.gz:
 *
 *   data_batch_1.bin ... data_batch_5.bin   10,000 pictures each, for training
 *   test_batch.bin                          10,000 pictures
 *   batches.meta.txt                        names of the ten classes, one a line
 *
 * A picture is 3073 bytes: its class, 0 to 9, then 32 x 32 pixels, row by row, first all
 * red values, then green, then blue. */
#ifndef CIFAR_H
#define CIFAR_H

#include <mlpbn.h>
#include <stdbool.h>

enum {
    CIFAR_SIDE = 32,
    CIFAR_PIXELS = 3 * CIFAR_SIDE * CIFAR_SIDE,
    CIFAR_CLASSES = 10,
    CIFAR_BATCHES = 5,        /* files of training pictures */
    CIFAR_BATCH_ROWS = 10000, /* pictures a file */
    CIFAR_NAME_SIZE = 32
};

typedef struct cifar_data {
    /* [rows][columns]: training, validation, test rows; cifar_load makes CIFAR_PIXELS columns */
    uint8_t *pixels;
    int32_t *labels; /* [rows], each in [0, CIFAR_CLASSES) */
    char names[CIFAR_CLASSES][CIFAR_NAME_SIZE];
    /* Views of these arrays for the library, which reads bytes. */
    mlpbn_rows train, validation, test;
    char error[1024]; /* text of a failed call: one line, with the file if there is one */
} cifar_data;

/* Reads the distribution in this folder. The last n_validation of the 50,000 rows of
 * data_batch_1 to 5 become the validation set; n_validation < 50,000. Presence and sizes of
 * the files and every label are checked.
 *
 * On failure returns false, writes data->error and frees everything. */
bool cifar_load(cifar_data *data, const char *folder, size_t n_validation);

/* Allocates a data set in this layout, with this number of columns, for pictures from another
 * source: the views are complete, pixels, labels and names are 0. Fails as cifar_load does. */
bool cifar_allocate(cifar_data *data, size_t n_train, size_t n_validation, size_t n_test,
                    size_t columns);

/* Frees the arrays of a data set. */
void cifar_free(cifar_data *data);

#endif
