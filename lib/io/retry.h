/* System calls that a signal may interrupt. */
#ifndef MLPBN_IO_RETRY_H
#define MLPBN_IO_RETRY_H

#include <errno.h>

/* Assigns the result of a call, which is repeated while a signal interrupts it. */
#define MLPBN__RETRY(result, call)                                                       \
    do                                                                                   \
        (result) = (call);                                                               \
    while ((result) == -1 && errno == EINTR)

#endif
