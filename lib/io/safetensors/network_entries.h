/* The tensor entries of a network. Their names are those in the state_dict() of PyTorch's
 *
 *   nn.Sequential([BatchNorm1d(affine=False),] Linear, [BatchNorm1d,] [activation], ...)
 *
 * and begin with the index of the module. Standardization is the first BatchNorm1d; there is no
 * module for an identity activation. */
#ifndef MLPBN_IO_SAFETENSORS_NETWORK_ENTRIES_H
#define MLPBN_IO_SAFETENSORS_NETWORK_ENTRIES_H

#include "io/safetensors/tensor_entry.h"
#include "model/model.h"

typedef struct mlpbn__network_entries {
    mlpbn__tensor_entries entries;
    /* Running statistics of the first BatchNorm1d, [inputs] in the network's dtype; NULL:
     * not standardized. */
    void *mean, *variance;
    uint64_t batches; /* its num_batches_tracked, which has no meaning here: 0 */
} mlpbn__network_entries;

/* Lists the tensors of the network. The entries point to the network's arrays, except mean
 * and variance, which are allocated and zero.
 *
 * standardized    whether the file has a standardization; when it is loaded, the network does
 *                 not have it yet
 * extra_capacity  the number of entries that the caller will add
 */
mlpbn_status mlpbn__network_entries_new(mlpbn__network_entries *list,
                                        const mlpbn_network *network, int standardized,
                                        size_t extra_capacity);

void mlpbn__network_entries_free(mlpbn__network_entries *list);

/* Returns the entries of mean and variance; none if the file has no standardization. */
mlpbn__tensor_entries mlpbn__standardization_entries(const mlpbn__network_entries *list);

/* Adds an entry for each parameter of the network, with the prefix before its name. array has
 * the layout of the network's parameters. */
void mlpbn__tensor_entries_add_like_parameters(mlpbn__tensor_entries *entries,
                                               const mlpbn_network *network,
                                               const char *prefix, void *array,
                                               int nonnegative);

/* Adds an entry of n elements of dtype U8. */
void mlpbn__tensor_entries_add_bytes(mlpbn__tensor_entries *entries, const char *name,
                                     void *bytes, size_t n);

#endif
