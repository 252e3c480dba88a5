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

/* Opens a file, and tries again when a signal interrupts the call. */
static int open_retrying(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Whether path still names the open file itself, not a link to it. */
static int same_file(int fd, const char *path)
{
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Opens and locks path.tmp. Another writer may rename the file after it is opened and before
 * it is locked, so the locked file must still be path.tmp. */
static mlpbn_status open_temporary(mlpbn__atomic_file *file)
{
    for (;;) {
        file->fd =
            open_retrying(file->temp_path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK);
        if (file->fd < 0)
            return mlpbn__fail_errno("cannot make its .tmp file");
        if (flock(file->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            close(file->fd);
            return mlpbn__fail(MLPBN_EIO, "another thread or process is writing it");
        }
        if (same_file(file->fd, file->temp_path))
            return MLPBN_OK;
        close(file->fd);
    }
}

/* Empties path.tmp and gives it the permissions of the file that it replaces. old: NULL if
 * there is no such file. */
static mlpbn_status prepare(mlpbn__atomic_file *file, const struct stat *old)
{
    int failed = ftruncate(file->fd, 0) != 0;
    if (!failed && old)
        failed = fchmod(file->fd, old->st_mode & 0777) != 0;
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
        file->fd = open_retrying(path, O_WRONLY);
        return file->fd < 0 ? mlpbn__fail_errno("cannot open") : MLPBN_OK;
    }
    size_t length = strlen(path);
    file->temp_path = mlpbn__memory_new(length + sizeof suffix);
    if (!file->temp_path)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for its name");
    memcpy(file->temp_path, path, length);
    memcpy(file->temp_path + length, suffix, sizeof suffix);
    mlpbn_status status = open_temporary(file);
    if (status) {
        mlpbn__memory_free(file->temp_path);
        return status;
    }
    return prepare(file, exists ? &old : NULL);
}

mlpbn_status mlpbn__atomic_file_write(mlpbn__atomic_file *file, const void *bytes,
                                      size_t n)
{
    const char *next = bytes;
    while (n > 0) {
        ssize_t written = write(file->fd, next, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return mlpbn__fail_errno("cannot write");
        next += written;
        n -= (size_t)written;
    }
    return MLPBN_OK;
}

/* Syncs the folder of path.tmp, so that the rename is durable. Truncates temp_path to the
 * name of the folder. */
static mlpbn_status sync_folder(char *temp_path)
{
    char *slash = strrchr(temp_path, '/');
    if (!slash)
        strcpy(temp_path, ".");
    else
        slash[slash == temp_path] = '\0';
    int fd = open_retrying(temp_path, O_RDONLY | O_DIRECTORY);
    /* EINVAL: the file system cannot sync folders. */
    int failed = fd < 0 || (fsync(fd) != 0 && errno != EINVAL);
    mlpbn_status status = failed ? mlpbn__fail_errno("cannot sync its folder") : MLPBN_OK;
    if (fd >= 0)
        close(fd);
    return status;
}

mlpbn_status mlpbn__atomic_file_commit(mlpbn__atomic_file *file)
{
    if (!file->temp_path)
        return MLPBN_OK;
    if (fsync(file->fd) != 0)
        return mlpbn__fail_errno("cannot sync");
    if (rename(file->temp_path, file->path) != 0)
        return mlpbn__fail_errno("cannot rename its .tmp file");
    mlpbn_status status = sync_folder(file->temp_path);
    mlpbn__memory_free(file->temp_path);
    file->temp_path = NULL;
    return status;
}

/* Unlocks explicitly, because a child forked meanwhile shares the lock. */
void mlpbn__atomic_file_close(mlpbn__atomic_file *file)
{
    if (file->temp_path)
        unlink(file->temp_path);
    flock(file->fd, LOCK_UN);
    close(file->fd);
    mlpbn__memory_free(file->temp_path);
}
