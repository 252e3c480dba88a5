/* A pool is a job and threads that take tasks from it. Each thread begins with a share of its
 * own, neighbouring tasks and always the same ones of a job of the same size, so that what
 * they work on stays in that CPU's cache from job to job; then it takes what others have not
 * begun, from the far end of their shares. The caller is one of the threads, and waits only
 * for tasks that others have begun: a thread that the system has put aside, on a machine with
 * much else to do, delays nobody. (OpenMP's regions end when every thread has arrived; and
 * its runtime ends the process when a thread cannot be started.)
 *
 *   share:  | first task not taken | the one past the last |     one atomic word
 *
 * What task and context are is read after a task was taken: the job cannot end, and so they
 * cannot change, before it is done. */
#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity */
#endif

#include "base/parallel.h"

#if MLPBN_THREADS

#include "base/clock.h"
#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

enum {
    SPINS = 500, /* looks in a row, some microseconds */
    MOST_TASKS = 1 << 20
};
/* Seconds that a thread stays awake without work: longer than what a training step does on
 * one thread between two products. Waking up takes tens of microseconds. */
static const double PATIENCE = 2e-3;

enum { CACHE_LINE = 64 };

typedef struct mate {
    _Alignas(CACHE_LINE) atomic_uint_least64_t share;
    mlpbn__pool *pool;
    size_t number; /* 0: the caller */
    pthread_t thread;
} mate;

struct mlpbn__pool {
    atomic_size_t unfinished; /* tasks of this job */
    mlpbn__task *task;
    void *context;

    atomic_uint jobs;    /* so far */
    atomic_int sleepers; /* threads that wait for a job on `wake` */
    int ending;          /* guarded by mutex, as sleeping is */
    pthread_mutex_t mutex;
    pthread_cond_t wake;

    pid_t process;  /* that started the threads */
    size_t started; /* the caller counted */
    size_t threads;
    mate mates[];
};

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static uint_least64_t share_of(uint_least64_t first, uint_least64_t end)
{
    return first << 32 | end;
}

/* Takes the first task of a share, or the last; returns whether there was one. */
static int take(atomic_uint_least64_t *share, int from_front, size_t *task)
{
    uint_least64_t now = atomic_load(share), first, end, left;
    do {
        first = now >> 32;
        end = now & UINT32_MAX;
        if (first == end)
            return 0;
        left = from_front ? share_of(first + 1, end) : share_of(first, end - 1);
    } while (!atomic_compare_exchange_weak(share, &now, left));
    *task = (size_t)(from_front ? first : end - 1);
    return 1;
}

/* Does tasks until none is left, its own first. */
static void work(mlpbn__pool *pool, size_t self)
{
    for (size_t i = 0; i < pool->threads; i++) {
        mate *whose = pool->mates + (self + i) % pool->threads;
        for (size_t task; take(&whose->share, i == 0, &task);) {
            pool->task(pool->context, task);
            atomic_fetch_sub(&pool->unfinished, 1);
        }
    }
}

/* Whether there is another job before patience ends. */
static int comes_soon(mlpbn__pool *pool, unsigned done)
{
    double start = mlpbn__now();
    do {
        for (int i = 0; i < SPINS; i++, relax())
            if (atomic_load(&pool->jobs) != done)
                return 1;
        sched_yield(); /* to a thread that has work, maybe */
    } while (mlpbn__now() - start < PATIENCE);
    return 0;
}

/* Until there is another job; returns 0 when the pool ends. */
static int await_job(mlpbn__pool *pool, unsigned done)
{
    if (comes_soon(pool, done))
        return 1;
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1); /* before the last look: see wake_sleepers */
    while (atomic_load(&pool->jobs) == done && !pool->ending)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    int goes_on = !pool->ending;
    pthread_mutex_unlock(&pool->mutex);
    return goes_on;
}

static void *worker(void *argument)
{
    mate *self = argument;
    unsigned seen = 0;
    while (await_job(self->pool, seen)) {
        seen = atomic_load(&self->pool->jobs);
        work(self->pool, self->number);
    }
    return NULL;
}

