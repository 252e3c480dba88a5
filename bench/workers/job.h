/* What the driver asks a worker to measure: one line of key=value words, as run.py sends
 * it, made into a struct. */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stddef.h>

enum { JOB_LAYERS = 128, JOB_WORD = 32 };

typedef struct bench_job {
    char kind[JOB_WORD];  /* train, predict, start, memory; fma and read of the machine */
    char dtype[JOB_WORD]; /* f32 or f64: of the arithmetic */
    char data[JOB_WORD];  /* u8 or f32: of the rows; u8 are standardized in the step */
    char isa[JOB_WORD];   /* widest or avx2, of fma and read */
    char clock
        [JOB_WORD]; /* wall or cpu: time that passes, or that this process computes */
    size_t sizes[JOB_LAYERS + 1]; /* columns of the rows, then the units of each layer */
    size_t layers;
    size_t batchnorm; /* 1: behind every hidden product */
    size_t batch, rows, threads;
    size_t timing;  /* 1: of phases, too */
    size_t bytes;   /* of read */
    size_t units;   /* of a measurement; 0: as many as take `seconds` */
    double sigma;   /* of the initial weights; 0: He's */
    double rate;    /* of SGD */
    double lambda;  /* of lambda sum W^2 */
    double seconds; /* that a measurement should take */
} bench_job;

/* Reads the words; returns the first that is no such key or no such value, or NULL. */
const char *job_parse(bench_job *job, char *line);

bool job_is(const char *word, const char *other);

#endif
