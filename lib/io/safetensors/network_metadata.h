/* A network in the metadata of a file: what it was made with, and the state that is not in
 * its tensors. */
#ifndef MLPBN_IO_SAFETENSORS_NETWORK_METADATA_H
#define MLPBN_IO_SAFETENSORS_NETWORK_METADATA_H

#include "model/model.h"
#include "io/safetensors/safetensors.h"

/* All that mlpbn_network_create needs. */
typedef struct mlpbn__network_plan {
    mlpbn_network_options options;
    const mlpbn_layer_options *layers; /* made, or the caller's */
    size_t n_layers;
    mlpbn_layer_options *made; /* [n_layers], as are their batchnorms; or both NULL */
    mlpbn_batchnorm_options *batchnorms;
} mlpbn__network_plan;

/* Sets texts of what a network was made with. */
void mlpbn__network_texts_set(mlpbn__header *header, const mlpbn_network *network);

/* Reads them: MLPBN_EFORMAT, also if the file has not the data for such a network;
 * MLPBN_ENOMEM. Ranges of options are not checked. */
mlpbn_status mlpbn__network_plan_read(mlpbn__network_plan *plan,
                                      const mlpbn__file_in *file);

/* Makes a plan for a file of others, from its first weight and the caller's layers. */
mlpbn_status mlpbn__network_plan_guess(mlpbn__network_plan *plan,
                                       const mlpbn__file_in *file,
                                       const mlpbn_layer_options *layers,
                                       size_t n_layers);

void mlpbn__network_plan_free(mlpbn__network_plan *plan);

/* What is neither an option nor in a tensor. */
typedef struct mlpbn__batchnorm_state {
    int is_initial, frozen;
} mlpbn__batchnorm_state;

typedef struct mlpbn__network_state {
    uint64_t steps;
    mlpbn__batchnorm_state *batchnorms; /* [layers] */
} mlpbn__network_state;

void mlpbn__network_state_set(mlpbn__header *header, const mlpbn_network *network);

mlpbn_status mlpbn__network_state_new(mlpbn__network_state *state, size_t n_layers);
mlpbn_status mlpbn__network_state_get(mlpbn__network_state *state,
                                      const mlpbn__header *header,
                                      const mlpbn_network *network);
void mlpbn__network_state_restore(mlpbn_network *network,
                                  const mlpbn__network_state *state);
void mlpbn__network_state_free(mlpbn__network_state *state);

#endif
