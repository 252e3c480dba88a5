/* Optimizer and sampler in the metadata of a checkpoint. */
#ifndef MLPBN_IO_SAFETENSORS_TRAINING_METADATA_H
#define MLPBN_IO_SAFETENSORS_TRAINING_METADATA_H

#include "io/safetensors/json_header.h"
#include "nn/optimizer.h"
#include "nn/sampler.h"

/* Of an optimizer, besides its arrays. */
typedef struct mlpbn__optimizer_state {
    mlpbn_optimizer_options options;
    uint64_t steps;
    uint64_t decayed; /* options.decay_kinds, of a type that is the same everywhere */
} mlpbn__optimizer_state;

void mlpbn__optimizer_texts_set(mlpbn__header *header, const mlpbn_optimizer *optimizer);

/* MLPBN_EMISMATCH if the file has no optimizer, or one of another method or with other
 * arrays than this; MLPBN_EFORMAT. Ranges of options are not checked. */
mlpbn_status mlpbn__optimizer_texts_get(const mlpbn__header *header,
                                        mlpbn__optimizer_state *state,
                                        const mlpbn_optimizer *optimizer);

/* Where a sampler stands, and what it must have been made of to stand there. */
typedef struct mlpbn__sampler_state {
    uint64_t seed, epochs;
    size_t position;
    size_t n, batch, used; /* as made */
    int shuffle;
    uint64_t index; /* checksum of its list */
} mlpbn__sampler_state;

void mlpbn__sampler_texts_set(mlpbn__header *header, const mlpbn_sampler *sampler);

/* MLPBN_EMISMATCH if the file has no sampler, or one that was made otherwise;
 * MLPBN_EFORMAT. */
mlpbn_status mlpbn__sampler_texts_get(const mlpbn__header *header,
                                      mlpbn__sampler_state *state,
                                      const mlpbn_sampler *sampler);

#endif
