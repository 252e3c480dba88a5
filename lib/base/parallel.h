/* Runs independent tasks on several threads. No other file of the library starts a thread.
 * The result of a task must not depend on the thread that runs it: then no result depends on
 * the number of threads. */
#ifndef MLPBN_BASE_PARALLEL_H
#define MLPBN_BASE_PARALLEL_H

#include <stddef.h>

enum { MLPBN__MAX_THREADS = 1024 };

typedef struct mlpbn__pool mlpbn__pool;
typedef void mlpbn__task(void *context, size_t task);

/* Makes a pool of `threads` threads. One of them is the caller of mlpbn__parallel, so
 * threads - 1 are started. *pool becomes NULL if threads is 1 or the build has no threads.
 * Returns 0 on failure. */
int mlpbn__pool_new(mlpbn__pool **pool, int threads);

/* Ends the threads of the pool and frees it; in a forked child, which does not have these
 * threads, only frees it. pool may be NULL. */
void mlpbn__pool_free(mlpbn__pool *pool);

/* Runs task(context, 0) .. task(context, n - 1), and returns when all are done. At most one
 * call may run on a pool at a time. If pool is NULL or was made before a fork, the tasks run
 * in order on the calling thread. */
void mlpbn__parallel(mlpbn__pool *pool, size_t n, mlpbn__task *task, void *context);

/* A task on the elements begin .. end - 1. */
typedef void mlpbn__block_task(void *context, size_t begin, size_t end);

/* Runs the task on the elements 0 .. n - 1, in blocks of `block` elements. */
void mlpbn__parallel_blocks(mlpbn__pool *pool, size_t n, size_t block,
                            mlpbn__block_task *task, void *context);

/* Runs the task on all elements of a matrix [rows][stride], padding included, in panels of
 * `panel` columns: each thread processes the same columns as in a matrix product. */
void mlpbn__parallel_panels(mlpbn__pool *pool, size_t rows, size_t columns, size_t stride,
                            size_t panel, mlpbn__block_task *task, void *context);

enum { MLPBN__LONG_BLOCK = 16384 }; /* elements of a block of a long array */

/* Number of CPUs in the affinity mask of this process; 1 in a build without threads. */
int mlpbn__threads_available(void);

#endif
