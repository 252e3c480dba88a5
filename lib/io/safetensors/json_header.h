/* The header of a safetensors file: JSON, by jansson. In a library that was configured
 * without jansson all functions return MLPBN_EUNSUPPORTED. */
#ifndef MLPBN_IO_SAFETENSORS_JSON_HEADER_H
#define MLPBN_IO_SAFETENSORS_JSON_HEADER_H

#include "io/output.h"
#include "io/safetensors/file_tensor.h"

enum { MLPBN__MAX_HEADER_SIZE = 16 << 20 }; /* bytes */

typedef struct mlpbn__header {
    void *root, *metadata; /* JSON objects; metadata is NULL if a file has none */
    int failed;            /* memory ran out in a function that returns no status */
} mlpbn__header;

/* Returns MLPBN_EUNSUPPORTED without jansson. */
mlpbn_status mlpbn__header_supported(void);

/* Creates an empty header. */
mlpbn_status mlpbn__header_new(mlpbn__header *header);

/* Parses n bytes of JSON, which begin at byte 8 of the file. */
mlpbn_status mlpbn__header_parse(mlpbn__header *header, const char *json, size_t n);

void mlpbn__header_free(mlpbn__header *header);

/* Writes the length and the JSON, padded so that the data begins at a multiple of 8 bytes.
 * MLPBN_ESIZE if the header is too large. */
mlpbn_status mlpbn__header_write(const mlpbn__header *header, mlpbn__output *output);

/* --- Metadata: strings by key ----------------------------------------------------------- */

void mlpbn__header_set_metadata(mlpbn__header *header, const char *key,
                                const char *value);

/* Returns the value, which is borrowed; NULL if there is none. */
const char *mlpbn__header_get_metadata(const mlpbn__header *header, const char *key);

/* Returns the first metadata key of `expected` whose value in `header` differs or is missing;
 * NULL if there is none. */
const char *mlpbn__header_metadata_difference(const mlpbn__header *expected,
                                              const mlpbn__header *header);

/* --- Tensors by name -------------------------------------------------------------------- */

void mlpbn__header_add_tensor(mlpbn__header *header, const mlpbn__file_tensor *tensor);

size_t mlpbn__header_n_tensors(const mlpbn__header *header);

/* Reads the descriptions of all tensors, and checks each one alone.
 *
 * tensors  [mlpbn__header_n_tensors], receives the descriptions
 */
mlpbn_status mlpbn__header_list_tensors(const mlpbn__header *header,
                                        mlpbn__file_tensor *tensors);

/* Finds a tensor by its name, after mlpbn__header_list_tensors has checked them. Returns 0 if
 * there is none. */
int mlpbn__header_find_tensor(const mlpbn__header *header, const char *name,
                              mlpbn__file_tensor *tensor);

void mlpbn__header_remove_tensor(mlpbn__header *header, const char *name);

/* Returns the name of the first tensor; NULL if there is none. */
const char *mlpbn__header_first_tensor(const mlpbn__header *header);

#endif
