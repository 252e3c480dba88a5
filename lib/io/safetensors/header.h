/* The header of a safetensors file that is read: its metadata and tensors. */
#ifndef MLPBN_IO_SAFETENSORS_HEADER_H
#define MLPBN_IO_SAFETENSORS_HEADER_H

#include "io/safetensors/file_tensor.h"

enum { MLPBN__MAX_HEADER_SIZE = 16 << 20 }; /* bytes */

typedef struct mlpbn__metadata_pair {
    const char *key, *value;
} mlpbn__metadata_pair;

typedef struct mlpbn__header {
    char *text; /* the JSON; keys, values and names are decoded in it */
    mlpbn__metadata_pair *metadata; /* sorted by key */
    size_t n_metadata;
    mlpbn__file_tensor *tensors; /* sorted by name */
    size_t n_tensors;
} mlpbn__header;

/* Parses n bytes of JSON, which begin at byte 8 of the file, and checks each tensor alone.
 * MLPBN_EFORMAT, MLPBN_ENOMEM. */
mlpbn_status mlpbn__header_parse(mlpbn__header *header, const char *json, size_t n);

void mlpbn__header_free(mlpbn__header *header);

/* Returns the value, which is borrowed; NULL if there is none. */
const char *mlpbn__header_get_metadata(const mlpbn__header *header, const char *key);

/* Returns the pair of `expected` whose value in `header` differs or is missing, the first in its
 * text; NULL if there is none. */
const mlpbn__metadata_pair *
mlpbn__header_metadata_difference(const mlpbn__header *expected,
                                  const mlpbn__header *header);

/* Returns the tensor of this name, which is borrowed; NULL if there is none. */
mlpbn__file_tensor *mlpbn__header_find_tensor(const mlpbn__header *header,
                                              const char *name);

#endif
