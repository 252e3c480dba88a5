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
    int nonnegative;  /* all elements must be at least 0 */
    int is_parameter; /* data points into the network's parameters */
    void *data;       /* row-major */
    size_t stride;    /* elements from row to row */
} mlpbn__tensor_entry;

typedef struct mlpbn__tensor_entries {
    mlpbn__tensor_entry *entry; /* [n] */
    size_t n;
} mlpbn__tensor_entries;

/* Sorts the entries as the safetensors package does: by dtype, those of 8 bytes first, so that
 * elements are aligned, and then by name. If that package loads and saves a file, the data
 * stays the same. */
void mlpbn__tensor_entries_sort(mlpbn__tensor_entries *entries);

/* Sorts the entries as a header that is read has its tensors. */
void mlpbn__tensor_entries_sort_by_name(mlpbn__tensor_entries *entries);

/* Returns the size of the tensor in bytes. */
size_t mlpbn__tensor_entry_size(const mlpbn__tensor_entry *entry);

/* Passes the bytes of the tensor to write, chunk by chunk, until that fails. */
typedef mlpbn_status mlpbn__chunk_fn(void *context, const void *bytes, size_t n);
mlpbn_status mlpbn__tensor_entry_write(const mlpbn__tensor_entry *entry,
                                       mlpbn__chunk_fn *write, void *context);

/* Returns MLPBN_ENONFINITE unless all elements in memory are valid: finite and, if nonnegative,
 * at least 0. */
mlpbn_status mlpbn__tensor_entry_check_memory(const mlpbn__tensor_entry *entry);

/* Returns MLPBN_EFORMAT unless all elements in these bytes of a file are valid. The error text
 * names the first invalid element and its byte in the file. position: offset of bytes in the
 * file */
mlpbn_status mlpbn__tensor_entry_check_bytes(const mlpbn__tensor_entry *entry,
                                             const char *bytes, uint64_t position);

/* Loads the array from the bytes. */
void mlpbn__tensor_entry_load(const mlpbn__tensor_entry *entry, const char *bytes);

#endif
