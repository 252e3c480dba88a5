/* Texts of failures that concern a file. */
#ifndef MLPBN_IO_FILE_ERROR_H
#define MLPBN_IO_FILE_ERROR_H

#include <mlpbn/status.h>

/* MLPBN_EIO: what could not be done, and the system's reason in errno. */
mlpbn_status mlpbn__fail_errno(const char *what);

/* Puts the path, or the end of a long one, before the text of a failure. */
mlpbn_status mlpbn__fail_in_file(mlpbn_status status, const char *path);

#endif
