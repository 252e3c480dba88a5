/* Error texts about files. */
#ifndef MLPBN_IO_FILE_ERROR_H
#define MLPBN_IO_FILE_ERROR_H

#include <mlpbn/status.h>

/* Returns MLPBN_EIO. The error text is `failure`, such as "cannot open", and the meaning of
 * errno. */
mlpbn_status mlpbn__fail_errno(const char *failure);

/* Prefixes the stored error text with the path, or with the end of a long path. */
mlpbn_status mlpbn__fail_in_file(mlpbn_status status, const char *path);

#endif
