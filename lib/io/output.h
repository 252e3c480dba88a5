/* Where a save goes: to a file, which takes its place only when it is whole, or to the
 * caller's mlpbn_writer. */
#ifndef MLPBN_IO_OUTPUT_H
#define MLPBN_IO_OUTPUT_H

#include <mlpbn/stream.h>

typedef struct mlpbn__output mlpbn__output;

/* Writes what is to be saved by calls of mlpbn__put. */
typedef mlpbn_status mlpbn__produce(mlpbn__output *output, const void *what);

mlpbn_status mlpbn__put(mlpbn__output *output, const void *bytes, size_t n);

/* Makes or replaces the file. Whatever fails, even power, a file that was there before
 * stays or the new one is there, whole: it is written under another name, path.tmp, synced
 * and renamed. What is no regular file, /dev/stdout say, is written in place. */
mlpbn_status mlpbn__output_to_file(const char *path, mlpbn__produce *produce,
                                   const void *what);

/* caller: its struct, not read yet. */
mlpbn_status mlpbn__output_to_writer(const mlpbn_writer *caller, mlpbn__produce *produce,
                                     const void *what);

#endif
