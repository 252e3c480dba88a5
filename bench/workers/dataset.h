/* The data of a measurement: random rows and labels, the same for every contestant in kind
 * though not in bits. Speed does not depend on the values. */
#ifndef DATASET_H
#define DATASET_H

#include "job.h"

#include <stdint.h>

typedef struct dataset {
    void *x;         /* [rows][columns]: uint8_t, or float with mean 0 and variance 1 */
    int32_t *labels; /* [rows] */
    size_t rows, columns, outputs;
    bool bytes;
} dataset;

/* Standardization of uniform bytes: (x - mean) / std. */
#define DATASET_MEAN 127.5
#define DATASET_STD 73.9

/* Ends the program without memory. */
dataset dataset_make(const bench_job *job);
void dataset_free(dataset *data);

/* An order of n rows to go through, drawn anew: Fisher and Yates. */
void dataset_shuffle(size_t *order, size_t n, uint64_t *state);

/* One float with variance 1 around 0; uniform, which is as good here. */
float dataset_number(uint64_t *state);

/* For peers whose arithmetic is on floats: row r as they want it. */
void dataset_row(float *x, const dataset *data, size_t row);

/* As malloc, but the program ends without memory. */
void *dataset_memory(size_t n, size_t size);

#endif
