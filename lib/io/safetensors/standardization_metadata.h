/* Standardization in a file: as the running statistics of a BatchNorm1d, so that PyTorch
 * computes the same to rounding, and exactly, in the metadata, where these do not hold every
 * bit of it. */
#ifndef MLPBN_IO_SAFETENSORS_STANDARDIZATION_METADATA_H
#define MLPBN_IO_SAFETENSORS_STANDARDIZATION_METADATA_H

#include "io/safetensors/safetensors.h"
#include "io/safetensors/network_entries.h"

#define MLPBN__STANDARDIZATION_EPS 1e-5 /* PyTorch's default */

/* The eps of the BatchNorm1d: 1e-5, but 0 if a deviation is too small for that. */
double mlpbn__standardization_eps(const mlpbn_network *network);

/* Fills mean and variance of the items. */
void mlpbn__standardization_fill(mlpbn__network_items *items,
                                 const mlpbn_network *network);

/* Sets the texts. MLPBN_ENOMEM. */
mlpbn_status mlpbn__standardization_set(mlpbn__header *header,
                                        const mlpbn__network_items *items,
                                        const mlpbn_network *network);

/* Whether the file, one of ours, is standardized. MLPBN_EFORMAT. */
mlpbn_status mlpbn__standardization_is(const mlpbn__header *header, int *standardized);

/* mean and std, [inputs] each, from the texts, or else from the items, which were read. */
mlpbn_status mlpbn__standardization_get(const mlpbn__header *header,
                                        const mlpbn__network_items *items,
                                        mlpbn_dtype dtype, double *mean, double *std,
                                        size_t n);

/* The same from the items of a file of others. */
void mlpbn__standardization_of(const mlpbn__network_items *items, mlpbn_dtype dtype,
                               double eps, double *mean, double *std, size_t n);

#endif
