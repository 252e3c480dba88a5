#include "io/file_error.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

mlpbn_status mlpbn__fail_errno(const char *failure)
{
    char reason[100];
    int error = errno;
    if (strerror_r(error, reason, sizeof reason) != 0)
        return mlpbn__fail(MLPBN_EIO, "%s: error %d", failure, error);
    return mlpbn__fail(MLPBN_EIO, "%s: %s", failure, reason);
}

mlpbn_status mlpbn__fail_in_file(mlpbn_status status, const char *path)
{
    enum { MAX_PATH_SHOWN = 90 }; /* leaves room for the reason */
    size_t length = strlen(path);
    if (length <= MAX_PATH_SHOWN)
        return mlpbn__fail_in(status, "%s: ", path);
    return mlpbn__fail_in(status, "...%s: ", path + length - MAX_PATH_SHOWN);
}
