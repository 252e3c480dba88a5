/* A sampler divides a data set into batches, in a new random order in every epoch. */
#ifndef MLPBN_SAMPLER_H
#define MLPBN_SAMPLER_H

#include <mlpbn/common.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* What to do with the remaining rows if the number of rows is not a multiple of the batch. */
typedef enum mlpbn_last_batch {
    MLPBN_LAST_BATCH_KEEP = 1,  /* they are a last, smaller batch */
    MLPBN_LAST_BATCH_DROP = 2,  /* they are left out; each shuffle leaves out others */
    MLPBN_LAST_BATCH_ERROR = 3, /* mlpbn_sampler_create fails */
    /* They are a last, smaller batch, but a single row is left out, since batchnorm cannot train
     * on one row (each shuffle leaves out another; without shuffle it is the last row). With a
     * batch of 1, or with one row in all, every row is kept. */
    MLPBN_LAST_BATCH_DROP_SINGLE = 4
} mlpbn_last_batch;

typedef struct mlpbn_sampler_options {
    size_t struct_size;
    size_t batch; /* rows of a batch, >= 1; default 100 */
    int shuffle;  /* 1 (default): each epoch has a new random order; 0: the rows' order */
    /* The seed of the random orders; default 0. The order of an epoch depends only on seed,
     * epoch and number of rows. */
    uint64_t seed;
    /* Default MLPBN_LAST_BATCH_DROP_SINGLE. No batch is larger than `batch`, so that a workspace
     * of that max_batch is enough: a single row is not joined to the batch before. */
    mlpbn_last_batch last_batch;
} mlpbn_sampler_options;

#define MLPBN_SAMPLER_OPTIONS_INIT                                                       \
    {                                                                                    \
        sizeof(mlpbn_sampler_options), 100, 1, 0, MLPBN_LAST_BATCH_DROP_SINGLE           \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_sampler_options_init(mlpbn_sampler_options *options, size_t struct_size);

/* Makes a sampler of the rows of this view.
 *
 * sampler  receives the sampler; destroy it with mlpbn_sampler_destroy
 * rows     the view and its index are copied, the other arrays are not: data, labels, targets
 *          and weights must exist as long as the sampler is used
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL  sampler or rows is NULL, rows lacks data, or an option is out of range
 * MLPBN_EDTYPE  rows has an unknown dtype
 * MLPBN_ESIZE   n_data * stride overflows
 * MLPBN_EINDEX  an element of index is not below n_data
 * MLPBN_EBATCH  rows has no rows; the number of rows is not a multiple of the batch, and
 *               last_batch is MLPBN_LAST_BATCH_ERROR; or there are fewer rows than a batch,
 *               and last_batch is MLPBN_LAST_BATCH_DROP
 * MLPBN_ENOMEM  no memory for the order
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_sampler_create(mlpbn_sampler **sampler, const mlpbn_rows *rows,
                     const mlpbn_sampler_options *options);

/* Frees a sampler; sampler may be NULL. */
MLPBN_API void mlpbn_sampler_destroy(mlpbn_sampler *sampler);

/* Gets the next batch: a view of the same arrays. At the end of an epoch, n is 0; the call
 * after that begins the next epoch:
 *
 *   while ((status = mlpbn_sampler_next(&batch, sampler)) == MLPBN_OK && batch.n > 0)
 *
 * batch.index tells for each row of the batch which row of the arrays it is, as needed for
 * data of the caller's own (targets of a custom loss, say). It is borrowed from the sampler
 * until its next call.
 *
 * If a loop ends within an epoch, because a step has failed, the next call continues the
 * epoch. To begin a new one, call this until n is 0.
 *
 * batch  receives the result; its struct_size must be set (mlpbn_rows_init)
 *
 * MLPBN_EINVAL  an argument is NULL, or batch's struct_size is too small
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_sampler_next(mlpbn_rows *batch,
                                                           mlpbn_sampler *sampler);

/* The number of batches in an epoch, and of epochs that are finished. sampler must not be
 * NULL. */
MLPBN_API size_t mlpbn_sampler_batches(const mlpbn_sampler *sampler);
MLPBN_API uint64_t mlpbn_sampler_epochs(const mlpbn_sampler *sampler);

MLPBN_END

#endif
