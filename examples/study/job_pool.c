/* A pool of threads; each runs the next job until none is left. */
#include "job_pool.h"

#include "fatal.h"
#include "stopwatch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct job_pool {
    const job_pool_jobs *jobs;
    pthread_mutex_t lock;
    pthread_cond_t changed;   /* a job was finished */
    size_t next;              /* jobs below this index are running, finished or skipped */
    uint64_t finished, to_do; /* the number of jobs finished here, and of all to run */
    _Atomic uint64_t steps;   /* training steps done in all jobs */
    double start;             /* stopwatch when the pool started */
    bool terminal;            /* stderr is a terminal */
} job_pool;

/* Returns the next job that is not done, or jobs->n. The caller holds the lock. */
static size_t next_job(job_pool *pool)
{
    while (pool->next < pool->jobs->n && pool->jobs->done[pool->next])
        pool->next++;
    return pool->next < pool->jobs->n ? pool->next++ : pool->jobs->n;
}

static void show(const job_pool *pool)
{
    const job_pool_jobs *jobs = pool->jobs;
    double total = (double)pool->to_do * (double)jobs->steps;
    progress_overall(pool->terminal, jobs->name, jobs->n - pool->to_do + pool->finished,
                     jobs->n, (double)pool->steps / total, stopwatch_now() - pool->start);
}

static void *work(void *argument)
{
    job_pool *pool = argument;
    const job_pool_jobs *jobs = pool->jobs;
    pthread_mutex_lock(&pool->lock);
    for (size_t job; (job = next_job(pool)) < jobs->n;) {
        pthread_mutex_unlock(&pool->lock);
        progress_bar bar = {.shown = false, .counter = &pool->steps};
        jobs->run(jobs->context, job, &bar);
        pthread_mutex_lock(&pool->lock);
        jobs->finished(jobs->context, job);
        pool->finished++;
        if (!jobs->quiet && !pool->terminal) /* a line for every job */
            show(pool);
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Redraws a terminal's bar until all jobs are finished. The caller holds the lock. */
static void watch(job_pool *pool)
{
    bool bar = !pool->jobs->quiet && pool->terminal;
    while (pool->finished < pool->to_do) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
        if (bar)
            show(pool);
    }
    if (bar)
        fputs("\r\033[K", stderr);
}

static uint64_t thread_count(const job_pool_jobs *jobs, uint64_t max)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t n = jobs->threads    ? jobs->threads
                 : processors > 0 ? (uint64_t)processors
                                  : 1;
    return n < max ? n : max;
}

void job_pool_run(const job_pool_jobs *jobs)
{
    job_pool pool = {.jobs = jobs,
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .changed = PTHREAD_COND_INITIALIZER,
                     .start = stopwatch_now(),
                     .terminal = isatty(STDERR_FILENO) != 0};
    for (size_t i = 0; i < jobs->n; i++)
        pool.to_do += !jobs->done[i];
    uint64_t n = thread_count(jobs, pool.to_do);
    pthread_t *threads = malloc((size_t)(n + 1) * sizeof *threads);
    if (!threads)
        fatal("no memory for %zu threads", (size_t)n);
    pthread_mutex_lock(&pool.lock);
    for (uint64_t i = 0; i < n; i++) {
        int error = pthread_create(&threads[i], NULL, work, &pool);
        if (error)
            fatal("cannot start a thread: %s", strerror(error));
    }
    watch(&pool);
    pthread_mutex_unlock(&pool.lock);
    for (uint64_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    free(threads);
}
