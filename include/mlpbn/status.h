/* How calls say that they failed, and why. */
#ifndef MLPBN_STATUS_H
#define MLPBN_STATUS_H

#include <mlpbn/common.h>

MLPBN_BEGIN

typedef enum mlpbn_status {
    MLPBN_OK = 0,
    MLPBN_EINVAL = 1,    /* an argument or option is NULL, unknown or out of its range */
    MLPBN_ENOMEM = 2,    /* memory could not be allocated */
    MLPBN_ESIZE = 3,     /* a size is so large that products of it do not fit size_t */
    MLPBN_ESHAPE = 4,    /* columns, outputs or lengths do not match the network's */
    MLPBN_EDTYPE = 5,    /* an _f32 call on an f64 network or the reverse, or an array
                           * whose dtype is unknown or was forgotten */
    MLPBN_ELABEL = 6,    /* a class label is outside [0, outputs) */
    MLPBN_EINDEX = 7,    /* a row index is outside [0, n_data) */
    MLPBN_EBATCH = 8,    /* the number of rows in a batch cannot be used here */
    MLPBN_EMISMATCH = 9, /* workspace or optimizer were made for another network */
    MLPBN_ESTATE = 10,   /* calls in the wrong order, such as backward without forward */
    MLPBN_ENONFINITE =
        11,             /* a NaN or an infinity, in the input or in what became of it */
    MLPBN_EIO = 12,     /* a file cannot be read or written */
    MLPBN_EFORMAT = 13, /* a file is not what it should be */
    MLPBN_EUNSUPPORTED = 14, /* this libmlpbn was configured without it, or a file of
                             * another program uses what libmlpbn does not have */
    MLPBN_EACCURACY = 15     /* results differ by more than the tolerance */
} mlpbn_status;

/* The meaning of a status in a few words, in English. Static storage, never NULL, also
 * for a status this library does not know. */
MLPBN_API const char *mlpbn_strerror(mlpbn_status status);

/* What exactly was wrong in the last call of this thread that failed: which argument,
 * layer or row, what was expected and what was got. One line without a newline; "" if
 * no call has failed. Borrowed: valid until the next failing call of this thread. */
MLPBN_API const char *mlpbn_last_error(void);

MLPBN_END

#endif
