/* Training runs side by side on threads, which share the pictures, with one line of progress
 * for all of them. */
#ifndef JOB_POOL_H
#define JOB_POOL_H

#include "progress.h"

#include <stddef.h>

typedef struct job_list {
    const char *what; /* for the line of progress */
    size_t n;         /* jobs 0 to n - 1 */
    const bool *done; /* [n]: those that need not be run */
    uint64_t threads; /* jobs at once; 0: as many as there are processors */
    uint64_t steps;   /* in a job */
    bool quiet;
    /* Called on some thread. bar is to be handed to trial_run. */
    void (*run)(void *context, size_t job, progress_bar *bar);
    /* Called for each job that has run, one at a time. */
    void (*finished)(void *context, size_t job);
    void *context;
} job_list;

/* Runs them, in order where threads is 1. Errors are fatal. */
void jobs_run(const job_list *jobs);

#endif
