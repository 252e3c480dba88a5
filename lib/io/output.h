/* The target of a save: a file, which is replaced only once the new one is complete, or the
 * caller's mlpbn_writer. */
#ifndef MLPBN_IO_OUTPUT_H
#define MLPBN_IO_OUTPUT_H

#include <mlpbn/stream.h>

typedef struct mlpbn__output mlpbn__output;

/* Saves to the output by calls of mlpbn__output_write. */
typedef mlpbn_status mlpbn__writer_fn(mlpbn__output *output, const void *context);

/* Writes n bytes, a small number of them through a buffer. MLPBN_EIO. After an error nothing is
 * written any more: the same status is returned by each later call, and by mlpbn__save_to. */
mlpbn_status mlpbn__output_write(mlpbn__output *output, const void *bytes, size_t n);

/* The file at path or, if path is NULL, the caller's writer. */
typedef struct mlpbn__target {
    const char *path;
    const mlpbn_writer *writer;
} mlpbn__target;

/* Calls save on an output to the target.
 *
 * A file is created or replaced. Whatever fails, even power, path is the complete old file or
 * the complete new one: it is written to path.tmp, synced and renamed. A symbolic link stays:
 * what it leads to is replaced. A device, a pipe, and an open file that a link of /proc stands
 * for, such as /dev/stdout, are written in place. Error texts begin with the path.
 *
 * A writer's struct_size and function are checked first. */
mlpbn_status mlpbn__save_to(mlpbn__target target, mlpbn__writer_fn *save,
                            const void *context);

#endif
