/* Reads and writes structs of callers that were compiled with an older or a newer header.
 *
 * Every such struct begins with size_t struct_size and grows at the end only. `name` is the
 * name of the struct in error texts. */
#ifndef MLPBN_BASE_STRUCT_SIZE_H
#define MLPBN_BASE_STRUCT_SIZE_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

/* Writes *defaults, which has `size` bytes in this library, to the caller's struct. */
mlpbn_status mlpbn__struct_init(void *caller, size_t struct_size, const void *defaults,
                                size_t size, const char *name);

/* Reads the caller's struct into *local, which holds the defaults: fields that the caller's
 * struct lacks keep them. Bytes beyond `size` must be zero, or the result is MLPBN_EINVAL. */
mlpbn_status mlpbn__struct_read(void *local, size_t size, const void *caller,
                                const char *name);

/* Writes the fields of *local that the caller's struct has, and keeps its struct_size. */
mlpbn_status mlpbn__struct_write(void *caller, const void *local, size_t size,
                                 const char *name);

/* Checks that mlpbn__struct_write would succeed. */
mlpbn_status mlpbn__struct_check(const void *caller, const char *name);

#endif
