#include "io/safetensors/metadata_fields.h"

#include "base/error.h"
#include "base/hex_number.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SIZE = 40 };

static void write_value(char text[VALUE_SIZE], const mlpbn__metadata_field *field,
                        const void *value)
{
    switch (field->type) {
    case MLPBN__FLAG_FIELD:
        snprintf(text, VALUE_SIZE, "%d", *(const int *)value);
        break;
    case MLPBN__SIZE_FIELD:
        snprintf(text, VALUE_SIZE, "%zu", *(const size_t *)value);
        break;
    case MLPBN__COUNT_FIELD:
        snprintf(text, VALUE_SIZE, "%" PRIu64, *(const uint64_t *)value);
        break;
    case MLPBN__REAL_FIELD:
        mlpbn__hex_format(text, *(const double *)value);
        break;
    case MLPBN__ENUM_FIELD:
        snprintf(text, VALUE_SIZE, "%s", field->enum_name(*(const unsigned *)value));
        break;
    }
}

/* Parses a decimal integer of at most max, without sign, spaces and leading zeros. Returns 0
 * if the text is anything else. */
static int read_count(uint64_t *value, const char *text, uint64_t max)
{
    uint64_t number = 0;
    if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
        return 0;
    for (; *text; text++) {
        unsigned digit = (unsigned)(*text - '0');
        if (digit > 9 || digit > max || number > (max - digit) / 10)
            return 0;
        number = 10 * number + digit;
    }
    *value = number;
    return 1;
}

/* Finds an enumerator by its name. Returns 0 if there is none. */
static int read_enum(unsigned *value, const char *text,
                     const mlpbn__metadata_field *field)
{
    for (unsigned i = 0; i < field->n_enumerators; i++) {
        const char *name = field->enum_name(i);
        if (name && strcmp(name, text) == 0) {
            *value = i;
            return 1;
        }
    }
    return 0;
}

/* Parses the value of a field. Returns 0 if the text is not a value of its type. */
static int read_value(void *value, const mlpbn__metadata_field *field, const char *text)
{
    uint64_t number = 0;
    int valid = 0;
    switch (field->type) {
    case MLPBN__FLAG_FIELD:
        valid = read_count(&number, text, 1);
        *(int *)value = (int)number;
        break;
    case MLPBN__SIZE_FIELD:
        valid = read_count(&number, text, SIZE_MAX);
        *(size_t *)value = (size_t)number;
        break;
    case MLPBN__COUNT_FIELD:
        valid = read_count(value, text, UINT64_MAX);
        break;
    case MLPBN__REAL_FIELD:
        valid = mlpbn__hex_parse(value, text);
        break;
    case MLPBN__ENUM_FIELD:
        valid = read_enum(value, text, field);
        break;
    }
    return valid;
}

void mlpbn__metadata_set_fields(mlpbn__header_text *header, const char *prefix,
                                const mlpbn__metadata_field *fields, size_t n,
                                const void *object)
{
    char key[MLPBN__KEY_SIZE], text[VALUE_SIZE];
    for (size_t i = 0; i < n; i++) {
        snprintf(key, sizeof key, "%s%s", prefix, fields[i].name);
        write_value(text, fields + i, (const char *)object + fields[i].offset);
        mlpbn__header_set_metadata(header, key, text);
    }
}

mlpbn_status mlpbn__metadata_get_fields(const mlpbn__header *header, const char *prefix,
                                        const mlpbn__metadata_field *fields, size_t n,
                                        void *object)
{
    char key[MLPBN__KEY_SIZE], printable[MLPBN__NAME_TEXT_SIZE];
    for (size_t i = 0; i < n; i++) {
        snprintf(key, sizeof key, "%s%s", prefix, fields[i].name);
        const char *text = mlpbn__header_get_metadata(header, key);
        if (!text)
            return mlpbn__fail(MLPBN_EFORMAT, "%s: expected it in the metadata", key);
        if (!read_value((char *)object + fields[i].offset, fields + i, text))
            return mlpbn__fail(MLPBN_EFORMAT, "%s: cannot be \"%s\"", key,
                               mlpbn__name_text(printable, text));
    }
    return MLPBN_OK;
}

mlpbn_status mlpbn__metadata_set_reals(mlpbn__header_text *header, const char *key,
                                       const double *values, size_t n)
{
    size_t size = mlpbn__multiply(n, MLPBN__HEX_SIZE);
    char *text = mlpbn__memory_new(size), *at = text;
    if (!text)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for %s of %zu numbers", key, n);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            *at++ = ' ';
        mlpbn__hex_format(at, values[i]);
        at += strlen(at);
    }
    mlpbn__header_set_metadata(header, key, text);
    mlpbn__memory_free(text);
    return MLPBN_OK;
}

mlpbn_status mlpbn__metadata_get_reals(const mlpbn__header *header, const char *key,
                                       double *values, size_t n)
{
    char number[MLPBN__HEX_SIZE];
    const char *at = mlpbn__header_get_metadata(header, key);
    for (size_t i = 0; at && i < n; i++) {
        size_t length = strcspn(at, " ");
        if (length >= sizeof number)
            break;
        memcpy(number, at, length);
        number[length] = '\0';
        if (!mlpbn__hex_parse(values + i, number) || (at[length] == ' ') != (i + 1 < n))
            break;
        if (i + 1 == n)
            return MLPBN_OK;
        at += length + 1;
    }
    return mlpbn__fail(MLPBN_EFORMAT, "%s: expected %zu numbers as of \"%%a\"", key, n);
}
