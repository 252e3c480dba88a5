/* Standardization in a file: the running statistics of a BatchNorm1d, with which PyTorch
 * computes the same up to rounding. If mean and std cannot be computed exactly from these
 * statistics, the metadata holds them, too. */
#ifndef MLPBN_IO_SAFETENSORS_STANDARDIZATION_METADATA_H
#define MLPBN_IO_SAFETENSORS_STANDARDIZATION_METADATA_H

#include "io/safetensors/header.h"
#include "io/safetensors/header_text.h"
#include "io/safetensors/network_entries.h"

/* Writes the network's mean and std to mean and variance of the entries. */
void mlpbn__standardization_to_entries(mlpbn__network_entries *entries,
                                       const mlpbn_network *network);

/* Sets the metadata: whether the network is standardized, and its mean and std if the entries
 * are not exact. MLPBN_ENOMEM. */
mlpbn_status mlpbn__standardization_to_metadata(mlpbn__header_text *header,
                                                const mlpbn__network_entries *entries,
                                                const mlpbn_network *network);

/* Reads whether the network of a file that libmlpbn wrote is standardized. MLPBN_EFORMAT. */
mlpbn_status mlpbn__standardization_flag_from_metadata(const mlpbn__header *header,
                                                       int *standardized);

/* Reads mean and std, [n] each, from the metadata or, if it does not hold them, from the
 * entries, which must have been loaded. MLPBN_EFORMAT. */
mlpbn_status mlpbn__standardization_from_metadata(const mlpbn__header *header,
                                                  const mlpbn__network_entries *entries,
                                                  mlpbn_dtype dtype, double *mean,
                                                  double *std, size_t n);

/* Reads mean and std, [n] each, from the entries alone, for a BatchNorm1d of this eps. */
void mlpbn__standardization_from_entries(const mlpbn__network_entries *entries,
                                         mlpbn_dtype dtype, double eps, double *mean,
                                         double *std, size_t n);

#endif
