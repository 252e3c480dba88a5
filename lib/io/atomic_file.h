/* A file that is written under a temp_path name and renamed once it is whole. */
#ifndef MLPBN_IO_ATOMIC_FILE_H
#define MLPBN_IO_ATOMIC_FILE_H

#include <mlpbn/status.h>

#include <stddef.h>

typedef struct mlpbn__atomic_file {
    char *path;      /* what the links of the caller's path lead to */
    char *temp_path; /* path.tmp until the commit; NULL: the file is written in place */
    int fd;
} mlpbn__atomic_file;

/* Creates path.tmp, or empties the one that a killed process has left. Symbolic links are
 * followed first. Returns MLPBN_EIO if that fails or another thread or process is writing
 * path.tmp, MLPBN_ENOMEM if there is no memory for the name. */
mlpbn_status mlpbn__atomic_file_open(mlpbn__atomic_file *file, const char *path);

/* Writes all n bytes. MLPBN_EIO. */
mlpbn_status mlpbn__atomic_file_write(mlpbn__atomic_file *file, const void *bytes,
                                      size_t n);

/* Syncs the file, renames it to path, and syncs the folder if it may be read. If only the sync
 * of the folder fails, path is the new file, but a power failure could still restore the old
 * one. */
mlpbn_status mlpbn__atomic_file_commit(mlpbn__atomic_file *file);

/* Closes the file, and removes path.tmp unless it was committed. */
void mlpbn__atomic_file_close(mlpbn__atomic_file *file);

#endif
