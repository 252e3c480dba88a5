/* The public description of a tensor. */
#ifndef MLPBN_API_TENSOR_API_H
#define MLPBN_API_TENSOR_API_H

#include "model/model.h"

/* Fills in the caller's struct for the tensor `index` of the network's table. */
mlpbn_status mlpbn__describe_tensor(mlpbn_tensor *caller, const mlpbn_network *network,
                                    size_t index);

#endif
