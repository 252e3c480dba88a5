/* Writers and readers: callbacks with which a program saves to its own storage and loads from
 * it, by mlpbn_network_save_to, mlpbn_network_load_from and others. A thread must not be cancelled
 * (pthread_cancel) in a callback: the memory of the call would be lost. */
#ifndef MLPBN_STREAM_H
#define MLPBN_STREAM_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* Receives the bytes of a call that saves. The call invokes write on its own thread, with the
 * bytes in order. After a failure it does not invoke write again, and the caller must discard
 * what was written. */
typedef struct mlpbn_writer {
    size_t struct_size;
    void *context; /* the first argument of write */
    /* Writes all n bytes, n >= 1, and returns 0. Any other return value is a failure: the call
     * ends with MLPBN_EIO, and mlpbn_last_error() shows the value. */
    int (*write)(void *context, const void *bytes, size_t n);
} mlpbn_writer;

#define MLPBN_WRITER_INIT(write, context)                                                \
    {                                                                                    \
        sizeof(mlpbn_writer), context, write                                             \
    }

/* Provides the bytes of a call that loads. The call invokes read on its own thread, and expects
 * the bytes in order. It may read one byte more than it needs, to check for the end. */
typedef struct mlpbn_reader {
    size_t struct_size;
    void *context; /* the first argument of read */
    /* Stores up to n bytes, n >= 1, sets *got to their number, which is 0 at the end, and
     * returns 0. Any other return value is a failure, as above, and so is *got > n. */
    int (*read)(void *context, void *bytes, size_t n, size_t *got);
} mlpbn_reader;

#define MLPBN_READER_INIT(read, context)                                                 \
    {                                                                                    \
        sizeof(mlpbn_reader), context, read                                              \
    }

/* These set all fields of *writer or *reader but struct_size to 0.
 *
 * MLPBN_EINVAL  the pointer is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_writer_init(mlpbn_writer *writer,
                                                          size_t struct_size);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_reader_init(mlpbn_reader *reader,
                                                          size_t struct_size);

MLPBN_END

#endif
