/* The source of a load: a file or the caller's mlpbn_reader. */
#ifndef MLPBN_IO_INPUT_H
#define MLPBN_IO_INPUT_H

#include <mlpbn/stream.h>

typedef struct mlpbn__input mlpbn__input;

/* Loads what the input holds by calls of mlpbn__input_read. */
typedef mlpbn_status mlpbn__reader_fn(mlpbn__input *input, void *context);

/* Reads the next n bytes, or fewer at the end: *n_read. It allocates at most twice what
 * really comes, however large n is, so that a length in a file need not be believed.
 *
 * block  receives the bytes, 64-byte aligned; the caller frees it by mlpbn__memory_free
 */
mlpbn_status mlpbn__input_read(mlpbn__input *input, char **block, size_t *n_read,
                               size_t n);

/* Returns MLPBN_EFORMAT if there is another byte. */
mlpbn_status mlpbn__input_check_end(mlpbn__input *input);

/* What to load from: the file at path or, if path is NULL, the caller's reader. */
typedef struct mlpbn__source {
    const char *path;
    const mlpbn_reader *reader;
} mlpbn__source;

/* Calls load on the source. A reader's struct_size and function are checked first; error
 * texts about a file begin with its path. */
mlpbn_status mlpbn__load_from(mlpbn__source source, mlpbn__reader_fn *load,
                              void *context);

#endif
