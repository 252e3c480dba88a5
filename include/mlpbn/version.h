/* The version of libmlpbn: the only place in the tree where it is written. */
#ifndef MLPBN_VERSION_H
#define MLPBN_VERSION_H

#include <mlpbn/common.h>

#define MLPBN_VERSION_MAJOR 0
#define MLPBN_VERSION_MINOR 1
#define MLPBN_VERSION_PATCH 0

/* The number in the soname. It changes only when a program that was linked with the
 * last release would no longer work (docs/abi.md). */
#define MLPBN_ABI 0

MLPBN_BEGIN

/* The version of the library that runs, "MAJOR.MINOR.PATCH", which may be newer than
 * the header that a program was compiled with. Static storage; never fails. */
MLPBN_API const char *mlpbn_version(void);

MLPBN_END

#endif
