/* Structs in the metadata of a file: one string for each field, by a table. */
#ifndef MLPBN_IO_SAFETENSORS_METADATA_FIELDS_H
#define MLPBN_IO_SAFETENSORS_METADATA_FIELDS_H

#include "io/safetensors/json_header.h"

#include <stddef.h>

/* The type of a field in C, and how a string holds it. */
typedef enum mlpbn__field_type {
    MLPBN__FLAG_FIELD,  /* int: "0" or "1" */
    MLPBN__SIZE_FIELD,  /* size_t: decimal digits */
    MLPBN__COUNT_FIELD, /* uint64_t: decimal digits */
    MLPBN__REAL_FIELD,  /* double: hexadecimal, by mlpbn__hex_format */
    MLPBN__ENUM_FIELD   /* an enumerator: its name */
} mlpbn__field_type;

/* Returns the name of an enumerator, NULL for a value without one. */
typedef const char *mlpbn__enum_name_fn(unsigned value);

typedef struct mlpbn__metadata_field {
    const char *name;
    mlpbn__field_type type;
    size_t offset; /* in the struct */
    mlpbn__enum_name_fn *enum_name;
    unsigned n_enumerators; /* values of 0 and more, below this */
} mlpbn__metadata_field;

/* Rows of a table of fields: a member of a struct, a member that is an enumerator below
 * end, and a variable by itself. */
#define MLPBN__FIELD(key, field_type, object, member)                                    \
    {                                                                                    \
        key, field_type, offsetof(object, member), NULL, 0                               \
    }
#define MLPBN__ENUM(key, object, member, enum_name, end)                                 \
    {                                                                                    \
        key, MLPBN__ENUM_FIELD, offsetof(object, member), enum_name, end                 \
    }
#define MLPBN__VARIABLE(key, field_type)                                                 \
    {                                                                                    \
        key, field_type, 0, NULL, 0                                                      \
    }

enum { MLPBN__KEY_SIZE = 80 };

/* Sets the metadata prefix + name for each field of the struct. */
void mlpbn__metadata_set_fields(mlpbn__header *header, const char *prefix,
                                const mlpbn__metadata_field *fields, size_t n,
                                const void *object);

/* Reads each field into the struct; MLPBN_EFORMAT if one is missing or cannot be read.
 * Ranges are not checked. */
mlpbn_status mlpbn__metadata_get_fields(const mlpbn__header *header, const char *prefix,
                                        const mlpbn__metadata_field *fields, size_t n,
                                        void *object);

/* Sets one string of n numbers, separated by spaces; MLPBN_ENOMEM. */
mlpbn_status mlpbn__metadata_set_reals(mlpbn__header *header, const char *key,
                                       const double *numbers, size_t n);

/* Reads exactly n numbers; MLPBN_EFORMAT. */
mlpbn_status mlpbn__metadata_get_reals(const mlpbn__header *header, const char *key,
                                       double *numbers, size_t n);

#endif
