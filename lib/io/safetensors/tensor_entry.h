/* A tensor of a file and the array in memory that it is written from or loaded into. The
 * same list of entries serves saving and loading. */
#ifndef MLPBN_IO_SAFETENSORS_TENSOR_ENTRY_H
#define MLPBN_IO_SAFETENSORS_TENSOR_ENTRY_H

#include "io/safetensors/file_tensor.h"

enum { MLPBN__TENSOR_NAME_SIZE = 64 };

typedef struct mlpbn__tensor_entry {
    char name[MLPBN__TENSOR_NAME_SIZE];
    mlpbn__file_dtype dtype;
    size_t n_dims, dims[MLPBN__MAX_DIMS];
    int not_negative; /* all numbers must be at least 0 */
    int is_parameter; /* data points into the network's array of parameters */
    void *data;       /* row by row */
    size_t stride;    /* numbers from row to row */
} mlpbn__tensor_entry;

typedef struct mlpbn__tensor_entries {
    mlpbn__tensor_entry *entry; /* [n] */
    size_t n;
} mlpbn__tensor_entries;

/* Sorts the entries as Hugging Face's own writer does, which keeps numbers aligned: by
 * dtype, 8 bytes first, then by name. A file that it has read and written again so has the
 * same data. */
void mlpbn__tensor_entries_sort(mlpbn__tensor_entries *entries);

/* Bytes of the tensor in the file. */
size_t mlpbn__tensor_entry_size(const mlpbn__tensor_entry *entry);

/* Passes the bytes of the tensor to write, chunk by chunk, until that fails. */
typedef mlpbn_status mlpbn__chunk_fn(void *context, const void *bytes, size_t n);
mlpbn_status mlpbn__tensor_entry_write(const mlpbn__tensor_entry *entry,
                                       mlpbn__chunk_fn *write, void *context);

/* Returns MLPBN_ENONFINITE unless all numbers in memory may be written. */
mlpbn_status mlpbn__tensor_entry_check_memory(const mlpbn__tensor_entry *entry);

/* Returns MLPBN_EFORMAT unless all numbers in these bytes of a file may be loaded. The error
 * text names the first that may not and its byte in the file, where bytes stand at
 * `position`. */
mlpbn_status mlpbn__tensor_entry_check_bytes(const mlpbn__tensor_entry *entry,
                                             const char *bytes, uint64_t position);

/* Loads the array from the bytes. */
void mlpbn__tensor_entry_load(const mlpbn__tensor_entry *entry, const char *bytes);

#endif
