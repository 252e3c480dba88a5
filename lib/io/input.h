/* The source of a load: a file or the caller's mlpbn_reader. */
#ifndef MLPBN_IO_INPUT_H
#define MLPBN_IO_INPUT_H

#include <mlpbn/stream.h>

typedef struct mlpbn__input mlpbn__input;

/* Parses the input, which it reads by calls of mlpbn__input_read. */
typedef mlpbn_status mlpbn__reader_fn(mlpbn__input *input, void *context);

/* Reads the next n bytes, or fewer at the end; *n_read is their number. The block grows with
 * the bytes that are read, to at most twice their number, so that a false length in a file
 * cannot cause a huge allocation.
 *
 * block  receives the bytes, 64-byte aligned; the caller frees it by mlpbn__memory_free
 */
mlpbn_status mlpbn__input_read(mlpbn__input *input, char **block, size_t *n_read,
                               size_t n);

/* Returns MLPBN_EFORMAT unless all bytes of the input were read. */
mlpbn_status mlpbn__input_check_end(mlpbn__input *input);

/* The file at path or, if path is NULL, the caller's reader. */
typedef struct mlpbn__source {
    const char *path;
    const mlpbn_reader *reader;
} mlpbn__source;

/* Opens the source and calls load on it. A reader's struct_size and function are checked first.
 * Error texts about a file begin with its path. */
mlpbn_status mlpbn__load_from(mlpbn__source source, mlpbn__reader_fn *load,
                              void *context);

#endif
