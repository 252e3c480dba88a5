/* A thread pool with work stealing. A job is n tasks. Each thread owns a range of neighboring
 * tasks, the same one for every job of the same size, so that the data of these tasks stays in
 * that CPU's cache from job to job. A thread runs its own range from the front and then steals
 * tasks from the far end of the other ranges. The caller is one of the threads, and at the end
 * of a job it waits only for tasks that other threads have begun: a thread that the system has
 * descheduled delays no one. (An OpenMP region ends only when every thread has arrived, and
 * the OpenMP runtime ends the process when a thread cannot be started.)
 *
 *   range:  | first task left | one past the last |     32 + 32 bits, one atomic word
 *
 * A thread reads pool->task and pool->context only after it has taken a task. The job cannot
 * end before that task is done, so the two cannot change meanwhile. */
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
    SPINS_PER_YIELD = 500, /* takes some microseconds */
    MAX_TASKS = 1 << 20    /* keeps n * threads within size_t */
};
/* How long a thread without work spins before it sleeps. It is longer than what a training
 * step does on one thread between two matrix products; waking a thread takes tens of
 * microseconds. */
static const double SPIN_SECONDS = 2e-3;

enum { CACHE_LINE = 64 };

typedef struct worker {
    _Alignas(CACHE_LINE) atomic_uint_least64_t range;
    mlpbn__pool *pool;
    size_t index; /* 0: the caller */
    pthread_t thread;
} worker;

struct mlpbn__pool {
    atomic_size_t unfinished; /* tasks of the current job */
    mlpbn__task *task;
    void *context;

    atomic_uint jobs;    /* begun since the pool was made */
    atomic_int sleepers; /* threads that wait on `wake` */
    int stopping;        /* guarded by the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t wake;

    pid_t process;    /* the process that started the threads */
    size_t n_started; /* including the caller */
    size_t n_threads;
    worker workers[];
};

static void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static uint_least64_t pack_range(uint_least64_t first, uint_least64_t end)
{
    return first << 32 | end;
}

/* Takes the first or the last task of a range. Returns 0 if the range is empty. */
static int take_task(atomic_uint_least64_t *range, int from_front, size_t *task)
{
    uint_least64_t now = atomic_load(range), first, end, left;
    do {
        first = now >> 32;
        end = now & UINT32_MAX;
        if (first == end)
            return 0;
        left = from_front ? pack_range(first + 1, end) : pack_range(first, end - 1);
    } while (!atomic_compare_exchange_weak(range, &now, left));
    *task = (size_t)(from_front ? first : end - 1);
    return 1;
}

/* Runs the tasks of worker `self` and then steals, until no task is left. */
static void run_tasks(mlpbn__pool *pool, size_t self)
{
    for (size_t i = 0; i < pool->n_threads; i++) {
        worker *owner = pool->workers + (self + i) % pool->n_threads;
        for (size_t task; take_task(&owner->range, i == 0, &task);) {
            pool->task(pool->context, task);
            atomic_fetch_sub(&pool->unfinished, 1);
        }
    }
}

/* Spins until pool->jobs differs from `done`. Returns 0 after SPIN_SECONDS. */
static int spin_for_job(mlpbn__pool *pool, unsigned done)
{
    double start = mlpbn__now();
    do {
        for (int i = 0; i < SPINS_PER_YIELD; i++, cpu_relax())
            if (atomic_load(&pool->jobs) != done)
                return 1;
        sched_yield(); /* another thread may have work */
    } while (mlpbn__now() - start < SPIN_SECONDS);
    return 0;
}

/* Waits until pool->jobs differs from `done`. Returns 0 when the pool stops. */
static int wait_job(mlpbn__pool *pool, unsigned done)
{
    if (spin_for_job(pool, done))
        return 1;
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1); /* before the check below: see wake_sleepers */
    while (atomic_load(&pool->jobs) == done && !pool->stopping)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    int has_job = !pool->stopping;
    pthread_mutex_unlock(&pool->mutex);
    return has_job;
}

static void *worker_main(void *argument)
{
    worker *self = argument;
    unsigned done = 0;
    while (wait_job(self->pool, done)) {
        done = atomic_load(&self->pool->jobs);
        run_tasks(self->pool, self->index);
    }
    return NULL;
}

/* Must follow the increment of pool->jobs. A thread increments `sleepers` before it checks
 * `jobs`: either this function reads the increment, or that thread reads the new value of
 * `jobs` and does not sleep. */
