/* Files that are not files: a program with storage of its own gives two callbacks to the
 * calls that save and load, such as mlpbn_network_save_to and mlpbn_network_load_from. */
#ifndef MLPBN_STREAM_H
#define MLPBN_STREAM_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* Where bytes go. A call that saves calls write in order, from its own thread, and no more
 * once it has failed; whatever was written until then is the caller's to throw away. */
typedef struct mlpbn_writer {
    size_t struct_size;
    void *context; /* handed to write */
    /* Takes all n bytes, n >= 1, and returns 0; anything else is a failure, which ends the
     * call with MLPBN_EIO and is shown in mlpbn_last_error(). */
    int (*write)(void *context, const void *bytes, size_t n);
} mlpbn_writer;

#define MLPBN_WRITER_INIT(write, context)                                                \
    {                                                                                    \
        sizeof(mlpbn_writer), context, write                                             \
    }

/* Where bytes come from. A call that loads reads in order, from its own thread, and may
 * read one byte more than it needs, to see that there is none. */
typedef struct mlpbn_reader {
    size_t struct_size;
    void *context; /* handed to read */
    /* Stores up to n bytes, n >= 1, sets *got to how many, 0 at the end, and returns 0;
     * anything else is a failure, as above, and so is a *got above n. */
    int (*read)(void *context, void *bytes, size_t n, size_t *got);
} mlpbn_reader;

#define MLPBN_READER_INIT(read, context)                                                 \
    {                                                                                    \
        sizeof(mlpbn_reader), context, read                                              \
    }

/* Make *writer and *reader empty: all but struct_size is 0.
 *
 * MLPBN_EINVAL  the pointer is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_writer_init(mlpbn_writer *writer,
                                                          size_t struct_size);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_reader_init(mlpbn_reader *reader,
                                                          size_t struct_size);

MLPBN_END

#endif
