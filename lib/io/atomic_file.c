#if defined(__APPLE__)
#define _DARWIN_C_SOURCE /* flock */
#endif

#include "io/atomic_file.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/file_error.h"
#include "io/link_target.h"
#include "io/retry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_retrying(const char *path, int flags)
{
    int fd;
    MLPBN__RETRY(fd, open(path, flags | O_CLOEXEC, 0666));
    return fd;
}

/* Whether path still names the open file itself, not a link to it: 1 or 0, or -1 on an error. */
static int same_file(int fd, const char *path)
{
    struct stat opened, named;
    if (fstat(fd, &opened) != 0)
        return -1;
    if (lstat(path, &named) != 0)
        return errno == ENOENT ? 0 : -1;
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Opens and locks path.tmp. *is_current tells whether it still is path.tmp then. */
static mlpbn_status try_temporary(mlpbn__atomic_file *file, int *is_current)
{
    int locked;
    file->fd =
        open_retrying(file->temp_path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK);
    if (file->fd < 0)
        return mlpbn__fail_errno("cannot make its .tmp file");
    MLPBN__RETRY(locked, flock(file->fd, LOCK_EX | LOCK_NB));
    mlpbn_status status = MLPBN_OK;
    /* Some file systems have no locks; others' processes are not seen there. */
    if (locked != 0 && errno == EWOULDBLOCK)
        status = mlpbn__fail(MLPBN_EIO, "another thread or process is writing it");
    else if ((*is_current = same_file(file->fd, file->temp_path)) < 0)
        status = mlpbn__fail_errno("cannot look at its .tmp file");
    if (status || !*is_current) {
        close(file->fd);
        file->fd = -1;
    }
    return status;
}

/* Opens and locks path.tmp. Another writer may rename the file after it is opened and before
 * it is locked: then the next attempt opens another one. */
static mlpbn_status open_temporary(mlpbn__atomic_file *file)
{
    enum { MAX_ATTEMPTS = 100 };
    for (int n = 0, is_current; n < MAX_ATTEMPTS; n++) {
        RETURN_IF_ERROR(try_temporary(file, &is_current));
        if (is_current)
            return MLPBN_OK;
    }
    return mlpbn__fail(MLPBN_EIO, "others keep replacing its .tmp file");
}

/* Empties path.tmp and gives it the permissions of the file that it replaces. old: NULL if
 * there is no such file. */
static mlpbn_status prepare(mlpbn__atomic_file *file, const struct stat *old)
{
    int result;
    MLPBN__RETRY(result, ftruncate(file->fd, 0));
    if (result == 0 && old)
        MLPBN__RETRY(result, fchmod(file->fd, old->st_mode & 0777));
    return result == 0 ? MLPBN_OK : mlpbn__fail_errno("cannot prepare its .tmp file");
}

/* Opens path.tmp, which will replace old, or be the first of its name if old is NULL. */
static mlpbn_status open_replacement(mlpbn__atomic_file *file, const struct stat *old)
{
    static const char suffix[] = ".tmp";
    size_t length = strlen(file->path);
    char *temp_path = mlpbn__memory_new(length + sizeof suffix);
    if (!temp_path)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for its name");
    memcpy(temp_path, file->path, length);
    memcpy(temp_path + length, suffix, sizeof suffix);
    file->temp_path = temp_path;
    RETURN_IF_ERROR(open_temporary(file));
    return prepare(file, old);
}

/* Opens a device, a pipe or a file that is open already, which is written in place, behind what
 * it holds. */
static mlpbn_status open_in_place(mlpbn__atomic_file *file)
{
    file->fd = open_retrying(file->path, O_WRONLY | O_APPEND);
    return file->fd < 0 ? mlpbn__fail_errno("cannot open") : MLPBN_OK;
}

mlpbn_status mlpbn__atomic_file_open(mlpbn__atomic_file *file, const char *path)
{
    struct stat old;
    int in_proc;
    *file = (mlpbn__atomic_file){.fd = -1};
    RETURN_IF_ERROR(mlpbn__follow_links(&file->path, &in_proc, path));
    int exists = stat(file->path, &old) == 0;
    int in_place = in_proc || (exists && !S_ISREG(old.st_mode));
    mlpbn_status status =
        in_place ? open_in_place(file) : open_replacement(file, exists ? &old : NULL);
    if (status)
        mlpbn__atomic_file_close(file);
    return status;
}

mlpbn_status mlpbn__atomic_file_write(mlpbn__atomic_file *file, const void *bytes,
                                      size_t n)
{
    const char *next = bytes;
    while (n > 0) {
        ssize_t written;
        MLPBN__RETRY(written, write(file->fd, next, n));
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
    int result, fd = open_retrying(temp_path, O_RDONLY | O_DIRECTORY);
    /* A folder that may be written but not read cannot be synced: that is up to the system. */
    if (fd < 0)
        return errno == EACCES ? MLPBN_OK : mlpbn__fail_errno("cannot sync its folder");
    MLPBN__RETRY(result, fsync(fd));
    /* EINVAL: the file system cannot sync folders. */
    mlpbn_status status = result != 0 && errno != EINVAL
                              ? mlpbn__fail_errno("cannot sync its folder")
                              : MLPBN_OK;
    close(fd);
    return status;
}

mlpbn_status mlpbn__atomic_file_commit(mlpbn__atomic_file *file)
{
    int result;
    if (!file->temp_path)
        return MLPBN_OK;
    MLPBN__RETRY(result, fsync(file->fd));
    if (result != 0)
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
    if (file->fd >= 0) {
        if (file->temp_path)
            unlink(file->temp_path);
        flock(file->fd, LOCK_UN);
        close(file->fd);
    }
    mlpbn__memory_free(file->temp_path);
    mlpbn__memory_free(file->path);
}
