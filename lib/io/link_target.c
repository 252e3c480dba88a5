#include "io/link_target.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/file_error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LINKS = 40, MAX_LENGTH = 4096 }; /* of a chain; of a link's text */

static mlpbn_status fail_no_memory(void)
{
    return mlpbn__fail(MLPBN_ENOMEM, "no memory for its name");
}

/* Returns the length of the folder of path, with its last slash. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Reads the link at path. *next is its text, behind the folder of path if it is relative. */
static mlpbn_status read_link(char **next, const char *path)
{
    size_t folder = folder_length(path);
    char *text = mlpbn__memory_new(folder + MAX_LENGTH + 1);
    if (!text)
        return fail_no_memory();
    memcpy(text, path, folder);
    ssize_t n = readlink(path, text + folder, MAX_LENGTH + 1);
    if (n < 0 || n > MAX_LENGTH) {
        mlpbn__memory_free(text);
        errno = n < 0 ? errno : ENAMETOOLONG;
        return mlpbn__fail_errno("cannot read the link");
    }
    text[folder + (size_t)n] = '\0';
    if (text[folder] == '/')
        memmove(text, text + folder, (size_t)n + 1);
    *next = text;
    return MLPBN_OK;
}

static int lies_in_proc(const struct stat *entry)
{
    struct stat proc;
    return stat("/proc", &proc) == 0 && entry->st_dev == proc.st_dev;
}

mlpbn_status mlpbn__follow_links(char **target, int *in_proc, const char *path)
{
    struct stat entry;
    char *current = mlpbn__memory_new(strlen(path) + 1);
    if (!current)
        return fail_no_memory();
    strcpy(current, path);
    for (int n = 0;; n++) {
        int exists = lstat(current, &entry) == 0;
        *in_proc = exists && lies_in_proc(&entry);
        *target = current;
        if (!exists || *in_proc || !S_ISLNK(entry.st_mode))
            return MLPBN_OK;
        errno = ELOOP;
        mlpbn_status status = n < MAX_LINKS ? read_link(target, current)
                                            : mlpbn__fail_errno("cannot follow the link");
        mlpbn__memory_free(current);
        RETURN_IF_ERROR(status);
        current = *target;
    }
}
