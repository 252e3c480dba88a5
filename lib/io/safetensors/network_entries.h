/* The tensors of a network as items, with the names that PyTorch gives those of
 *
 *   nn.Sequential([BatchNorm1d(affine=False),] Linear, [BatchNorm1d,] [activation], ...)
 *
 * where a number counts the modules: standardization is the first BatchNorm1d, and the
 * identity is no module. */
#ifndef MLPBN_IO_SAFETENSORS_NETWORK_ENTRIES_H
#define MLPBN_IO_SAFETENSORS_NETWORK_ENTRIES_H

#include "model/model.h"
#include "io/safetensors/tensor_entry.h"

typedef struct mlpbn__network_items {
    mlpbn__items items;
    /* Of standardization, [inputs] in the network's dtype; NULL: not standardized. */
    void *mean, *variance;
    uint64_t batches; /* that standardization has seen: 0, and of no meaning */
} mlpbn__network_items;

mlpbn__file_type mlpbn__file_type_of(mlpbn_dtype dtype);

/* standardized: whether the file is; the network may not yet be. more: how many items the
 * caller will add. Their arrays are the network's, but for mean and variance, which are
 * zero. */
mlpbn_status mlpbn__network_items_new(mlpbn__network_items *made,
                                      const mlpbn_network *network, int standardized,
                                      size_t more);

/* Those whose arrays are mean and variance; none if it is not standardized. */
mlpbn__items mlpbn__standardization_items(const mlpbn__network_items *made);

void mlpbn__network_items_free(mlpbn__network_items *made);

/* Adds an array that is laid out as the network's parameters, prefix before each name. */
void mlpbn__items_add_like_parameters(mlpbn__items *items, const mlpbn_network *network,
                                      const char *prefix, void *array, int not_negative);

/* Adds n bytes. */
void mlpbn__items_add_bytes(mlpbn__items *items, const char *name, void *bytes, size_t n);

#endif
