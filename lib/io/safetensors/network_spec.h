/* The options with which the network of a file is created. */
#ifndef MLPBN_IO_SAFETENSORS_NETWORK_SPEC_H
#define MLPBN_IO_SAFETENSORS_NETWORK_SPEC_H

#include "io/safetensors/safetensors.h"
#include "model/model.h"

#include <mlpbn/file.h>

typedef struct mlpbn__network_spec {
    mlpbn_network_options options;
    const mlpbn_layer_options *layers; /* [n_layers]: owned_layers or the caller's */
    size_t n_layers;
    mlpbn_layer_options *owned_layers; /* [n_layers], or NULL */
    mlpbn_batchnorm_options *owned_batchnorms;
    int is_native; /* libmlpbn wrote the file, and its metadata holds options and state */
    int standardized;
    mlpbn_status mismatch_status; /* for tensors that do not fit the layers */
} mlpbn__network_spec;

/* Reads the options from the metadata, or infers them, in a file that other software wrote,
 * from its first weight and the caller's layers. MLPBN_EFORMAT, also if the file has too
 * little data for such a network; MLPBN_ESHAPE, MLPBN_EUNSUPPORTED, MLPBN_EINVAL,
 * MLPBN_ENOMEM. Ranges of options are not checked. */
mlpbn_status mlpbn__network_spec_new(mlpbn__network_spec *spec,
                                     const mlpbn__safetensors_in *file,
                                     const mlpbn_load_options *options);

void mlpbn__network_spec_free(mlpbn__network_spec *spec);

#endif
