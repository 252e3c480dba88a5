/* Reports errors: a status, and a text for mlpbn_last_error(). */
#ifndef MLPBN_BASE_ERROR_H
#define MLPBN_BASE_ERROR_H

#include <mlpbn/status.h>

#if defined(__GNUC__)
#define MLPBN__PRINTF(text, first) __attribute__((format(printf, text, first), cold))
#else
#define MLPBN__PRINTF(text, first)
#endif

/* Stores the error text of this thread and returns status, so that a check reads
 *   return mlpbn__fail(MLPBN_EINVAL, "units: expected at least 1, got 0"); */
mlpbn_status mlpbn__fail(mlpbn_status status, const char *format, ...)
    MLPBN__PRINTF(2, 3);

/* Puts a prefix before the error text that a callee has stored, for instance:
 *   return mlpbn__fail_in(status, "layer %zu: ", index); */
mlpbn_status mlpbn__fail_in(mlpbn_status status, const char *format, ...)
    MLPBN__PRINTF(2, 3);

/* Evaluates the call once, and returns its status from the enclosing function unless it is
 * MLPBN_OK. */
#define RETURN_IF_ERROR(call)                                                            \
    do {                                                                                 \
        mlpbn_status status_ = (call);                                                   \
        if (status_ != MLPBN_OK)                                                         \
            return status_;                                                              \
    } while (0)

/* The text of this thread's last error; "" if it had none. */
const char *mlpbn__last_error(void);

#endif
