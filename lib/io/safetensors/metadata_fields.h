/* Options as texts of a header: one for each field of a struct, by a table. */
#ifndef MLPBN_IO_SAFETENSORS_METADATA_FIELDS_H
#define MLPBN_IO_SAFETENSORS_METADATA_FIELDS_H

#include "io/safetensors/json_header.h"

typedef enum mlpbn__field_type {
    MLPBN__FIELD_FLAG,  /* int: 0 or 1 */
    MLPBN__FIELD_SIZE,  /* size_t, in decimals */
    MLPBN__FIELD_COUNT, /* uint64_t, in decimals */
    MLPBN__FIELD_REAL,  /* double, by mlpbn__hex_format */
    MLPBN__FIELD_NAME   /* an enumerator, by its name */
} mlpbn__field_type;

typedef struct mlpbn__field {
    const char *name;
    mlpbn__field_type type;
    size_t offset;            /* in the struct */
    const char *const *names; /* [n_names]; NULL where an enumerator is missing */
    size_t n_names;
} mlpbn__field;

enum { MLPBN__KEY_SIZE = 80 };

/* Sets prefix + name for each field of the struct. */
void mlpbn__fields_set(mlpbn__header *header, const char *prefix,
                       const mlpbn__field *fields, size_t n, const void *object);

/* Reads each; MLPBN_EFORMAT if one is missing or cannot be read. Ranges are not checked. */
mlpbn_status mlpbn__fields_get(const mlpbn__header *header, const char *prefix,
                               const mlpbn__field *fields, size_t n, void *object);

/* An array of numbers in one text, with a space between two. Setting: MLPBN_ENOMEM. */
mlpbn_status mlpbn__reals_set(mlpbn__header *header, const char *key,
                              const double *numbers, size_t n);

/* Reads just n; MLPBN_EFORMAT. */
mlpbn_status mlpbn__reals_get(const mlpbn__header *header, const char *key,
                              double *numbers, size_t n);

#endif
