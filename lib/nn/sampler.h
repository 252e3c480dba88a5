/* The struct behind the handle sampler. */
#ifndef MLPBN_NN_SAMPLER_H
#define MLPBN_NN_SAMPLER_H

#include <mlpbn/rows.h>
#include <mlpbn/sampler.h>

struct mlpbn_sampler {
    mlpbn_rows rows;       /* the whole view; its index is not used */
    size_t *index;         /* [n], a copy of the caller's index; NULL: rows in order */
    size_t *order;         /* [n], the index of this epoch */
    size_t batch;          /* rows of a batch */
    size_t rows_per_epoch; /* n, or less if last rows are left out */
    size_t position;       /* rows of this epoch that were returned */
    int shuffle;
    uint64_t seed;
    uint64_t epochs; /* finished epochs */
};

/* rows: a view that was read and checked. */
mlpbn_status mlpbn__sampler_new(mlpbn_sampler **sampler, const mlpbn_rows *rows,
                                const mlpbn_sampler_options *options);

/* Continues as if `epochs` epochs, and `position` rows of the next one, had been returned. */
void mlpbn__sampler_seek(mlpbn_sampler *sampler, uint64_t seed, uint64_t epochs,
                         size_t position);

/* Returns the next batch; at the end of an epoch, one with n = 0. */
mlpbn_rows mlpbn__sampler_next(mlpbn_sampler *sampler);

#endif
