/* Lets calls of the C library fail, and counts those that a quiet prediction must not
 * make: the program is linked with -Wl,--wrap. */
#include "wrap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The function that takes the place of another, and the other one. */
#define WRAP(result, name, ...)                                                          \
    result __real_##name(__VA_ARGS__);                                                   \
    result __wrap_##name(__VA_ARGS__);                                                   \
    result __wrap_##name(__VA_ARGS__)

long allocations_until_failure = -1;
_Atomic long calls_that_may_wait, calls_of_blas;

static int fails(void)
{
    calls_that_may_wait++;
    return allocations_until_failure >= 0 && allocations_until_failure-- == 0;
}

WRAP(void *, malloc, size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

WRAP(void *, calloc, size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

int failing_call, short_writes;
static const int errors[] = {[FAIL_WRITE] = ENOSPC,
                             [FAIL_FSYNC] = EIO,
                             [FAIL_RENAME] = EACCES,
                             [FAIL_FOLDER_FSYNC] = EIO,
                             [FAIL_FOLDER_FSYNC_UNSUPPORTED] = EINVAL,
                             [FAIL_FOLDER_OPEN] = EACCES,
                             [FAIL_FSTAT] = EIO};

/* Fails if this call is the one that shall. */
static int refuse(int call)
{
    if (failing_call != call)
        return 0;
    errno = call >= INTERRUPT_FSYNC ? EINTR : errors[call];
    if (errno == EINTR)
        failing_call = FAIL_NOTHING;
    return 1;
}

WRAP(int, ftruncate, int descriptor, off_t size)
{
    return refuse(INTERRUPT_FTRUNCATE) ? -1 : __real_ftruncate(descriptor, size);
}

WRAP(int, fchmod, int descriptor, mode_t mode)
{
    return refuse(INTERRUPT_FCHMOD) ? -1 : __real_fchmod(descriptor, mode);
}

WRAP(int, flock, int descriptor, int operation)
{
    return refuse(INTERRUPT_FLOCK) ? -1 : __real_flock(descriptor, operation);
}

WRAP(int, fstat, int descriptor, struct stat *status)
{
    return refuse(FAIL_FSTAT) ? -1 : __real_fstat(descriptor, status);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (flags & O_DIRECTORY && refuse(FAIL_FOLDER_OPEN))
        return -1;
    return __real_open(path, flags, mode);
}

WRAP(int, fsync, int descriptor)
{
    struct stat status;
    int is_folder = fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
    int fails_now = is_folder ? refuse(FAIL_FOLDER_FSYNC) ||
                                    refuse(FAIL_FOLDER_FSYNC_UNSUPPORTED) ||
                                    refuse(INTERRUPT_FOLDER_FSYNC)
                              : refuse(FAIL_FSYNC) || refuse(INTERRUPT_FSYNC);
    return fails_now ? -1 : __real_fsync(descriptor);
}

WRAP(int, rename, const char *from, const char *to)
{
    return refuse(FAIL_RENAME) ? -1 : __real_rename(from, to);
}

/* Every other short write is interrupted before it begins. */
WRAP(ssize_t, write, int descriptor, const void *bytes, size_t n)
{
    if (refuse(FAIL_WRITE))
        return -1;
    if (short_writes > 0 && short_writes++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_write(descriptor, bytes, short_writes > 0 && n > 3 ? 3 : n);
}

WRAP(void *, realloc, void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

WRAP(void, free, void *memory)
{
    calls_that_may_wait++;
    __real_free(memory);
}

WRAP(int, pthread_mutex_lock, pthread_mutex_t *mutex)
{
    calls_that_may_wait++;
    return __real_pthread_mutex_lock(mutex);
}

#if MLPBN_CBLAS

/* cblas.h is not the same everywhere, but its enumerations are ints. */
#define WRAP_GEMM(name, type)                                                            \
    WRAP(void, name, int order, int transposed_a, int transposed_b, int m, int n, int k, \
         type alpha, const type *a, int lda, const type *b, int ldb, type beta, type *c, \
         int ldc)                                                                        \
    {                                                                                    \
        calls_of_blas++;                                                                 \
        __real_##name(order, transposed_a, transposed_b, m, n, k, alpha, a, lda, b, ldb, \
                      beta, c, ldc);                                                     \
    }

WRAP_GEMM(cblas_sgemm, float)
WRAP_GEMM(cblas_dgemm, double)

#endif
