#include "io/safetensors/header.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/safetensors/json.h"

#include <stdlib.h>
#include <string.h>

static const char metadata_key[] = "__metadata__";

/* --- Errors ----------------------------------------------------------------------------- */

static mlpbn_status fail_no_memory(void)
{
    return mlpbn__fail(MLPBN_ENOMEM, "no memory for the header");
}

static mlpbn_status fail_tensor(const char *name, const char *what)
{
    char text[MLPBN__NAME_TEXT_SIZE];
    return mlpbn__fail(MLPBN_EFORMAT, "%s: %s", mlpbn__name_text(text, name), what);
}

static mlpbn_status fail_json(const mlpbn__json *json)
{
    return mlpbn__fail(MLPBN_EFORMAT, "byte %zu: the header is not JSON: %s",
                       json->position + 8, json->error);
}

/* The latest token is not what a header has there, or it is no JSON. */
static mlpbn_status fail_token(const mlpbn__json *json, const char *name,
                               const char *expected)
{
    return json->error ? fail_json(json) : fail_tensor(name, expected);
}

/* --- Parsing ---------------------------------------------------------------------------- */

/* Returns an array of n elements with room for one more, which may have moved. Its capacity is
 * the least power of two that is at least n, but no less than FIRST_CAPACITY. NULL: there is no
 * memory, and the array is unchanged. */
static void *reserve(void *array, size_t n, size_t element_size)
{
    enum { FIRST_CAPACITY = 16 };
    if (n == 0)
        return realloc(array, FIRST_CAPACITY * element_size);
    int is_full = n >= FIRST_CAPACITY && (n & (n - 1)) == 0;
    return is_full ? realloc(array, 2 * n * element_size) : array;
}

/* Checks that a key or string has no NUL, at which a C string would end. */
static mlpbn_status check_string(const mlpbn__json *json)
{
    if (strlen(json->string) == json->length)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EFORMAT, "byte %zu: the header has a string with a NUL",
                       json->position + 8);
}

static mlpbn_status add_metadata(mlpbn__header *header, mlpbn__json *json)
{
    const char *key = json->string;
    RETURN_IF_ERROR(check_string(json));
    if (mlpbn__json_next(json) != MLPBN__JSON_STRING)
        return fail_token(json, key, "expected a string in __metadata__");
    RETURN_IF_ERROR(check_string(json));
    mlpbn__metadata_pair *larger =
        reserve(header->metadata, header->n_metadata, sizeof *larger);
    if (!larger)
        return fail_no_memory();
    header->metadata = larger;
    header->metadata[header->n_metadata++] = (mlpbn__metadata_pair){key, json->string};
    return MLPBN_OK;
}

/* Reads the metadata: an object of strings, or null for none. */
static mlpbn_status read_metadata(mlpbn__header *header, mlpbn__json *json)
{
    mlpbn__json_token token = mlpbn__json_next(json);
    if (token == MLPBN__JSON_NULL)
        return MLPBN_OK;
    if (token != MLPBN__JSON_BEGIN_OBJECT)
        return fail_token(json, metadata_key, "expected an object");
    while ((token = mlpbn__json_next(json)) == MLPBN__JSON_KEY)
        RETURN_IF_ERROR(add_metadata(header, json));
    return token == MLPBN__JSON_END_OBJECT ? MLPBN_OK : fail_json(json);
}

/* Reads an integer that a size_t can hold. Returns 0 if the latest token is none. */
static int read_size(size_t *size, mlpbn__json_token token, const mlpbn__json *json)
{
    if (token != MLPBN__JSON_NUMBER)
        return 0;
    *size = 0;
    for (size_t i = 0; i < json->length; i++) {
        size_t digit = (size_t)(json->string[i] - '0');
        if (json->string[i] < '0' || json->string[i] > '9' ||
            *size > (SIZE_MAX - digit) / 10)
            return 0;
        *size = 10 * *size + digit;
    }
    return 1;
}

/* Reads an array of integers, the first `capacity` of them into sizes; *n is their number and
 * *product their product, which saturates at SIZE_MAX. */
