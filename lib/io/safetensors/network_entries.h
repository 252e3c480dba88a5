/* The tensors of a network as entries of a file, with the names that PyTorch gives those of
 *
 *   nn.Sequential([BatchNorm1d(affine=False),] Linear, [BatchNorm1d,] [activation], ...)
 *
 * where a number counts the modules. Standardization is the first BatchNorm1d; the identity
 * is no module. */
#ifndef MLPBN_IO_SAFETENSORS_NETWORK_ENTRIES_H
#define MLPBN_IO_SAFETENSORS_NETWORK_ENTRIES_H

#include "io/safetensors/tensor_entry.h"
#include "model/model.h"

typedef struct mlpbn__network_entries {
    mlpbn__tensor_entries entries;
    /* Running statistics of the first BatchNorm1d, [inputs] in the network's dtype; NULL:
     * not standardized. */
    void *mean, *variance;
    uint64_t batches; /* num_batches_tracked of it, which has no meaning: 0 */
} mlpbn__network_entries;

/* Lists the tensors of the network. Arrays of the entries are the network's, but for mean
 * and variance, which are allocated and zero.
 *
 * standardized  whether the file is; the network may not be so yet
 * n_more        entries that the caller will add
 */
mlpbn_status mlpbn__network_entries_new(mlpbn__network_entries *list,
                                        const mlpbn_network *network, int standardized,
                                        size_t n_more);

void mlpbn__network_entries_free(mlpbn__network_entries *list);

/* The entries of mean and variance; none if the file is not standardized. */
mlpbn__tensor_entries mlpbn__standardization_entries(const mlpbn__network_entries *list);

/* Adds the entries of an array with the layout of the network's parameters. Their names are
 * those of the parameters behind a prefix. */
void mlpbn__tensor_entries_add_like_parameters(mlpbn__tensor_entries *entries,
                                               const mlpbn_network *network,
                                               const char *prefix, void *array,
                                               int not_negative);

/* Adds an entry of n bytes. */
void mlpbn__tensor_entries_add_bytes(mlpbn__tensor_entries *entries, const char *name,
                                     void *bytes, size_t n);

#endif
