/* Structs of callers that were compiled with an older or a newer header.
 *
 * Every such struct begins with size_t struct_size and grows at the end only. */
#ifndef MLPBN_BASE_STRUCT_SIZE_H
#define MLPBN_BASE_STRUCT_SIZE_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

/* Writes defaults, a struct of this library's `size`, to the caller's of struct_size. */
mlpbn_status mlpbn__struct_init(void *caller, size_t struct_size, const void *defaults,
                                size_t size, const char *what);

/* Reads the caller's struct over *ours, which holds the defaults: missing fields keep
 * them, and bytes beyond `size` must be zero. */
mlpbn_status mlpbn__struct_read(void *ours, size_t size, const void *caller,
                                const char *what);

/* Writes *ours to the caller's struct, as much of it as that has, keeping struct_size. */
mlpbn_status mlpbn__struct_write(void *caller, const void *ours, size_t size,
                                 const char *what);

/* Whether a struct could be written, for checking before the work is done. */
mlpbn_status mlpbn__struct_check(const void *caller, const char *what);

#endif
