/* Every task runs once, on any number of threads, and in a forked child. */
#define _DEFAULT_SOURCE /* usleep */
#include "base/parallel.h"
#include "../runner/suites.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TASKS = 57 };

static void count(void *context, size_t task)
{
    atomic_int *counts = context;
    atomic_fetch_add(counts + task, 1);
}

static void run_and_check(mlpbn__pool *pool, size_t n)
{
    atomic_int counts[TASKS + 1] = {0};
    mlpbn__parallel(pool, n, count, counts);
    for (size_t i = 0; i <= TASKS; i++)
        ck_assert_int_eq(counts[i], i < n);
}

LOOP_TEST(each_task_runs_once, 5)
{
    const int available = mlpbn__threads_available();
    ck_assert_int_ge(available, 1);
    ck_assert_int_le(available, MLPBN__MAX_THREADS);
    static const int threads[] = {1, 2, 3, 7, 64};
    mlpbn__pool *pool;
    ck_assert(mlpbn__pool_new(&pool, threads[_i]));
    ck_assert(threads[_i] > 1 || !pool); /* one thread needs no pool */
    for (int round = 0; round < 200; round++)
        for (size_t n = 0; n <= TASKS; n += 19)
            run_and_check(pool, n);
    usleep(20000); /* now its threads sleep */
    run_and_check(pool, TASKS);
    mlpbn__pool_free(pool);
}

enum { ROWS = 61, COLUMNS = 2385, STRIDE = 2400, PANEL = 784 };

static void count_block(void *context, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        count(context, i);
}

LOOP_TEST(panels_cover_a_matrix_once, 3)
{
    static atomic_int counts[ROWS * STRIDE + 1];
    mlpbn__pool *pool;
    for (size_t i = 0; i <= ROWS * STRIDE; i++)
        counts[i] = 0; /* with CK_FORK=no the loop runs in one process */
    ck_assert(mlpbn__pool_new(&pool, 1 + _i));
    mlpbn__parallel_panels(pool, ROWS, COLUMNS, STRIDE, PANEL, count_block, counts);
    for (size_t i = 0; i <= ROWS * STRIDE; i++)
        ck_assert_int_eq(counts[i], i < ROWS * STRIDE);
    mlpbn__pool_free(pool);
}

/* A child has the pool's memory but not its threads: it must not wait for them. */
TEST(a_forked_child_computes)
{
    mlpbn__pool *pool;
    ck_assert(mlpbn__pool_new(&pool, 4));
    run_and_check(pool, TASKS);
    int ends[2];
    char ran = 0;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) { /* It reports through the pipe: valgrind sets exit codes. */
        alarm(60);
        atomic_int counts[TASKS] = {0};
        mlpbn__parallel(pool, TASKS, count, counts);
        for (size_t i = 0; i < TASKS; i++)
            ran = (char)(ran + counts[i]);
        mlpbn__pool_free(pool);
        _exit(write(ends[1], &ran, 1) != 1);
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &ran, 1), 1);
    ck_assert_int_eq(ran, TASKS);
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    run_and_check(pool, TASKS);
    mlpbn__pool_free(pool);
}
