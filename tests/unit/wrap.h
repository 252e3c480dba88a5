/* Allocations and calls of files that the linker redirects to wrap.c, which makes them fail or
 * counts them. */
#ifndef WRAP_H
#define WRAP_H

/* How many allocations still succeed before one fails; negative: none fails. */
extern long allocations_until_failure;

/* The call that fails. */
enum {
    FAIL_NOTHING,
    FAIL_WRITE, /* as on a full disk */
    FAIL_FSYNC, /* as on a broken disk */
    FAIL_RENAME,
    FAIL_FOLDER_FSYNC,             /* as on a broken disk */
    FAIL_FOLDER_FSYNC_UNSUPPORTED, /* as on file systems that cannot do it */
    FAIL_FOLDER_OPEN,              /* as of a folder that may not be read */
    FAIL_FSTAT,
    /* interrupted once, by a signal */
    INTERRUPT_FSYNC,
    INTERRUPT_FOLDER_FSYNC,
    INTERRUPT_FTRUNCATE,
    INTERRUPT_FCHMOD,
    INTERRUPT_FLOCK
};
extern int failing_call;

/* 1: each write takes at most 3 bytes, and every second one is interrupted (EINTR); 0: writes
 * are not changed. */
extern int short_writes;

/* Calls of the program and the library so far: malloc, calloc, realloc, free and
 * pthread_mutex_lock; and products through CBLAS. */
extern _Atomic long calls_that_may_wait, calls_of_blas; /* by any thread */

#endif
