/* The version of libmlpbn. It is written in this file only. */
#ifndef MLPBN_VERSION_H
#define MLPBN_VERSION_H

#include <mlpbn/common.h>

#define MLPBN_VERSION_MAJOR 0
#define MLPBN_VERSION_MINOR 1
#define MLPBN_VERSION_PATCH 0

/* The number in the soname. It changes only if a program that was linked with the last release
 * would not work with this one (docs/abi.md). */
#define MLPBN_ABI 0

MLPBN_BEGIN

/* The version of the library at run time, "MAJOR.MINOR.PATCH". It may be newer than the header
 * that the program was compiled with. The string is static; the call never fails. */
MLPBN_API const char *mlpbn_version(void);

MLPBN_END

#endif
