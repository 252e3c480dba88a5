/* A network in the metadata of a file: the options that it was created with, the state that
 * is not in its tensors, and its standardization. */
#ifndef MLPBN_IO_SAFETENSORS_NETWORK_METADATA_H
#define MLPBN_IO_SAFETENSORS_NETWORK_METADATA_H

#include "io/safetensors/header.h"
#include "io/safetensors/header_text.h"
#include "io/safetensors/network_entries.h"
#include "model/model.h"

/* Sets options, state and standardization. MLPBN_ENOMEM. */
mlpbn_status mlpbn__network_to_metadata(mlpbn__header_text *header,
                                        const mlpbn__network_entries *list,
                                        const mlpbn_network *network);

/* --- Options ---------------------------------------------------------------------------- */

/* Sets the options of the network and its layers. */
void mlpbn__network_options_to_metadata(mlpbn__header_text *header,
                                        const mlpbn_network *network);

/* Reads the options of a network. MLPBN_EFORMAT; ranges are not checked. */
mlpbn_status mlpbn__network_options_from_metadata(const mlpbn__header *header,
                                                  mlpbn_network_options *options,
                                                  size_t *n_layers);

/* Reads the options of layer `index`. layer->batchnorm points to *batchnorm, or is NULL if the
 * layer has no batchnorm. MLPBN_EFORMAT; ranges are not checked. */
mlpbn_status mlpbn__layer_options_from_metadata(const mlpbn__header *header, size_t index,
                                                mlpbn_layer_options *layer,
                                                mlpbn_batchnorm_options *batchnorm);

/* --- State that is neither an option nor in a tensor ------------------------------------ */

typedef struct mlpbn__batchnorm_state {
    int is_initial, frozen;
} mlpbn__batchnorm_state;

typedef struct mlpbn__network_state {
    uint64_t steps;
    mlpbn__batchnorm_state *batchnorms; /* [n_layers] */
} mlpbn__network_state;

/* Reads the state of this network from the metadata: MLPBN_EFORMAT, MLPBN_ENOMEM. The
 * caller frees the state, even if this fails. */
mlpbn_status mlpbn__network_state_from_metadata(const mlpbn__header *header,
                                                mlpbn__network_state *state,
                                                const mlpbn_network *network);

void mlpbn__network_state_restore(mlpbn_network *network,
                                  const mlpbn__network_state *state);
void mlpbn__network_state_free(mlpbn__network_state *state);

#endif
