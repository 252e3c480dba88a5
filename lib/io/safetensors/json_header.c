#include "io/safetensors/json_header.h"

#include "base/error.h"

#if MLPBN_JANSSON

#include "base/memory.h"

#include <jansson.h>

#include <string.h>

static const char metadata_key[] = "__metadata__";

mlpbn_status mlpbn__header_supported(void)
{
    return MLPBN_OK;
}

static mlpbn_status fail_no_memory(void)
{
    return mlpbn__fail(MLPBN_ENOMEM, "no memory for the header");
}

mlpbn_status mlpbn__header_new(mlpbn__header *header)
{
    *header = (mlpbn__header){.root = json_object(), .metadata = json_object()};
    if (header->root && header->metadata &&
        json_object_set(header->root, metadata_key, header->metadata) == 0)
        return MLPBN_OK;
    mlpbn__header_free(header);
    return mlpbn__fail(MLPBN_ENOMEM, "no memory for a header");
}

void mlpbn__header_free(mlpbn__header *header)
{
    json_decref(header->root);
    json_decref(header->metadata);
    header->root = header->metadata = NULL;
}

/* --- Parsing ---------------------------------------------------------------------------- */

static mlpbn_status check_metadata(json_t *metadata)
{
    char text[MLPBN__NAME_TEXT_SIZE];
    const char *key;
    json_t *value;
    if (!json_is_object(metadata))
        return mlpbn__fail(MLPBN_EFORMAT, "__metadata__: expected an object");
    json_object_foreach(metadata, key, value)
    {
        if (!json_is_string(value))
            return mlpbn__fail(MLPBN_EFORMAT, "__metadata__: %s: expected a string",
                               mlpbn__name_text(text, key));
    }
    return MLPBN_OK;
}

static mlpbn_status fail_parse(const json_error_t *error)
{
    char text[MLPBN__NAME_TEXT_SIZE];
    if (json_error_code(error) == json_error_out_of_memory)
        return fail_no_memory();
    return mlpbn__fail(MLPBN_EFORMAT, "byte %d: the header is not JSON: %s",
                       error->position + 8, mlpbn__name_text(text, error->text));
}

/* jansson recurses for nested values, up to 2048 deep, which may overflow the stack of a
 * thread. Headers need a depth of 3. */
static mlpbn_status check_depth(const char *json, size_t n)
{
    enum { MAX_DEPTH = 4 };
    int in_string = 0, depth = 0;
    for (size_t i = 0; i < n; i++) {
        if (in_string && json[i] == '\\')
            i++;
        else if (json[i] == '"')
            in_string = !in_string;
        else if (!in_string && (json[i] == '{' || json[i] == '['))
            depth++;
        else if (!in_string && (json[i] == '}' || json[i] == ']'))
            depth--;
        if (depth > MAX_DEPTH)
            return mlpbn__fail(MLPBN_EFORMAT, "byte %zu: the header is nested too deep",
                               i + 8);
    }
    return MLPBN_OK;
}

/* Moves the metadata, if there is any, from the root to header->metadata. */
static mlpbn_status parse_metadata(mlpbn__header *header)
{
    header->metadata = json_incref(json_object_get(header->root, metadata_key));
    if (!header->metadata)
        return MLPBN_OK;
    RETURN_IF_ERROR(check_metadata(header->metadata));
    json_object_del(header->root, metadata_key);
    return MLPBN_OK;
}

mlpbn_status mlpbn__header_parse(mlpbn__header *header, const char *json, size_t n)
{
    json_error_t error;
    *header = (mlpbn__header){.failed = 0};
    if (n == 0 || json[0] != '{')
        return mlpbn__fail(MLPBN_EFORMAT, "byte 8: expected a header that begins with {");
    RETURN_IF_ERROR(check_depth(json, n));
    header->root = json_loadb(json, n, JSON_REJECT_DUPLICATES, &error);
    if (!header->root)
        return fail_parse(&error);
    mlpbn_status status = parse_metadata(header);
    if (status)
        mlpbn__header_free(header);
    return status;
}

