/* Where a load comes from: a file or the caller's mlpbn_reader. */
#ifndef MLPBN_IO_INPUT_H
#define MLPBN_IO_INPUT_H

#include <mlpbn/stream.h>

typedef struct mlpbn__input mlpbn__input;

/* Reads what is to be loaded by calls of mlpbn__take. */
typedef mlpbn_status mlpbn__consume(mlpbn__input *input, void *what);

/* The next n bytes, or fewer at the end: *got. What is allocated is at most twice what
 * really comes, however large n is, so that a length in a file need not be believed.
 *
 * block  receives them, 64-byte aligned; the caller's to free by mlpbn__memory_free
 */
mlpbn_status mlpbn__take(mlpbn__input *input, char **block, size_t *got, size_t n);

/* MLPBN_EFORMAT if there is another byte. */
mlpbn_status mlpbn__take_end(mlpbn__input *input);

mlpbn_status mlpbn__input_from_file(const char *path, mlpbn__consume *consume,
                                    void *what);

/* caller: its struct, not read yet. */
mlpbn_status mlpbn__input_from_reader(const mlpbn_reader *caller, mlpbn__consume *consume,
                                      void *what);

#endif
