/* The header of a safetensors file that is written: JSON, which grows with each piece of
 * metadata, and then with each tensor. */
#ifndef MLPBN_IO_SAFETENSORS_HEADER_TEXT_H
#define MLPBN_IO_SAFETENSORS_HEADER_TEXT_H

#include "io/safetensors/file_tensor.h"

typedef struct mlpbn__header_text {
    char *json;
    size_t n, capacity; /* bytes of json */
    int has_tensors;    /* the metadata is complete */
    int failed;         /* memory ran out in a function that returns no status */
} mlpbn__header_text;

/* Begins a header. An error of memory is reported by mlpbn__header_text_finish. */
mlpbn__header_text mlpbn__header_text_new(void);

void mlpbn__header_text_free(mlpbn__header_text *header);

/* Adds metadata, before any tensor. */
void mlpbn__header_set_metadata(mlpbn__header_text *header, const char *key,
                                const char *value);

void mlpbn__header_add_tensor(mlpbn__header_text *header,
                              const mlpbn__file_tensor *tensor);

/* Ends the JSON and pads it so that the data begins at a multiple of 8 bytes. MLPBN_ENOMEM if
 * memory has run out, MLPBN_ESIZE if the header is too large. */
mlpbn_status mlpbn__header_text_finish(mlpbn__header_text *header);

#endif