/* --- Writing: jansson passes a few bytes at a time to a callback ------------------------- */

/* A json_dump_callback_t: adds n to *total. */
static int count_bytes(const char *bytes, size_t n, void *total)
{
    (void)bytes;
    *(size_t *)total += n;
    return 0;
}

typedef struct json_output {
    mlpbn__output *output;
    mlpbn_status status;
} json_output;

/* A json_dump_callback_t; context: a json_output. */
static int write_bytes(const char *bytes, size_t n, void *context)
{
    json_output *j = context;
    j->status = mlpbn__output_write(j->output, bytes, n);
    return j->status ? -1 : 0;
}

static mlpbn_status write_length(size_t length, mlpbn__output *output)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
    return mlpbn__output_write(output, bytes, sizeof bytes);
}

static mlpbn_status write_json(const json_t *root, mlpbn__output *output)
{
    json_output j = {output, MLPBN_OK};
    if (json_dump_callback(root, write_bytes, &j, JSON_COMPACT) == 0)
        return MLPBN_OK;
    return j.status ? j.status : fail_no_memory();
}

mlpbn_status mlpbn__header_write(const mlpbn__header *header, mlpbn__output *output)
{
    static const char spaces[] = "       ";
    size_t n = 0;
    if (header->failed ||
        json_dump_callback(header->root, count_bytes, &n, JSON_COMPACT) != 0)
        return fail_no_memory();
    size_t padded = (n + 7) / 8 * 8;
    if (padded > MLPBN__MAX_HEADER_SIZE)
        return mlpbn__fail(MLPBN_ESIZE,
                           "the file's header would have %zu bytes, at most %d are "
                           "allowed: fewer standardized inputs, outputs or layers?",
                           padded, MLPBN__MAX_HEADER_SIZE);
    RETURN_IF_ERROR(write_length(padded, output));
    RETURN_IF_ERROR(write_json(header->root, output));
    return mlpbn__output_write(output, spaces, padded - n);
}

/* --- Metadata --------------------------------------------------------------------------- */

void mlpbn__header_set_metadata(mlpbn__header *header, const char *key, const char *value)
{
    header->failed |= json_object_set_new(header->metadata, key, json_string(value));
}

const char *mlpbn__header_get_metadata(const mlpbn__header *header, const char *key)
{
    return json_string_value(json_object_get(header->metadata, key));
}

const char *mlpbn__header_metadata_difference(const mlpbn__header *expected,
                                              const mlpbn__header *header)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)expected->metadata, key, value)
    {
        if (!json_equal(value, json_object_get(header->metadata, key)))
            return key;
    }
    return NULL;
}

/* --- Tensors ---------------------------------------------------------------------------- */

void mlpbn__header_add_tensor(mlpbn__header *header, const mlpbn__file_tensor *tensor)
{
    json_t *shape = json_array();
    for (size_t i = 0; i < tensor->n_dims; i++)
        header->failed |=
            json_array_append_new(shape, json_integer((json_int_t)tensor->dims[i]));
    json_t *entry = json_pack(
        "{s:s,s:o,s:[I,I]}", "dtype", mlpbn__file_dtype_name(tensor->dtype), "shape",
        shape, "data_offsets", (json_int_t)tensor->begin, (json_int_t)tensor->end);
    header->failed |= json_object_set_new(header->root, tensor->name, entry);
}

size_t mlpbn__header_n_tensors(const mlpbn__header *header)
{
    return json_object_size(header->root);
}

static mlpbn_status fail_tensor(const char *name, const char *what)
{
    char text[MLPBN__NAME_TEXT_SIZE];
    return mlpbn__fail(MLPBN_EFORMAT, "%s: %s", mlpbn__name_text(text, name), what);
}

