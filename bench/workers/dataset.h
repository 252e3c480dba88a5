/* The data of a measurement: random rows and labels. Workers in C and in Python have the same
 * distribution of values, not the same values: speed does not depend on them. */
#ifndef DATASET_H
#define DATASET_H

#include "job.h"

#include <stdint.h>

typedef struct dataset {
    void *x;         /* [rows][columns]: uint8_t, or float with mean 0 and variance 1 */
    int32_t *labels; /* [rows] */
    size_t rows, columns, outputs;
    bool is_u8;
} dataset;

/* Standardization of uniform bytes: (x - mean) / std. */
#define DATASET_MEAN 127.5
#define DATASET_STD 73.9

/* Allocates and fills the data; exits if there is no memory. */
dataset dataset_make(const bench_job *job);
void dataset_free(dataset *data);

/* Writes a random order of n rows (Fisher and Yates). */
void dataset_shuffle(size_t *order, size_t n, uint64_t *state);

/* Returns a random float, uniform with mean 0 and variance 1. */
float dataset_random(uint64_t *state);

/* Writes a row as floats, standardized if the data are bytes: for peers that compute on floats. */
void dataset_row(float *x, const dataset *data, size_t row);

/* Returns zeroed memory, aligned to a cache line; exits if there is none. */
void *dataset_memory(size_t n, size_t size);

#endif
