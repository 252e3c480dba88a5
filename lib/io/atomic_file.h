/* A file that is written under a name of its own and takes its place when it is whole. */
#ifndef MLPBN_IO_ATOMIC_FILE_H
#define MLPBN_IO_ATOMIC_FILE_H

#include <mlpbn/status.h>

#include <stddef.h>

typedef struct mlpbn__new_file {
    const char *path; /* borrowed */
    char *temporary;  /* path.tmp while it is there, NULL for what is no regular file */
    int descriptor;
} mlpbn__new_file;

/* MLPBN_EIO, also while another thread or process writes path.tmp; MLPBN_ENOMEM. One that
 * a killed process has left is used again. */
mlpbn_status mlpbn__new_file_open(mlpbn__new_file *file, const char *path);

mlpbn_status mlpbn__new_file_write(mlpbn__new_file *file, const void *bytes, size_t n);

/* Syncs the file, gives it its name, and syncs the folder. If only the last fails, the new
 * file has its place, but a power failure could still bring the old one back. */
mlpbn_status mlpbn__new_file_commit(mlpbn__new_file *file);

/* Removes path.tmp if there was no commit. */
void mlpbn__new_file_close(mlpbn__new_file *file);

#endif
