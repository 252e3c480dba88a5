/* Errors: the status that calls return, and the text of the last error. */
#ifndef MLPBN_STATUS_H
#define MLPBN_STATUS_H

#include <mlpbn/common.h>

MLPBN_BEGIN

typedef enum mlpbn_status {
    MLPBN_OK = 0,
    MLPBN_EINVAL = 1, /* an argument or option is NULL, unknown or out of its range */
    MLPBN_ENOMEM = 2, /* memory cannot be allocated */
    MLPBN_ESIZE = 3,  /* a size is so large that sizes computed from it overflow */
    MLPBN_ESHAPE = 4, /* columns, outputs or lengths do not match the network's */
    /* An _f32 call was made on an f64 network or the reverse, or the dtype of an array is
     * unknown or not set. */
    MLPBN_EDTYPE = 5,
    MLPBN_ELABEL = 6, /* a class label is outside [0, outputs) */
    MLPBN_EINDEX = 7, /* a row index is outside [0, n_data) */
    MLPBN_EBATCH = 8, /* a batch cannot have this number of rows here */
    /* A workspace or an optimizer was made for another network, or a part of a checkpoint was
     * made with other options. */
    MLPBN_EMISMATCH = 9,
    MLPBN_ESTATE = 10,     /* calls are in the wrong order, as backward without forward */
    MLPBN_ENONFINITE = 11, /* a NaN or an infinity is in the input or in a result */
    MLPBN_EIO = 12,        /* a file cannot be read or written */
    MLPBN_EFORMAT = 13,    /* a file is malformed */
    /* This libmlpbn was configured without the feature, or a file of another program has
     * something that libmlpbn lacks. */
    MLPBN_EUNSUPPORTED = 14,
    MLPBN_EACCURACY = 15 /* results differ by more than the tolerance */
} mlpbn_status;

/* The meaning of a status in a few words of English. The string is static and never NULL,
 * even for a status that this library does not know. */
MLPBN_API const char *mlpbn_strerror(mlpbn_status status);

/* Tells what was wrong in this thread's last call that failed: which argument, layer or row,
 * what was expected, and what the call got. It is one line: control characters of a path or a
 * name, such as a newline, are shown as '?'. It is "" if no call has failed. The string is
 * borrowed, and valid until the next call of this thread that fails. */
MLPBN_API const char *mlpbn_last_error(void);

MLPBN_END

#endif