static mlpbn_status read_sizes(size_t *sizes, size_t capacity, size_t *n, size_t *product,
                               mlpbn__json *json, const char *name, const char *expected)
{
    mlpbn__json_token token = mlpbn__json_next(json);
    size_t size;
    if (token != MLPBN__JSON_BEGIN_ARRAY)
        return fail_token(json, name, expected);
    *product = 1;
    for (*n = 0; (token = mlpbn__json_next(json)) != MLPBN__JSON_END_ARRAY; ++*n) {
        if (!read_size(&size, token, json))
            return fail_token(json, name, expected);
        if (*n < capacity)
            sizes[*n] = size;
        *product = mlpbn__multiply(*product, size);
    }
    return MLPBN_OK;
}

static mlpbn_status read_dtype(mlpbn__file_tensor *t, mlpbn__json *json)
{
    if (mlpbn__json_next(json) != MLPBN__JSON_STRING)
        return fail_token(json, t->name, "expected a string dtype");
    return mlpbn__file_dtype_find(&t->dtype, json->string)
               ? MLPBN_OK
               : fail_tensor(t->name, "unknown dtype");
}

static mlpbn_status read_offsets(mlpbn__file_tensor *t, mlpbn__json *json)
{
    static const char expected[] = "expected data_offsets [begin, end]";
    size_t offsets[2], n, product;
    RETURN_IF_ERROR(read_sizes(offsets, 2, &n, &product, json, t->name, expected));
    if (n != 2 || offsets[0] > offsets[1])
        return fail_tensor(t->name, expected);
    t->begin = offsets[0];
    t->end = offsets[1];
    return MLPBN_OK;
}

static mlpbn_status check_size(const mlpbn__file_tensor *t, size_t n_elements)
{
    char name[MLPBN__NAME_TEXT_SIZE];
    size_t size = mlpbn__multiply(n_elements, mlpbn__file_dtype_size(t->dtype));
    if (size != SIZE_MAX && t->end - t->begin == size)
        return MLPBN_OK;
    return mlpbn__fail(
        MLPBN_EFORMAT, "%s: expected the %s%zu bytes of its shape, got %zu",
        mlpbn__name_text(name, t->name), size == SIZE_MAX ? "more than " : "", size,
        (size_t)(t->end - t->begin));
}

/* Reads the members of a tensor's object, each of them once. */
static mlpbn_status read_tensor(mlpbn__file_tensor *t, mlpbn__json *json)
{
    static const char expected[] = "expected an object of dtype, shape and data_offsets";
    enum { DTYPE = 1, SHAPE = 2, OFFSETS = 4 };
    int members = 0, member;
    size_t n_elements = 0;
    if (mlpbn__json_next(json) != MLPBN__JSON_BEGIN_OBJECT)
        return fail_token(json, t->name, expected);
    while (mlpbn__json_next(json) == MLPBN__JSON_KEY) {
        member = strcmp(json->string, "dtype") == 0          ? DTYPE
                 : strcmp(json->string, "shape") == 0        ? SHAPE
                 : strcmp(json->string, "data_offsets") == 0 ? OFFSETS
                                                             : 0;
        if (members & member || !member)
            return fail_tensor(t->name, expected);
        members |= member;
        if (member == DTYPE)
            RETURN_IF_ERROR(read_dtype(t, json));
        else if (member == OFFSETS)
            RETURN_IF_ERROR(read_offsets(t, json));
        else
            RETURN_IF_ERROR(read_sizes(t->dims, MLPBN__MAX_DIMS, &t->n_dims, &n_elements,
                                       json, t->name,
                                       "expected a shape of integers of at least 0"));
    }
    if (json->error || members != (DTYPE | SHAPE | OFFSETS))
        return fail_token(json, t->name, expected);
    return check_size(t, n_elements);
}

static mlpbn_status add_tensor(mlpbn__header *header, mlpbn__json *json)
{
    mlpbn__file_tensor *larger =
        reserve(header->tensors, header->n_tensors, sizeof *larger);
    if (!larger)
        return fail_no_memory();
    header->tensors = larger;
    mlpbn__file_tensor *tensor = larger + header->n_tensors++;
    *tensor = (mlpbn__file_tensor){.name = json->string};
    return read_tensor(tensor, json);
}

