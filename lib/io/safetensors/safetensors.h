/* A safetensors file:
 *
 *   | N, 8 bytes | header, N bytes of JSON | data of the tensors, one after the other |
 *
 * Keys of the metadata that libmlpbn writes and reads begin with "mlpbn.". */
#ifndef MLPBN_IO_SAFETENSORS_SAFETENSORS_H
#define MLPBN_IO_SAFETENSORS_SAFETENSORS_H

#include "io/input.h"
#include "io/output.h"
#include "io/safetensors/header.h"
#include "io/safetensors/header_text.h"
#include "io/safetensors/tensor_entry.h"

/* Kinds of files that libmlpbn writes. */
#define MLPBN__KIND_NETWORK "network"
#define MLPBN__KIND_CHECKPOINT "checkpoint"

/* --- Saving ----------------------------------------------------------------------------- */

/* Adds to the metadata of the header. */
typedef mlpbn_status mlpbn__metadata_fn(mlpbn__header_text *header, const void *context);

/* Sorts, checks and saves the entries, with the kind, a checksum of the whole file and what
 * add_metadata adds.
 * The errors are MLPBN_ENONFINITE, MLPBN_ENOMEM, and those of add_metadata and of
 * mlpbn__save_to. */
mlpbn_status mlpbn__safetensors_save(mlpbn__tensor_entries *entries, const char *kind,
                                     mlpbn__metadata_fn *add_metadata,
                                     const void *context, mlpbn__target target);

/* --- Loading ---------------------------------------------------------------------------- */

typedef struct mlpbn__safetensors_in {
    mlpbn__header header;
    char *data;
    uint64_t n_data;        /* bytes of data */
    uint64_t data_position; /* offset of data in the file */
} mlpbn__safetensors_in;

/* Reads a whole file and checks its header and checksum: MLPBN_EFORMAT, MLPBN_EIO or
 * MLPBN_ENOMEM. */
mlpbn_status mlpbn__safetensors_in_new(mlpbn__safetensors_in *file, mlpbn__input *input);

void mlpbn__safetensors_in_free(mlpbn__safetensors_in *file);

/* Whether libmlpbn wrote the file, in any format version and of any kind. */
int mlpbn__safetensors_is_native(const mlpbn__safetensors_in *file);

/* Returns MLPBN_EFORMAT unless libmlpbn wrote the file, of this kind, and in a format
 * version that this library reads. */
mlpbn_status mlpbn__safetensors_check_kind(const mlpbn__safetensors_in *file,
                                           const char *kind);

/* Checks that the file has a tensor for each entry. Returns mismatch_status if one is missing
 * or has another dtype or shape, and MLPBN_EFORMAT if an element is invalid. */
mlpbn_status mlpbn__safetensors_check_entries(const mlpbn__safetensors_in *file,
                                              const mlpbn__tensor_entries *entries,
                                              mlpbn_status mismatch_status);

/* Loads the arrays of entries that were checked. */
void mlpbn__safetensors_load_entries(mlpbn__safetensors_in *file,
                                     const mlpbn__tensor_entries *entries);

/* Returns mismatch_status if the file has tensors that were not loaded. */
mlpbn_status mlpbn__safetensors_check_no_others(const mlpbn__safetensors_in *file,
                                                mlpbn_status mismatch_status);

#endif
