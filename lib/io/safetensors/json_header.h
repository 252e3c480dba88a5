/* The header of a safetensors file: JSON, by jansson. In a library configured without it
 * all of this is unsupported. */
#ifndef MLPBN_IO_SAFETENSORS_JSON_HEADER_H
#define MLPBN_IO_SAFETENSORS_JSON_HEADER_H

#include "io/safetensors/file_tensor.h"
#include "io/output.h"

enum { MLPBN__HEADER_MOST = 16 << 20 }; /* bytes */

typedef struct mlpbn__header {
    void *root, *metadata; /* JSON objects; metadata NULL: the file has none */
    int failed;            /* no memory: what is set from then on is lost */
} mlpbn__header;

/* MLPBN_EUNSUPPORTED without jansson. */
mlpbn_status mlpbn__header_supported(void);

/* An empty one. */
mlpbn_status mlpbn__header_new(mlpbn__header *header);

/* One from the bytes of a file, where it begins at byte 8. */
mlpbn_status mlpbn__header_parse(mlpbn__header *header, const char *bytes, size_t n);

void mlpbn__header_free(mlpbn__header *header);

/* Text in the metadata; get: borrowed, NULL if there is none. */
void mlpbn__header_set(mlpbn__header *header, const char *key, const char *text);
const char *mlpbn__header_get(const mlpbn__header *header, const char *key);

/* The first text of expected that is another one in header; NULL: all are there. */
const char *mlpbn__header_difference(const mlpbn__header *expected,
                                     const mlpbn__header *header);

void mlpbn__header_add(mlpbn__header *header, const mlpbn__file_tensor *tensor);

/* Length and JSON, padded so that the data begins at a multiple of 8 bytes. MLPBN_ESIZE if
 * it is larger than a header may be. */
mlpbn_status mlpbn__header_put(const mlpbn__header *header, mlpbn__output *output);

size_t mlpbn__header_tensors(const mlpbn__header *header);

/* All tensors, each checked by itself. */
mlpbn_status mlpbn__header_list(const mlpbn__header *header, mlpbn__file_tensor *tensors);

/* The tensor of this name, of a header that was listed; 0 if there is none. */
int mlpbn__header_find(const mlpbn__header *header, const char *name,
                       mlpbn__file_tensor *tensor);

/* Takes a tensor off the header. */
void mlpbn__header_remove(mlpbn__header *header, const char *name);

/* Name of a tensor that is left; NULL: none is. */
const char *mlpbn__header_left(const mlpbn__header *header);

#endif
