#include "io/output.h"

#include "base/cancellation.h"
#include "base/error.h"
#include "base/struct_size.h"
#include "io/atomic_file.h"
#include "io/file_error.h"

#include <string.h>

struct mlpbn__output {
    mlpbn__atomic_file *file; /* NULL: bytes go to the writer */
    mlpbn_writer writer;
    mlpbn_status status; /* of the first write that failed; nothing is written after it */
    size_t used;         /* bytes of buffer, which collects small writes */
    char buffer[4096];
};

static mlpbn_status write_to_caller(const mlpbn_writer *writer, const void *bytes,
                                    size_t n)
{
    int failure = writer->write(writer->context, bytes, n);
    return failure ? mlpbn__fail(MLPBN_EIO, "writer: write returned %d", failure)
                   : MLPBN_OK;
}

/* Writes to the file or the writer without the buffer. */
static mlpbn_status write_through(mlpbn__output *output, const void *bytes, size_t n)
{
    if (output->status || n == 0)
        return output->status;
    output->status = output->file ? mlpbn__atomic_file_write(output->file, bytes, n)
                                  : write_to_caller(&output->writer, bytes, n);
    return output->status;
}

static mlpbn_status flush(mlpbn__output *output)
{
    size_t n = output->used;
    output->used = 0;
    return write_through(output, output->buffer, n);
}

mlpbn_status mlpbn__output_write(mlpbn__output *output, const void *bytes, size_t n)
{
    if (output->status)
        return output->status;
    if (n > sizeof output->buffer - output->used)
        RETURN_IF_ERROR(flush(output));
    if (n > sizeof output->buffer)
        return write_through(output, bytes, n);
    memcpy(output->buffer + output->used, bytes, n);
    output->used += n;
    return MLPBN_OK;
}

static mlpbn_status save_and_commit(mlpbn__atomic_file *file, mlpbn__writer_fn *save,
                                    const void *context)
{
    mlpbn__output output = {.file = file};
    RETURN_IF_ERROR(save(&output, context));
    RETURN_IF_ERROR(flush(&output));
    return mlpbn__atomic_file_commit(file);
}

static mlpbn_status replace_file(const char *path, mlpbn__writer_fn *save,
                                 const void *context)
{
    mlpbn__atomic_file file;
    int cancellation = mlpbn__cancellation_disable();
    mlpbn_status status = mlpbn__atomic_file_open(&file, path);
    if (!status) {
        status = save_and_commit(&file, save, context);
        mlpbn__atomic_file_close(&file);
    }
    mlpbn__cancellation_restore(cancellation);
    return status;
}

static mlpbn_status save_to_writer(const mlpbn_writer *writer, mlpbn__writer_fn *save,
                                   const void *context)
{
    mlpbn__output output = {.used = 0};
    RETURN_IF_ERROR(
        mlpbn__struct_read(&output.writer, sizeof output.writer, writer, "mlpbn_writer"));
    if (!output.writer.write)
        return mlpbn__fail(MLPBN_EINVAL, "writer: expected a function write, got NULL");
    RETURN_IF_ERROR(save(&output, context));
    return flush(&output);
}

mlpbn_status mlpbn__save_to(mlpbn__target target, mlpbn__writer_fn *save,
                            const void *context)
{
    if (!target.path)
        return save_to_writer(target.writer, save, context);
    mlpbn_status status = replace_file(target.path, save, context);
    return status ? mlpbn__fail_in_file(status, target.path) : MLPBN_OK;
}
