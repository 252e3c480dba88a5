/* A network in a safetensors file (mlpbn/file.h). */
#ifndef MLPBN_IO_SAFETENSORS_NETWORK_FILE_H
#define MLPBN_IO_SAFETENSORS_NETWORK_FILE_H

#include "io/input.h"
#include "io/output.h"

#include <mlpbn/file.h>

mlpbn_status mlpbn__network_save(const mlpbn_network *network, mlpbn__target target);

/* Loads a network. options: already checked */
mlpbn_status mlpbn__network_load(mlpbn_network **network, mlpbn__source source,
                                 const mlpbn_load_options *options);

#endif
