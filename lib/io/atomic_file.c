#if defined(__APPLE__)
#define _DARWIN_C_SOURCE /* flock */
#endif

#include "io/atomic_file.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/file_error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_retrying(const char *path, int flags)
{
    int descriptor;
    do
        descriptor = open(path, flags | O_CLOEXEC, 0666);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static int same_file(int descriptor, const char *path)
{
    struct stat opened, named;
    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Opens and locks path.tmp. Another writer may have renamed it between the two, so this checks
 * that the locked file still has that name. */
static mlpbn_status open_temporary(mlpbn__atomic_file *file)
{
    for (;;) {
        file->descriptor =
            open_retrying(file->temporary, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK);
        if (file->descriptor < 0)
            return mlpbn__fail_errno("cannot make its .tmp file");
        if (flock(file->descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            close(file->descriptor);
            return mlpbn__fail(MLPBN_EIO, "another thread or process is writing it");
        }
        if (same_file(file->descriptor, file->temporary))
            return MLPBN_OK;
        close(file->descriptor);
    }
}

/* Empties the file and gives it the permissions of the one that it replaces. */
static mlpbn_status prepare(mlpbn__atomic_file *file, const struct stat *old)
{
    int failed = ftruncate(file->descriptor, 0) != 0;
    if (!failed && old)
        failed = fchmod(file->descriptor, old->st_mode & 0777) != 0;
    if (!failed)
        return MLPBN_OK;
    mlpbn_status status = mlpbn__fail_errno("cannot prepare its .tmp file");
    mlpbn__atomic_file_close(file);
    return status;
}

mlpbn_status mlpbn__atomic_file_open(mlpbn__atomic_file *file, const char *path)
{
    static const char suffix[] = ".tmp";
    struct stat old;
    int exists = stat(path, &old) == 0;
    *file = (mlpbn__atomic_file){.path = path};
    if (exists && !S_ISREG(old.st_mode)) {
        file->descriptor = open_retrying(path, O_WRONLY);
        return file->descriptor < 0 ? mlpbn__fail_errno("cannot open") : MLPBN_OK;
    }
    size_t length = strlen(path);
    file->temporary = mlpbn__memory_new(length + sizeof suffix);
    if (!file->temporary)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for its name");
    memcpy(file->temporary, path, length);
    memcpy(file->temporary + length, suffix, sizeof suffix);
    mlpbn_status status = open_temporary(file);
    if (status) {
        mlpbn__memory_free(file->temporary);
        return status;
    }
    return prepare(file, exists ? &old : NULL);
}

mlpbn_status mlpbn__atomic_file_write(mlpbn__atomic_file *file, const void *bytes,
                                      size_t n)
{
    const char *next = bytes;
    while (n > 0) {
        ssize_t written = write(file->descriptor, next, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return mlpbn__fail_errno("cannot write");
        next += written;
        n -= (size_t)written;
    }
    return MLPBN_OK;
}

/* Syncs the folder of path.tmp, which holds the new name. Cuts the folder's name out of
 * `temporary`. */
static mlpbn_status sync_folder(char *temporary)
{
    char *slash = strrchr(temporary, '/');
    if (!slash)
        strcpy(temporary, ".");
    else
        slash[slash == temporary] = '\0';
    int descriptor = open_retrying(temporary, O_RDONLY | O_DIRECTORY);
    /* EINVAL: the file system cannot sync folders. */
    int failed = descriptor < 0 || (fsync(descriptor) != 0 && errno != EINVAL);
    mlpbn_status status = failed ? mlpbn__fail_errno("cannot sync its folder") : MLPBN_OK;
    if (descriptor >= 0)
        close(descriptor);
    return status;
}

mlpbn_status mlpbn__atomic_file_commit(mlpbn__atomic_file *file)
{
    if (!file->temporary)
        return MLPBN_OK;
    if (fsync(file->descriptor) != 0)
        return mlpbn__fail_errno("cannot sync");
    if (rename(file->temporary, file->path) != 0)
        return mlpbn__fail_errno("cannot rename its .tmp file");
    mlpbn_status status = sync_folder(file->temporary);
    mlpbn__memory_free(file->temporary);
    file->temporary = NULL;
    return status;
}

/* Unlocks explicitly, because a child forked meanwhile shares the lock. */
void mlpbn__atomic_file_close(mlpbn__atomic_file *file)
{
    if (file->temporary)
        unlink(file->temporary);
    flock(file->descriptor, LOCK_UN);
    close(file->descriptor);
    mlpbn__memory_free(file->temporary);
}
