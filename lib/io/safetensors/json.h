/* A strict reader of JSON (RFC 8259) in UTF-8. It returns one token after the other, without
 * recursion and without memory of its own: strings are decoded in the text itself. */
#ifndef MLPBN_IO_SAFETENSORS_JSON_H
#define MLPBN_IO_SAFETENSORS_JSON_H

#include <stddef.h>
#include <stdint.h>

enum { MLPBN__JSON_MAX_DEPTH = 64 }; /* of nested objects and arrays */

typedef enum mlpbn__json_token {
    MLPBN__JSON_ERROR, /* 0 */
    MLPBN__JSON_END,   /* of the text, after one whole value */
    MLPBN__JSON_BEGIN_OBJECT,
    MLPBN__JSON_END_OBJECT,
    MLPBN__JSON_BEGIN_ARRAY,
    MLPBN__JSON_END_ARRAY,
    MLPBN__JSON_KEY, /* of an object's member; its value follows */
    MLPBN__JSON_STRING,
    MLPBN__JSON_NUMBER,
    MLPBN__JSON_TRUE,
    MLPBN__JSON_FALSE,
    MLPBN__JSON_NULL
} mlpbn__json_token;

/* What the grammar allows next. */
typedef enum mlpbn__json_expected {
    MLPBN__JSON_VALUE,
    MLPBN__JSON_VALUE_OR_END, /* of an array that has just begun */
    MLPBN__JSON_KEY_OR_END,   /* of an object that has just begun */
    MLPBN__JSON_AFTER_VALUE   /* a comma or the end */
} mlpbn__json_expected;

typedef struct mlpbn__json {
    char *text; /* [n] */
    size_t n, position;
    mlpbn__json_expected expected;
    int depth;
    uint64_t objects; /* bit d: the container at depth d + 1 is an object, not an array */

    /* Of the latest key, string or number: its bytes. A key or string is decoded and ends with a
     * NUL, which does not count; it may have other NULs in it. */
    char *string;
    size_t length;

    const char *error; /* what is wrong at `position`, after MLPBN__JSON_ERROR */
} mlpbn__json;

/* Begins to read a text, which is borrowed and changed. */
mlpbn__json mlpbn__json_new(char *text, size_t n);

/* Reads the next token. After MLPBN__JSON_ERROR and MLPBN__JSON_END it returns the same again. */
mlpbn__json_token mlpbn__json_next(mlpbn__json *json);

#endif
