#include "io/input.h"

#include "base/cancellation.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/struct_size.h"
#include "io/file_error.h"
#include "io/retry.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct mlpbn__input {
    int fd; /* of the file; -1: bytes come from the reader */
    mlpbn_reader reader;
    uint64_t position; /* bytes read so far */
};

static mlpbn_status read_from_caller(mlpbn__input *input, void *bytes, size_t n,
                                     size_t *n_read)
{
    int failure = input->reader.read(input->reader.context, bytes, n, n_read);
    if (failure)
        return mlpbn__fail(MLPBN_EIO, "reader: read returned %d", failure);
    if (*n_read > n)
        return mlpbn__fail(MLPBN_EIO, "reader: expected at most %zu bytes, got %zu", n,
                           *n_read);
    return MLPBN_OK;
}

static mlpbn_status read_from_file(mlpbn__input *input, void *bytes, size_t n,
                                   size_t *n_read)
{
    ssize_t count;
    MLPBN__RETRY(count, read(input->fd, bytes, n));
    if (count < 0)
        return mlpbn__fail_errno("cannot read");
    *n_read = (size_t)count;
    return MLPBN_OK;
}

/* Reads at least 1 and at most n of the next bytes; *n_read is 0 only at the end. */
static mlpbn_status read_some(mlpbn__input *input, void *bytes, size_t n, size_t *n_read)
{
    *n_read = 0;
    return input->fd < 0 ? read_from_caller(input, bytes, n, n_read)
                         : read_from_file(input, bytes, n, n_read);
}

/* An array of bytes that grows. */
typedef struct buffer {
    char *bytes;
    size_t capacity, used;
} buffer;

/* Doubles the capacity, to at most n. */
static mlpbn_status grow(buffer *b, size_t n)
{
    enum { FIRST_CAPACITY = 1 << 16 };
    size_t capacity = b->capacity > n / 2 ? n : 2 * b->capacity;
    if (b->capacity == 0)
        capacity = n < FIRST_CAPACITY ? n : FIRST_CAPACITY;
    char *larger = mlpbn__memory_new(capacity);
    if (!larger)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %zu bytes of the file", capacity);
    if (b->used > 0)
        memcpy(larger, b->bytes, b->used);
    mlpbn__memory_free(b->bytes);
    b->bytes = larger;
    b->capacity = capacity;
    return MLPBN_OK;
}

/* Reads into the buffer until it holds n bytes or the input ends. */
static mlpbn_status fill(buffer *b, mlpbn__input *input, size_t n)
{
    size_t n_read = 1;
    RETURN_IF_ERROR(grow(b, n));
    while (b->used < n && n_read > 0) {
        if (b->used == b->capacity)
            RETURN_IF_ERROR(grow(b, n));
        RETURN_IF_ERROR(
            read_some(input, b->bytes + b->used, b->capacity - b->used, &n_read));
        b->used += n_read;
    }
    return MLPBN_OK;
}

mlpbn_status mlpbn__input_read(mlpbn__input *input, char **block, size_t *n_read,
                               size_t n)
{
    buffer b = {.capacity = 0};
    mlpbn_status status = fill(&b, input, n);
    if (status) {
        mlpbn__memory_free(b.bytes);
        return status;
    }
    input->position += b.used;
    *block = b.bytes;
    *n_read = b.used;
    return MLPBN_OK;
}

mlpbn_status mlpbn__input_check_end(mlpbn__input *input)
{
    char byte;
    size_t n_read;
    RETURN_IF_ERROR(read_some(input, &byte, 1, &n_read));
    if (n_read == 0)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EFORMAT,
                       "byte %" PRIu64 ": expected the end of the file, got more",
                       input->position);
}

static mlpbn_status read_whole_file(const char *path, mlpbn__reader_fn *load,
                                    void *context)
{
    mlpbn__input input = {.position = 0};
    MLPBN__RETRY(input.fd, open(path, O_RDONLY | O_CLOEXEC));
    if (input.fd < 0)
        return mlpbn__fail_errno("cannot open");
    mlpbn_status status = load(&input, context);
    close(input.fd);
    return status;
}

static mlpbn_status load_from_file(const char *path, mlpbn__reader_fn *load,
                                   void *context)
{
    int cancellation = mlpbn__cancellation_disable();
    mlpbn_status status = read_whole_file(path, load, context);
    mlpbn__cancellation_restore(cancellation);
    return status;
}

static mlpbn_status load_from_reader(const mlpbn_reader *reader, mlpbn__reader_fn *load,
                                     void *context)
{
    mlpbn__input input = {.fd = -1};
    RETURN_IF_ERROR(
        mlpbn__struct_read(&input.reader, sizeof input.reader, reader, "mlpbn_reader"));
    if (!input.reader.read)
        return mlpbn__fail(MLPBN_EINVAL, "reader: expected a function read, got NULL");
    return load(&input, context);
}

mlpbn_status mlpbn__load_from(mlpbn__source source, mlpbn__reader_fn *load, void *context)
{
    if (!source.path)
        return load_from_reader(source.reader, load, context);
    mlpbn_status status = load_from_file(source.path, load, context);
    return status ? mlpbn__fail_in_file(status, source.path) : MLPBN_OK;
}
