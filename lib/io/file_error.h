/* Error texts about files. */
#ifndef MLPBN_IO_FILE_ERROR_H
#define MLPBN_IO_FILE_ERROR_H

#include <mlpbn/status.h>

/* Returns MLPBN_EIO; the text is `what`, which could not be done, and the reason in errno. */
mlpbn_status mlpbn__fail_errno(const char *what);

/* Puts the path, or the end of a long one, before the text of a failure. */
mlpbn_status mlpbn__fail_in_file(mlpbn_status status, const char *path);

#endif
