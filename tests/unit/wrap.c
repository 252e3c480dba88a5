/* Lets calls of the C library fail: the program is linked with -Wl,--wrap. */
#include "wrap.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

long allocations_until_failure = -1;

static int fails(void)
{
    return allocations_until_failure >= 0 && allocations_until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

int failing_call, short_writes;
static const int errors[] = {[FAIL_WRITE] = ENOSPC,
                             [FAIL_FSYNC] = EIO,
                             [FAIL_RENAME] = EACCES,
                             [FAIL_FOLDER_FSYNC] = EIO,
                             [FAIL_FOLDER_FSYNC_UNSUPPORTED] = EINVAL};

int __real_fsync(int descriptor);
int __real_rename(const char *from, const char *to);
ssize_t __real_write(int descriptor, const void *bytes, size_t n);
int __wrap_fsync(int descriptor);
int __wrap_rename(const char *from, const char *to);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t n);

/* Fails if this call is the one that shall. */
static int refuse(int call)
{
    if (failing_call != call)
        return 0;
    errno = errors[call];
    return 1;
}

int __wrap_fsync(int descriptor)
{
    struct stat status;
    int is_folder = fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
    int fails_now =
        is_folder ? refuse(FAIL_FOLDER_FSYNC) || refuse(FAIL_FOLDER_FSYNC_UNSUPPORTED)
                  : refuse(FAIL_FSYNC);
    return fails_now ? -1 : __real_fsync(descriptor);
}

int __wrap_rename(const char *from, const char *to)
{
    return refuse(FAIL_RENAME) ? -1 : __real_rename(from, to);
}

/* Every other short write is interrupted before it begins. */
ssize_t __wrap_write(int descriptor, const void *bytes, size_t n)
{
    if (refuse(FAIL_WRITE))
        return -1;
    if (short_writes > 0 && short_writes++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_write(descriptor, bytes, short_writes > 0 && n > 3 ? 3 : n);
}