/* Comes after the job was counted: either the sleeper is seen here, or it sees the job. */
static void wake_sleepers(mlpbn__pool *pool)
{
    if (atomic_load(&pool->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

static void run(mlpbn__pool *pool, size_t n, mlpbn__task *task, void *context)
{
    pool->task = task;
    pool->context = context;
    atomic_store(&pool->unfinished, n);
    for (size_t i = 0; i < pool->threads; i++)
        atomic_store(&pool->mates[i].share,
                     share_of(n * i / pool->threads, n * (i + 1) / pool->threads));
    atomic_fetch_add(&pool->jobs, 1);
    wake_sleepers(pool);
    work(pool, 0);
    for (int i = 0; atomic_load(&pool->unfinished) > 0; i++)
        if (i < SPINS)
            relax();
        else
            sched_yield(); /* to the thread that has the task, maybe */
}

void mlpbn__parallel(mlpbn__pool *pool, size_t n, mlpbn__task *task, void *context)
{
    if (pool && n > 1 && n < MOST_TASKS && pool->process == getpid()) {
        run(pool, n, task, context);
        return;
    }
    for (size_t i = 0; i < n; i++)
        task(context, i);
}

/* The host's signals are for its own threads. */
static int start(mate *self)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return 0;
    int started = pthread_create(&self->thread, NULL, worker, self) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static int start_all(mlpbn__pool *pool)
{
    for (pool->started = 1; pool->started < pool->threads; pool->started++) {
        mate *next = pool->mates + pool->started;
        next->pool = pool;
        next->number = pool->started;
        if (!start(next))
            return 0;
    }
    return 1;
}

int mlpbn__pool_new(mlpbn__pool **pool, int threads)
{
    *pool = NULL;
    if (threads == 1)
        return 1;
    mlpbn__pool *made = mlpbn__memory_new(sizeof *made + (size_t)threads * sizeof(mate));
    if (!made)
        return 0;
    if (pthread_mutex_init(&made->mutex, NULL) != 0)
        goto no_mutex;
    if (pthread_cond_init(&made->wake, NULL) != 0)
        goto no_condition;
    made->process = getpid();
    made->threads = (size_t)threads;
    if (!start_all(made)) {
        mlpbn__pool_free(made);
        return 0;
    }
    *pool = made;
    return 1;

no_condition:
    pthread_mutex_destroy(&made->mutex);
no_mutex:
    mlpbn__memory_free(made);
    return 0;
}

void mlpbn__pool_free(mlpbn__pool *pool)
{
    if (pool && pool->process == getpid()) {
        pthread_mutex_lock(&pool->mutex);
        pool->ending = 1;
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
        for (size_t i = 1; i < pool->started; i++)
            pthread_join(pool->mates[i].thread, NULL);
        pthread_cond_destroy(&pool->wake);
        pthread_mutex_destroy(&pool->mutex);
    }
    mlpbn__memory_free(pool);
}

int mlpbn__threads_available(void)
{
    long available = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0)
        available = CPU_COUNT(&mask);
#endif
    if (available < 1)
        return 1;
    return available < MLPBN__MAX_THREADS ? (int)available : MLPBN__MAX_THREADS;
}

#else

int mlpbn__pool_new(mlpbn__pool **pool, int threads)
{
    (void)threads;
    *pool = NULL;
    return 1;
}

void mlpbn__pool_free(mlpbn__pool *pool)
{
    (void)pool;
}

void mlpbn__parallel(mlpbn__pool *pool, size_t n, mlpbn__task *task, void *context)
{
    (void)pool;
    for (size_t i = 0; i < n; i++)
        task(context, i);
}

int mlpbn__threads_available(void)
{
    return 1;
}

#endif

typedef struct blocks {
    size_t n, block;
    mlpbn__block_task *task;
    void *context;
} blocks;

static void run_block(void *context, size_t number)
{
    const blocks *b = context;
    size_t begin = number * b->block;
    size_t end = b->n - begin < b->block ? b->n : begin + b->block;
    b->task(b->context, begin, end);
}

void mlpbn__parallel_blocks(mlpbn__pool *pool, size_t n, size_t block,
                            mlpbn__block_task *task, void *context)
{
    blocks b = {n, block, task, context};
    mlpbn__parallel(pool, n / block + (n % block > 0), run_block, &b);
}

typedef struct panels {
    size_t rows, columns, stride, panel;
    size_t block;      /* rows of a task */
    size_t in_a_panel; /* tasks */
    mlpbn__block_task *task;
    void *context;
} panels;

static void run_panel_block(void *context, size_t number)
{
    const panels *p = context;
    size_t column = number / p->in_a_panel * p->panel;
    size_t row = number % p->in_a_panel * p->block;
    size_t end = p->rows - row < p->block ? p->rows : row + p->block;
    size_t stop = p->columns - column <= p->panel ? p->stride : column + p->panel;
    for (; row < end; row++)
        p->task(p->context, row * p->stride + column, row * p->stride + stop);
}

void mlpbn__parallel_panels(mlpbn__pool *pool, size_t rows, size_t columns, size_t stride,
                            size_t panel, mlpbn__block_task *task, void *context)
{
    if (!pool || columns <= panel) {
        mlpbn__parallel_blocks(pool, rows * stride, MLPBN__LONG_BLOCK, task, context);
        return;
    }
    panels p = {rows, columns, stride, panel, MLPBN__LONG_BLOCK / panel + 1,
                0,    task,    context};
    p.in_a_panel = rows / p.block + (rows % p.block > 0);
    mlpbn__parallel(pool, (columns + panel - 1) / panel * p.in_a_panel, run_panel_block,
                    &p);
}