static void wake_sleepers(mlpbn__pool *pool)
{
    if (atomic_load(&pool->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

static void run_job(mlpbn__pool *pool, size_t n, mlpbn__task *task, void *context)
{
    pool->task = task;
    pool->context = context;
    atomic_store(&pool->unfinished, n);
    for (size_t i = 0; i < pool->n_threads; i++)
        atomic_store(&pool->workers[i].range,
                     pack_range(n * i / pool->n_threads, n * (i + 1) / pool->n_threads));
    atomic_fetch_add(&pool->jobs, 1);
    wake_sleepers(pool);
    run_tasks(pool, 0);
    for (int i = 0; atomic_load(&pool->unfinished) > 0; i++)
        if (i < SPINS_PER_YIELD)
            cpu_relax();
        else
            sched_yield(); /* the thread that has the task may need this CPU */
}

void mlpbn__parallel(mlpbn__pool *pool, size_t n, mlpbn__task *task, void *context)
{
    if (pool && n > 1 && n < MAX_TASKS && pool->process == getpid()) {
        run_job(pool, n, task, context);
        return;
    }
    for (size_t i = 0; i < n; i++)
        task(context, i);
}

/* Starts a thread with all signals blocked: the host program's own threads handle them. */
static int start_worker(worker *self)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return 0;
    int started = pthread_create(&self->thread, NULL, worker_main, self) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static int start_workers(mlpbn__pool *pool)
{
    for (pool->n_started = 1; pool->n_started < pool->n_threads; pool->n_started++) {
        worker *next = pool->workers + pool->n_started;
        next->pool = pool;
        next->index = pool->n_started;
        if (!start_worker(next))
            return 0;
    }
    return 1;
}

int mlpbn__pool_new(mlpbn__pool **pool, int threads)
{
    *pool = NULL;
    if (threads == 1)
        return 1;
    mlpbn__pool *created =
        mlpbn__memory_new(sizeof *created + (size_t)threads * sizeof(worker));
    if (!created)
        return 0;
    if (pthread_mutex_init(&created->mutex, NULL) != 0)
        goto no_mutex;
    if (pthread_cond_init(&created->wake, NULL) != 0)
        goto no_condition;
    created->process = getpid();
    created->n_threads = (size_t)threads;
    if (!start_workers(created)) {
        mlpbn__pool_free(created);
        return 0;
    }
    *pool = created;
    return 1;

no_condition:
    pthread_mutex_destroy(&created->mutex);
no_mutex:
    mlpbn__memory_free(created);
    return 0;
}

void mlpbn__pool_free(mlpbn__pool *pool)
{
    if (pool && pool->process == getpid()) {
        pthread_mutex_lock(&pool->mutex);
        pool->stopping = 1;
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
        for (size_t i = 1; i < pool->n_started; i++)
            pthread_join(pool->workers[i].thread, NULL);
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

typedef struct block_job {
    size_t n, block;
    mlpbn__block_task *task;
    void *context;
} block_job;

static void run_block(void *context, size_t task)
{
    const block_job *job = context;
    size_t begin = task * job->block;
    size_t end = job->n - begin < job->block ? job->n : begin + job->block;
    job->task(job->context, begin, end);
}

void mlpbn__parallel_blocks(mlpbn__pool *pool, size_t n, size_t block,
                            mlpbn__block_task *task, void *context)
{
    block_job job = {n, block, task, context};
    mlpbn__parallel(pool, n / block + (n % block > 0), run_block, &job);
}

typedef struct panel_job {
    size_t rows, columns, stride, panel;
    size_t rows_per_task, tasks_per_panel;
    mlpbn__block_task *task;
    void *context;
} panel_job;

/* The last panel of a row includes the padding. */
static void run_panel_rows(void *context, size_t task)
{
    const panel_job *job = context;
    size_t first_column = task / job->tasks_per_panel * job->panel;
    size_t row = task % job->tasks_per_panel * job->rows_per_task;
    size_t end_row =
        job->rows - row < job->rows_per_task ? job->rows : row + job->rows_per_task;
    size_t end_column = job->columns - first_column <= job->panel
                            ? job->stride
                            : first_column + job->panel;
    for (; row < end_row; row++)
        job->task(job->context, row * job->stride + first_column,
                  row * job->stride + end_column);
}

void mlpbn__parallel_panels(mlpbn__pool *pool, size_t rows, size_t columns, size_t stride,
                            size_t panel, mlpbn__block_task *task, void *context)
{
    if (!pool || columns <= panel) {
        mlpbn__parallel_blocks(pool, rows * stride, MLPBN__LONG_BLOCK, task, context);
        return;
    }
    panel_job job = {.rows = rows,
                     .columns = columns,
                     .stride = stride,
                     .panel = panel,
                     .rows_per_task = MLPBN__LONG_BLOCK / panel + 1,
                     .task = task,
                     .context = context};
    job.tasks_per_panel = rows / job.rows_per_task + (rows % job.rows_per_task > 0);
    mlpbn__parallel(pool, (columns + panel - 1) / panel * job.tasks_per_panel,
                    run_panel_rows, &job);
}
