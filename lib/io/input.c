#include "io/input.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/struct_size.h"
#include "io/file_error.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct mlpbn__input {
    mlpbn_reader reader;
    uint64_t position; /* bytes read */
    int descriptor;    /* -1: reader's */
};

/* Some of the next n bytes; none at the end. */
static mlpbn_status read_some(mlpbn__input *input, void *bytes, size_t n, size_t *got)
{
    *got = 0;
    if (input->descriptor < 0) {
        int failure = input->reader.read(input->reader.context, bytes, n, got);
        if (failure)
            return mlpbn__fail(MLPBN_EIO, "reader: read returned %d", failure);
        if (*got > n)
            return mlpbn__fail(MLPBN_EIO, "reader: expected at most %zu bytes, got %zu",
                               n, *got);
        return MLPBN_OK;
    }
    ssize_t count;
    do
        count = read(input->descriptor, bytes, n);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return mlpbn__fail_errno("cannot read");
    *got = (size_t)count;
    return MLPBN_OK;
}

/* Room for twice as much, but not more than n. */
static mlpbn_status grow(char **block, size_t *room, size_t used, size_t n)
{
    size_t more = *room > n / 2 ? n : 2 * *room;
    char *larger = mlpbn__memory_new(more);
    if (!larger)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu bytes of the file", more);
    if (used > 0)
        memcpy(larger, *block, used);
    mlpbn__memory_free(*block);
    *block = larger;
    *room = more;
    return MLPBN_OK;
}

mlpbn_status mlpbn__take(mlpbn__input *input, char **block, size_t *got, size_t n)
{
    enum { FIRST = 1 << 15 };
    char *bytes = NULL;
    size_t room = FIRST, used = 0;
    mlpbn_status status = grow(&bytes, &room, 0, n);
    for (size_t some = 1; !status && some > 0 && used < n; used += some) {
        if (used == room)
            status = grow(&bytes, &room, used, n);
        some = 0;
        if (!status)
            status = read_some(input, bytes + used, room - used, &some);
    }
    if (status) {
        mlpbn__memory_free(bytes);
        return status;
    }
    input->position += used;
    *block = bytes;
    *got = used;
    return MLPBN_OK;
}

mlpbn_status mlpbn__take_end(mlpbn__input *input)
{
    char byte;
    size_t got;
    mlpbn_status status = read_some(input, &byte, 1, &got);
    if (!status && got > 0)
        status = mlpbn__fail(MLPBN_EFORMAT,
                             "byte %" PRIu64 ": expected the end of the file, got more",
                             input->position);
    return status;
}

mlpbn_status mlpbn__input_from_file(const char *path, mlpbn__consume *consume, void *what)
{
    mlpbn__input input = {.position = 0};
    do
        input.descriptor = open(path, O_RDONLY | O_CLOEXEC);
    while (input.descriptor < 0 && errno == EINTR);
    mlpbn_status status = MLPBN_OK;
    if (input.descriptor < 0)
        status = mlpbn__fail_errno("cannot open");
    if (!status) {
        status = consume(&input, what);
        close(input.descriptor);
    }
    return status ? mlpbn__fail_in_file(status, path) : MLPBN_OK;
}

mlpbn_status mlpbn__input_from_reader(const mlpbn_reader *caller, mlpbn__consume *consume,
                                      void *what)
{
    mlpbn__input input = {.descriptor = -1};
    mlpbn_status status =
        mlpbn__struct_read(&input.reader, sizeof input.reader, caller, "mlpbn_reader");
    if (!status && !input.reader.read)
        status = mlpbn__fail(MLPBN_EINVAL, "reader: expected a function read, got NULL");
    return status ? status : consume(&input, what);
}
