/* A pool of threads for training runs, with one line of progress for all. */
#ifndef JOB_POOL_H
#define JOB_POOL_H

#include "progress.h"

#include <stddef.h>

typedef struct job_pool_jobs {
    const char *name; /* for the line of progress */
    size_t n;         /* jobs 0 to n - 1 */
    const bool *done; /* [n]: jobs that are skipped */
    uint64_t threads; /* 0: one for each processor */
    uint64_t steps;   /* per job */
    bool quiet;
    /* Runs a job, on any thread; bar is for train_run(). */
    void (*run)(void *context, size_t job, progress_bar *bar);
    /* Called after each job, by one thread at a time. */
    void (*finished)(void *context, size_t job);
    void *context;
} job_pool_jobs;

/* Runs the jobs, in order if there is one thread. Errors are fatal. */
void job_pool_run(const job_pool_jobs *jobs);

#endif
