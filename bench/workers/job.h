/* A job: what a worker measures. run.py sends it as one line of key=value words. */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stddef.h>

enum { JOB_LAYERS = 128, JOB_WORD = 32 };

typedef struct bench_job {
    /* train, predict, start (create all, one step, destroy all) or memory; for peak_worker.c: fma
     * (multiply-adds in registers) or read (an array is summed) */
    char kind[JOB_WORD];
    char dtype[JOB_WORD]; /* f32 or f64: of the arithmetic */
    char rows_dtype
        [JOB_WORD];       /* u8 or f32: of the rows; u8 are standardized in the step */
    char isa[JOB_WORD];   /* widest or avx2: the vectors of peak_worker.c */
    char clock[JOB_WORD]; /* wall or cpu: wall time, or CPU time of this process */
    size_t sizes[JOB_LAYERS + 1]; /* columns of the rows, then the units of each layer */
    size_t layers;
    size_t batchnorm; /* 1: after each hidden layer's product W x */
    size_t batch, rows, threads;
    size_t profile; /* 1: measures phases, too */
    size_t bytes;   /* size of the array that the kind "read" sums */
    size_t repeats; /* runs per measurement; 0: as many as take `seconds` */
    double sigma;   /* standard deviation of the initial weights; 0: He's */
    double rate;    /* learning rate of SGD */
    double lambda;  /* weight of the penalty sum W^2 */
    double seconds; /* target duration of a measurement */
} bench_job;

/* Reads the words. Returns NULL, or the first word whose key or value is not valid. */
const char *job_parse(bench_job *job, char *line);

/* Returns whether two words are equal. */
bool job_is(const char *word, const char *other);

#endif
