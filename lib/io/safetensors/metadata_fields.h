/* Structs in the metadata of a file. Each field is one string; a table describes the fields. */
#ifndef MLPBN_IO_SAFETENSORS_METADATA_FIELDS_H
#define MLPBN_IO_SAFETENSORS_METADATA_FIELDS_H

#include "io/safetensors/header.h"
#include "io/safetensors/header_text.h"

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
    unsigned n_enumerators; /* one more than the largest value */
} mlpbn__metadata_field;

/* Describes a member of a struct. */
#define MLPBN__FIELD(key, field_type, object, member)                                    \
    {                                                                                    \
        key, field_type, offsetof(object, member), NULL, 0                               \
    }
/* Describes a member whose values are enumerators below end. */
#define MLPBN__ENUM(key, object, member, enum_name, end)                                 \
    {                                                                                    \
        key, MLPBN__ENUM_FIELD, offsetof(object, member), enum_name, end                 \
    }
/* Describes a variable that is not part of a struct. */
#define MLPBN__VARIABLE(key, field_type)                                                 \
    {                                                                                    \
        key, field_type, 0, NULL, 0                                                      \
    }

enum { MLPBN__KEY_SIZE = 80 };

/* Sets the metadata of key prefix + name to the value of each field of the struct. */
void mlpbn__metadata_set_fields(mlpbn__header_text *header, const char *prefix,
                                const mlpbn__metadata_field *fields, size_t n,
                                const void *object);

/* Reads each field into the struct; MLPBN_EFORMAT if one is missing or cannot be read.
 * Ranges are not checked. */
mlpbn_status mlpbn__metadata_get_fields(const mlpbn__header *header, const char *prefix,
                                        const mlpbn__metadata_field *fields, size_t n,
                                        void *object);

/* Sets a string of n values, hexadecimal and separated by spaces. MLPBN_ENOMEM. */
mlpbn_status mlpbn__metadata_set_reals(mlpbn__header_text *header, const char *key,
                                       const double *values, size_t n);

/* Reads exactly n values. MLPBN_EFORMAT. */
mlpbn_status mlpbn__metadata_get_reals(const mlpbn__header *header, const char *key,
                                       double *values, size_t n);

#endif
