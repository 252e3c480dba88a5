/* What stands behind the handle sampler. */
#ifndef MLPBN_NN_SAMPLER_H
#define MLPBN_NN_SAMPLER_H

#include <mlpbn/rows.h>
#include <mlpbn/sampler.h>

struct mlpbn_sampler {
    mlpbn_rows rows; /* the whole view; its index is not used */
    size_t *given;   /* [n] copy of the caller's index; NULL: rows in order */
    size_t *order;   /* [n] of this epoch, into data */
    size_t batch;    /* rows a batch */
    size_t used;     /* rows of an epoch that are handed out */
    size_t position; /* rows handed out in this epoch */
    int shuffle;
    uint64_t seed;
    uint64_t epochs; /* finished */
};

/* rows: read and checked. */
mlpbn_status mlpbn__sampler_new(mlpbn_sampler **sampler, const mlpbn_rows *rows,
                                const mlpbn_sampler_options *options);

/* Goes to this place of this epoch: rows that were handed out. */
void mlpbn__sampler_seek(mlpbn_sampler *sampler, uint64_t seed, uint64_t epochs,
                         size_t position);

/* The next batch; one with n = 0 at the end of an epoch. */
mlpbn_rows mlpbn__sampler_next(mlpbn_sampler *sampler);

#endif
