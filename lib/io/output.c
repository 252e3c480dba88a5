#include "io/output.h"

#include "base/error.h"
#include "base/struct_size.h"
#include "io/file_error.h"
#include "io/atomic_file.h"

#include <string.h>

struct mlpbn__output {
    mlpbn_writer writer;
    mlpbn__new_file *file; /* NULL: writer's */
    size_t used;           /* of buffer, which spares small writes */
    char buffer[4096];
};

static mlpbn_status pass_on(mlpbn__output *output, const void *bytes, size_t n)
{
    if (n == 0)
        return MLPBN_OK;
    if (output->file)
        return mlpbn__new_file_write(output->file, bytes, n);
    int failure = output->writer.write(output->writer.context, bytes, n);
    return failure ? mlpbn__fail(MLPBN_EIO, "writer: write returned %d", failure)
                   : MLPBN_OK;
}

static mlpbn_status flush(mlpbn__output *output)
{
    size_t n = output->used;
    output->used = 0;
    return pass_on(output, output->buffer, n);
}

mlpbn_status mlpbn__put(mlpbn__output *output, const void *bytes, size_t n)
{
    if (n > sizeof output->buffer - output->used) {
        mlpbn_status status = flush(output);
        if (status)
            return status;
    }
    if (n > sizeof output->buffer)
        return pass_on(output, bytes, n);
    memcpy(output->buffer + output->used, bytes, n);
    output->used += n;
    return MLPBN_OK;
}

mlpbn_status mlpbn__output_to_file(const char *path, mlpbn__produce *produce,
                                   const void *what)
{
    mlpbn__new_file file;
    mlpbn_status status = mlpbn__new_file_open(&file, path);
    if (!status) {
        mlpbn__output output = {.file = &file};
        status = produce(&output, what);
        if (!status)
            status = flush(&output);
        if (!status)
            status = mlpbn__new_file_commit(&file);
        mlpbn__new_file_close(&file);
    }
    return status ? mlpbn__fail_in_file(status, path) : MLPBN_OK;
}

mlpbn_status mlpbn__output_to_writer(const mlpbn_writer *caller, mlpbn__produce *produce,
                                     const void *what)
{
    mlpbn__output output = {.used = 0};
    mlpbn_status status =
        mlpbn__struct_read(&output.writer, sizeof output.writer, caller, "mlpbn_writer");
    if (!status && !output.writer.write)
        status = mlpbn__fail(MLPBN_EINVAL, "writer: expected a function write, got NULL");
    if (!status)
        status = produce(&output, what);
    return status ? status : flush(&output);
}