/* Reads element i of an array. Returns 0 if it is not an integer that a size_t can hold. */
static int read_size(size_t *size, const json_t *array, size_t i)
{
    const json_t *value = json_array_get(array, i);
    json_int_t number = json_integer_value(value);
    *size = (size_t)number;
    return json_is_integer(value) && number >= 0 && (uintmax_t)number <= SIZE_MAX;
}

/* Reads the shape, and the number of elements, which saturates at SIZE_MAX. */
static mlpbn_status read_shape(mlpbn__file_tensor *t, const json_t *shape,
                               size_t *n_elements)
{
    size_t dim;
    if (!json_is_array(shape))
        return fail_tensor(t->name, "expected an array shape");
    t->n_dims = json_array_size(shape);
    *n_elements = 1;
    for (size_t i = 0; i < t->n_dims; i++) {
        if (!read_size(&dim, shape, i))
            return fail_tensor(t->name, "expected a shape of integers of at least 0");
        if (i < MLPBN__MAX_DIMS)
            t->dims[i] = dim;
        *n_elements = mlpbn__multiply(*n_elements, dim);
    }
    return MLPBN_OK;
}

static mlpbn_status read_offsets(mlpbn__file_tensor *t, const json_t *offsets,
                                 size_t n_elements)
{
    char name[MLPBN__NAME_TEXT_SIZE];
    size_t begin, end, element_size = mlpbn__file_dtype_size(t->dtype);
    size_t size = mlpbn__multiply(n_elements, element_size);
    if (json_array_size(offsets) != 2 || !read_size(&begin, offsets, 0) ||
        !read_size(&end, offsets, 1) || begin > end)
        return fail_tensor(t->name, "expected data_offsets [begin, end]");
    if (size == SIZE_MAX || end - begin != size)
        return mlpbn__fail(MLPBN_EFORMAT,
                           "%s: expected the %s%zu bytes of its shape, got %zu",
                           mlpbn__name_text(name, t->name),
                           size == SIZE_MAX ? "more than " : "", size, end - begin);
    if (begin % element_size != 0)
        return mlpbn__fail(MLPBN_EFORMAT,
                           "%s: expected to begin at a multiple of %zu bytes, got %zu",
                           mlpbn__name_text(name, t->name), element_size, begin);
    t->begin = begin;
    t->end = end;
    return MLPBN_OK;
}

static mlpbn_status read_tensor(mlpbn__file_tensor *t, const char *name,
                                const json_t *entry)
{
    size_t n_elements = 0;
    *t = (mlpbn__file_tensor){.name = name};
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    if (!dtype || json_object_size(entry) != 3)
        return fail_tensor(name, "expected an object of dtype, shape and data_offsets");
    if (!mlpbn__file_dtype_find(&t->dtype, dtype))
        return fail_tensor(name, "unknown dtype");
    RETURN_IF_ERROR(read_shape(t, json_object_get(entry, "shape"), &n_elements));
    return read_offsets(t, json_object_get(entry, "data_offsets"), n_elements);
}

mlpbn_status mlpbn__header_list_tensors(const mlpbn__header *header,
                                        mlpbn__file_tensor *tensors)
{
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)header->root, name, entry)
    {
        RETURN_IF_ERROR(read_tensor(tensors++, name, entry));
    }
    return MLPBN_OK;
}

int mlpbn__header_find_tensor(const mlpbn__header *header, const char *name,
                              mlpbn__file_tensor *tensor)
{
    const json_t *entry = json_object_get(header->root, name);
    return entry && read_tensor(tensor, name, entry) == MLPBN_OK;
}

void mlpbn__header_remove_tensor(mlpbn__header *header, const char *name)
{
    json_object_del(header->root, name);
}

const char *mlpbn__header_first_tensor(const mlpbn__header *header)
{
    return json_object_iter_key(json_object_iter(header->root));
}

#endif
