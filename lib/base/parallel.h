/* Independent tasks on several threads; the only place that starts any. Which thread runs
 * a task must not matter to its result: then the number of threads never does. */
#ifndef MLPBN_BASE_PARALLEL_H
#define MLPBN_BASE_PARALLEL_H

#include <stddef.h>

enum { MLPBN__MAX_THREADS = 1024 };

typedef struct mlpbn__pool mlpbn__pool;
typedef void mlpbn__task(void *context, size_t task);

/* Makes a pool of this many threads, the caller of mlpbn__parallel counted, so threads - 1
 * are started. *pool is NULL where one is enough, or in a build without threads. Returns
 * whether that worked. */
int mlpbn__pool_new(mlpbn__pool **pool, int threads);

/* Ends its threads; also right in a forked child, which has none. pool may be NULL. */
void mlpbn__pool_free(mlpbn__pool *pool);

/* Runs task(context, 0) .. task(context, n - 1); one call at a time on one pool. In order
 * on this thread where pool is NULL or was made before a fork. */
void mlpbn__parallel(mlpbn__pool *pool, size_t n, mlpbn__task *task, void *context);

/* The same for the numbers 0 .. n - 1, a block of them a task: task(context, begin, end). */
typedef void mlpbn__block_task(void *context, size_t begin, size_t end);
void mlpbn__parallel_blocks(mlpbn__pool *pool, size_t n, size_t block,
                            mlpbn__block_task *task, void *context);

/* The same for all numbers of a matrix, whose rows have columns and padding: panel of columns
 * by panel, so that a thread gets the columns that it gets in other computations, too. */
void mlpbn__parallel_panels(mlpbn__pool *pool, size_t rows, size_t columns, size_t stride,
                            size_t panel, mlpbn__block_task *task, void *context);

enum { MLPBN__LONG_BLOCK = 16384 }; /* numbers, for a pass over a long array */

/* Threads this process may run at once, by its affinity mask; 1 in a build without. */
int mlpbn__threads_available(void);

#endif
