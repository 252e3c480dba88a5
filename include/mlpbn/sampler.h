/* A sampler: goes through a data set batch by batch, shuffled anew every epoch. */
#ifndef MLPBN_SAMPLER_H
#define MLPBN_SAMPLER_H

#include <mlpbn/common.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* What to do with the rows that remain when the batch does not divide the data set. */
typedef enum mlpbn_last_batch {
    MLPBN_LAST_BATCH_KEEP = 1, /* a last, smaller batch */
    MLPBN_LAST_BATCH_DROP = 2, /* leave them out; which ones changes with every shuffle */
    MLPBN_LAST_BATCH_ERROR = 3 /* do not make such a sampler */
} mlpbn_last_batch;

typedef struct mlpbn_sampler_options {
    size_t struct_size;
    size_t batch;  /* rows a batch, >= 1; default 100 */
    int shuffle;   /* 1 (default): a new order every epoch; 0: the order given */
    uint64_t seed; /* of the orders; default 0. The order of an epoch depends on
                          * seed, epoch and number of rows only */
    mlpbn_last_batch last_batch; /* default MLPBN_LAST_BATCH_KEEP */
} mlpbn_sampler_options;

#define MLPBN_SAMPLER_OPTIONS_INIT                                                       \
    {                                                                                    \
        sizeof(mlpbn_sampler_options), 100, 1, 0, MLPBN_LAST_BATCH_KEEP                  \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_sampler_options_init(mlpbn_sampler_options *options, size_t struct_size);

/* Makes a sampler over the rows of this view.
 *
 * sampler  receives it; destroy with mlpbn_sampler_destroy
 * rows     the view is copied, its arrays are not: data, labels and targets must live
 *          as long as the sampler is used; an index list is copied
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL  sampler or rows is NULL, rows lacks data, or an option is out of range
 * MLPBN_EDTYPE  rows has an unknown dtype
 * MLPBN_ESIZE   n_data * stride overflows
 * MLPBN_EINDEX  an element of index or next_index is not below n_data
 * MLPBN_EBATCH  rows has no rows; the batch does not divide them and last_batch is
 *               MLPBN_LAST_BATCH_ERROR; or nothing would be left to MLPBN_LAST_BATCH_DROP
 * MLPBN_ENOMEM  no memory for the order
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_sampler_create(mlpbn_sampler **sampler, const mlpbn_rows *rows,
                     const mlpbn_sampler_options *options);

MLPBN_API void mlpbn_sampler_destroy(mlpbn_sampler *sampler);

/* The next batch: a view into the same arrays, whose index list, borrowed from the sampler
 * until its next call, gives the row of the arrays for each row of the batch (for targets
 * of a loss of one's own, say); next_index is the next batch's. At the end of an epoch it
 * gives one view with n = 0; the call after that begins the next epoch:
 *
 *   while ((status = mlpbn_sampler_next(&batch, sampler)) == MLPBN_OK && batch.n > 0)
 *
 * A loop that is left within an epoch, because a step failed, goes on there with its next
 * call: call on until n = 0 to begin a new epoch.
 *
 * batch  caller's, struct_size set (mlpbn_rows_init)
 *
 * MLPBN_EINVAL  an argument is NULL, or batch's struct_size is too small
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_sampler_next(mlpbn_rows *batch,
                                                           mlpbn_sampler *sampler);

/* Batches in an epoch, and epochs that were finished. sampler must not be NULL. */
MLPBN_API size_t mlpbn_sampler_batches(const mlpbn_sampler *sampler);
MLPBN_API uint64_t mlpbn_sampler_epochs(const mlpbn_sampler *sampler);

MLPBN_END

#endif
