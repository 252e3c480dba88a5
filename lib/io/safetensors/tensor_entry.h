/* One tensor of a file and the array in memory that it is written from or read into. The
 * same list of items saves and loads. */
#ifndef MLPBN_IO_SAFETENSORS_TENSOR_ENTRY_H
#define MLPBN_IO_SAFETENSORS_TENSOR_ENTRY_H

#include "io/safetensors/file_tensor.h"

enum { MLPBN__ITEM_NAME = 64 };

typedef struct mlpbn__item {
    char name[MLPBN__ITEM_NAME];
    mlpbn__file_type type;
    size_t n_dims, dims[MLPBN__FILE_DIMS];
    int not_negative; /* must be at least 0 */
    int is_parameter; /* of the network, whose array of parameters data is in */
    void *data;       /* row by row */
    size_t stride;    /* numbers from row to row */
} mlpbn__item;

typedef struct mlpbn__items {
    mlpbn__item *item;
    size_t n;
} mlpbn__items;

/* Brings items to the order of Hugging Face's own writer, which keeps numbers aligned: by
 * type, those of 8 bytes first, then by name. So a file that it has read and written again
 * has the same data. */
void mlpbn__items_sort(mlpbn__items *items);

size_t mlpbn__item_bytes(const mlpbn__item *item);

/* Hands the bytes of the item to sink, piece by piece, until it fails. */
typedef mlpbn_status mlpbn__sink(void *context, const void *bytes, size_t n);
mlpbn_status mlpbn__item_emit(const mlpbn__item *item, mlpbn__sink *sink, void *context);

/* MLPBN_ENONFINITE unless the item, as it is in memory, may be written. */
mlpbn_status mlpbn__item_check_memory(const mlpbn__item *item);

/* Whether these bytes, which stand at `position` of the file, may be read into the item:
 * MLPBN_EFORMAT names the first number that is not finite, or negative, and its byte. */
mlpbn_status mlpbn__item_check(const mlpbn__item *item, const char *bytes,
                               uint64_t position);

/* Reads them. */
void mlpbn__item_read(const mlpbn__item *item, const char *bytes);

#endif