static mlpbn_status read_members(mlpbn__header *header, mlpbn__json *json)
{
    mlpbn__json_token token = mlpbn__json_next(json);
    int has_metadata = 0;
    if (token != MLPBN__JSON_BEGIN_OBJECT)
        return fail_token(json, "header", "expected an object");
    while ((token = mlpbn__json_next(json)) == MLPBN__JSON_KEY) {
        RETURN_IF_ERROR(check_string(json));
        if (strcmp(json->string, metadata_key) != 0) {
            RETURN_IF_ERROR(add_tensor(header, json));
            continue;
        }
        if (has_metadata++)
            return fail_tensor(metadata_key, "a duplicate key");
        RETURN_IF_ERROR(read_metadata(header, json));
    }
    return token == MLPBN__JSON_END_OBJECT && mlpbn__json_next(json) == MLPBN__JSON_END
               ? MLPBN_OK
               : fail_json(json);
}

/* --- Order ------------------------------------------------------------------------------ */

static int compare_pairs(const void *a, const void *b)
{
    const mlpbn__metadata_pair *s = a, *t = b;
    return strcmp(s->key, t->key);
}

static int compare_names(const void *a, const void *b)
{
    const mlpbn__file_tensor *s = a, *t = b;
    return strcmp(s->name, t->name);
}

/* Sorts the metadata and the tensors, and checks that no key is there twice. */
static mlpbn_status sort(mlpbn__header *header)
{
    if (header->n_metadata > 0)
        qsort(header->metadata, header->n_metadata, sizeof *header->metadata,
              compare_pairs);
    if (header->n_tensors > 0)
        qsort(header->tensors, header->n_tensors, sizeof *header->tensors, compare_names);
    for (size_t i = 1; i < header->n_metadata; i++)
        if (compare_pairs(header->metadata + i - 1, header->metadata + i) == 0)
            return fail_tensor(header->metadata[i].key, "a duplicate key");
    for (size_t i = 1; i < header->n_tensors; i++)
        if (compare_names(header->tensors + i - 1, header->tensors + i) == 0)
            return fail_tensor(header->tensors[i].name, "a duplicate key");
    return MLPBN_OK;
}

/* --- The header ------------------------------------------------------------------------- */

static mlpbn_status parse(mlpbn__header *header, size_t n)
{
    mlpbn__json json = mlpbn__json_new(header->text, n);
    RETURN_IF_ERROR(read_members(header, &json));
    return sort(header);
}

mlpbn_status mlpbn__header_parse(mlpbn__header *header, const char *json, size_t n)
{
    *header = (mlpbn__header){.text = NULL};
    if (n == 0 || json[0] != '{')
        return mlpbn__fail(MLPBN_EFORMAT, "byte 8: expected a header that begins with {");
    header->text = malloc(n);
    if (!header->text)
        return fail_no_memory();
    memcpy(header->text, json, n);
    mlpbn_status status = parse(header, n);
    if (status)
        mlpbn__header_free(header);
    return status;
}

void mlpbn__header_free(mlpbn__header *header)
{
    free(header->text);
    free(header->metadata);
    free(header->tensors);
    *header = (mlpbn__header){.text = NULL};
}

const char *mlpbn__header_get_metadata(const mlpbn__header *header, const char *key)
{
    const mlpbn__metadata_pair wanted = {key, NULL}, *found = NULL;
    if (header->n_metadata > 0)
        found = bsearch(&wanted, header->metadata, header->n_metadata, sizeof wanted,
                        compare_pairs);
    return found ? found->value : NULL;
}

const mlpbn__metadata_pair *
mlpbn__header_metadata_difference(const mlpbn__header *expected,
                                  const mlpbn__header *header)
{
    const mlpbn__metadata_pair *first = NULL;
    for (size_t i = 0; i < expected->n_metadata; i++) {
        const mlpbn__metadata_pair *pair = expected->metadata + i;
        const char *value = mlpbn__header_get_metadata(header, pair->key);
        int differs = !value || strcmp(value, pair->value) != 0;
        if (differs && (!first || pair->key < first->key))
            first = pair;
    }
    return first;
}

mlpbn__file_tensor *mlpbn__header_find_tensor(const mlpbn__header *header,
                                              const char *name)
{
    const mlpbn__file_tensor wanted = {.name = name};
    if (header->n_tensors == 0)
        return NULL;
    return bsearch(&wanted, header->tensors, header->n_tensors, sizeof wanted,
                   compare_names);
}
