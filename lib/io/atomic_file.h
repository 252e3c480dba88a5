/* A file that is written under a temporary name and renamed once it is whole. */
#ifndef MLPBN_IO_ATOMIC_FILE_H
#define MLPBN_IO_ATOMIC_FILE_H

#include <mlpbn/status.h>

#include <stddef.h>

typedef struct mlpbn__atomic_file {
    const char *path; /* borrowed */
    char *temporary;  /* path.tmp until the commit; NULL: path is no regular file */
    int descriptor;
} mlpbn__atomic_file;

/* Creates path.tmp, or empties the one that a killed process has left. MLPBN_EIO, also while
 * another thread or process writes it; MLPBN_ENOMEM. */
mlpbn_status mlpbn__atomic_file_open(mlpbn__atomic_file *file, const char *path);

mlpbn_status mlpbn__atomic_file_write(mlpbn__atomic_file *file, const void *bytes,
                                      size_t n);

/* Syncs the file, renames it to path, and syncs the folder. If only the last fails, path is
 * the new file, but a power failure could still bring the old one back. */
mlpbn_status mlpbn__atomic_file_commit(mlpbn__atomic_file *file);

/* Removes path.tmp if there was no commit. */
void mlpbn__atomic_file_close(mlpbn__atomic_file *file);

#endif
