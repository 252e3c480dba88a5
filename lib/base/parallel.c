/* A pool is a job and threads that take tasks from it. The caller takes tasks, too, and
 * waits only for tasks that others have begun: a thread that the system has put aside, on
 * a machine with much else to do, delays nobody. (OpenMP's regions end when every thread
 * has arrived; and its runtime ends the process when a thread cannot be started.)
 *
 *   ticket:  | number of the job | tasks not yet taken |     one atomic word
 *
 * To take a task is to lower the ticket by one, which fails if anybody was faster or the
 * job is another by now. What task and context are is read after that: the job cannot end,
 * and so they cannot change, before the taken task is done. */
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

#define TASKS_LEFT UINT32_MAX /* the ticket's lower half */
enum { SPINS = 500 };         /* looks in a row, some microseconds */
/* Seconds that a thread stays awake without work: longer than what a training step does on
 * one thread between two products. Waking up takes tens of microseconds. */
static const double PATIENCE = 2e-3;

struct mlpbn__pool {
    atomic_uint_least64_t ticket;
    atomic_size_t unfinished; /* tasks of this job */
    mlpbn__task *task;
    void *context;
    size_t n;

    atomic_int sleepers; /* threads that wait for a job on `wake` */
    int ending;          /* guarded by mutex, as sleeping is */
    pthread_mutex_t mutex;
    pthread_cond_t wake;

    pid_t process; /* that started the threads */
    int started;
    pthread_t threads[];
};

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Takes tasks until none is left. */
static void work(mlpbn__pool *pool)
{
    uint_least64_t ticket = atomic_load(&pool->ticket);
    while (ticket & TASKS_LEFT) {
        if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket - 1))
            continue;
        pool->task(pool->context, pool->n - (size_t)(ticket & TASKS_LEFT));
        atomic_fetch_sub(&pool->unfinished, 1);
        ticket = atomic_load(&pool->ticket);
    }
}

static int has_work(mlpbn__pool *pool)
{
    return (atomic_load(&pool->ticket) & TASKS_LEFT) != 0;
}

/* Whether there is work before patience ends. */
static int comes_soon(mlpbn__pool *pool)
{
    double start = mlpbn__now();
    do {
        for (int i = 0; i < SPINS; i++, relax())
            if (has_work(pool))
                return 1;
        sched_yield(); /* to a thread that has work, maybe */
    } while (mlpbn__now() - start < PATIENCE);
    return 0;
}

/* Until there is work; returns 0 when the pool ends. */
static int await_work(mlpbn__pool *pool)
{
    if (comes_soon(pool))
        return 1;
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1); /* before the last look: see wake_sleepers */
    while (!has_work(pool) && !pool->ending)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    int goes_on = !pool->ending;
    pthread_mutex_unlock(&pool->mutex);
    return goes_on;
}

static void *worker(void *argument)
{
    while (await_work(argument))
        work(argument);
    return NULL;
}

/* Comes after the ticket was written: either the sleeper is seen here, or it sees work. */
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
    pool->n = n;
    atomic_store(&pool->unfinished, n);
    uint_least64_t job = (atomic_load(&pool->ticket) | TASKS_LEFT) + 1;
    atomic_store(&pool->ticket, job | n);
    wake_sleepers(pool);
    work(pool);
    for (int i = 0; atomic_load(&pool->unfinished) > 0; i++)
        if (i < SPINS)
            relax();
        else
            sched_yield(); /* to the thread that has the task, maybe */
}

void mlpbn__parallel(mlpbn__pool *pool, size_t n, mlpbn__task *task, void *context)
{
    if (pool && n > 1 && n < TASKS_LEFT && pool->process == getpid()) {
        run(pool, n, task, context);
        return;
    }
    for (size_t i = 0; i < n; i++)
        task(context, i);
}

/* The host's signals are for its own threads. */
static int start(pthread_t *thread, mlpbn__pool *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return 0;
    int started = pthread_create(thread, NULL, worker, pool) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static int start_all(mlpbn__pool *pool, int workers)
{
    pool->process = getpid();
    while (pool->started < workers && start(pool->threads + pool->started, pool))
        pool->started++;
    return pool->started == workers;
}

int mlpbn__pool_new(mlpbn__pool **pool, int threads)
{
    *pool = NULL;
    if (threads == 1)
        return 1;
    size_t workers = (size_t)threads - 1;
    mlpbn__pool *made = mlpbn__memory_new(sizeof *made + workers * sizeof(pthread_t));
    if (!made)
        return 0;
    if (pthread_mutex_init(&made->mutex, NULL) != 0)
        goto no_mutex;
    if (pthread_cond_init(&made->wake, NULL) != 0)
        goto no_condition;
    if (!start_all(made, threads - 1)) {
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
        for (int i = 0; i < pool->started; i++)
            pthread_join(pool->threads[i], NULL);
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
