/* Optimizer and sampler in the metadata of a checkpoint. */
#ifndef MLPBN_IO_SAFETENSORS_TRAINING_METADATA_H
#define MLPBN_IO_SAFETENSORS_TRAINING_METADATA_H

#include "io/safetensors/header.h"
#include "io/safetensors/header_text.h"
#include "nn/optimizer.h"
#include "nn/sampler.h"

/* An optimizer without its arrays. */
typedef struct mlpbn__optimizer_state {
    mlpbn_optimizer_options options;
    uint64_t steps;
    uint64_t decay_kinds; /* options.decay_kinds, in a type of the same size everywhere */
} mlpbn__optimizer_state;

void mlpbn__optimizer_to_metadata(mlpbn__header_text *header,
                                  const mlpbn_optimizer *optimizer);

/* Reads the state of an optimizer. Returns MLPBN_EMISMATCH if the file has no optimizer, or one
 * with other arrays than this optimizer; MLPBN_EFORMAT. Ranges of options are not checked. */
mlpbn_status mlpbn__optimizer_from_metadata(const mlpbn__header *header,
                                            mlpbn__optimizer_state *state,
                                            const mlpbn_optimizer *optimizer);

/* The position of a sampler, and the properties that identify its rows. */
typedef struct mlpbn__sampler_state {
    uint64_t seed, epochs;
    size_t position;
    size_t n, batch, used; /* as in mlpbn_sampler */
    int shuffle;
    uint64_t index_checksum;
} mlpbn__sampler_state;

void mlpbn__sampler_to_metadata(mlpbn__header_text *header, const mlpbn_sampler *sampler);

/* Reads the state of a sampler. Returns MLPBN_EMISMATCH if the file has no sampler, or one of
 * other rows or options than this sampler; MLPBN_EFORMAT. */
mlpbn_status mlpbn__sampler_from_metadata(const mlpbn__header *header,
                                          mlpbn__sampler_state *state,
                                          const mlpbn_sampler *sampler);

#endif
