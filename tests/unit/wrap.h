#ifndef WRAP_H
#define WRAP_H

/* How many allocations still succeed before one fails; negative: none fails. */
extern long allocations_until_failure;

/* Which call fails, as on a full disk, a broken one, or where it is forbidden. */
enum {
    FAIL_NOTHING,
    FAIL_WRITE,
    FAIL_FSYNC,
    FAIL_RENAME,
    FAIL_FOLDER_FSYNC,
    FAIL_FOLDER_FSYNC_UNSUPPORTED
};
extern int failing_call;

/* 1: a write takes 3 bytes only, and every other is interrupted; 0: as they are. */
extern int short_writes;

/* Calls of the program and the library so far: malloc, calloc, realloc, free and
 * pthread_mutex_lock; and products through CBLAS. */
extern _Atomic long calls_that_may_wait, calls_of_blas; /* by any thread */

#endif
