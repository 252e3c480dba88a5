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

static mlpbn_status check_metadata(json_t *metadata)
{
    char text[MLPBN__NAME_TEXT];
    const char *key;
    json_t *value;
    if (!json_is_object(metadata))
        return mlpbn__fail(MLPBN_EFORMAT, "__metadata__: expected an object");
    json_object_foreach(metadata, key, value) if (
        !json_is_string(value)) return mlpbn__fail(MLPBN_EFORMAT,
                                                   "__metadata__: %s: expected a string",
                                                   mlpbn__name_text(text, key));
    return MLPBN_OK;
}

static mlpbn_status parse_error(const json_error_t *error)
{
    char text[MLPBN__NAME_TEXT];
    if (json_error_code(error) == json_error_out_of_memory)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the header");
    return mlpbn__fail(MLPBN_EFORMAT, "byte %d: the header is not JSON: %s",
                       error->position + 8, mlpbn__name_text(text, error->text));
}

/* jansson calls itself for what is nested, up to 2048 deep, which the stack of a thread may
 * not hold; headers need three. */
static mlpbn_status check_depth(const char *bytes, size_t n)
{
    enum { MOST = 4 };
    int in_string = 0, depth = 0;
    for (size_t i = 0; i < n; i++) {
        if (in_string && bytes[i] == '\\')
            i++;
        else if (bytes[i] == '"')
            in_string = !in_string;
        else if (!in_string && (bytes[i] == '{' || bytes[i] == '['))
            depth++;
        else if (!in_string && (bytes[i] == '}' || bytes[i] == ']'))
            depth--;
        if (depth > MOST)
            return mlpbn__fail(MLPBN_EFORMAT, "byte %zu: the header is nested too deep",
                               i + 8);
    }
    return MLPBN_OK;
}

mlpbn_status mlpbn__header_parse(mlpbn__header *header, const char *bytes, size_t n)
{
    json_error_t error;
    *header = (mlpbn__header){.failed = 0};
    if (n == 0 || bytes[0] != '{')
        return mlpbn__fail(MLPBN_EFORMAT, "byte 8: expected a header that begins with {");
    mlpbn_status status = check_depth(bytes, n);
    if (status)
        return status;
    header->root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (!header->root)
        return parse_error(&error);
    header->metadata = json_incref(json_object_get(header->root, metadata_key));
    if (header->metadata)
        status = check_metadata(header->metadata);
    if (status)
        mlpbn__header_free(header);
    else
        json_object_del(header->root, metadata_key);
    return status;
}

void mlpbn__header_set(mlpbn__header *header, const char *key, const char *text)
{
    header->failed |= json_object_set_new(header->metadata, key, json_string(text));
}

const char *mlpbn__header_get(const mlpbn__header *header, const char *key)
{
    return json_string_value(json_object_get(header->metadata, key));
}

const char *mlpbn__header_difference(const mlpbn__header *expected,
                                     const mlpbn__header *header)
{
    const char *key;
    json_t *value;
    json_object_foreach(
        (json_t *)expected->metadata, key,
        value) if (!json_equal(value, json_object_get(header->metadata, key))) return key;
    return NULL;
}

void mlpbn__header_add(mlpbn__header *header, const mlpbn__file_tensor *tensor)
{
    json_t *shape = json_array();
    for (size_t i = 0; i < tensor->n_dims; i++)
        header->failed |=
            json_array_append_new(shape, json_integer((json_int_t)tensor->dims[i]));
    json_t *entry = json_pack(
        "{s:s,s:o,s:[I,I]}", "dtype", mlpbn__file_type_name(tensor->type), "shape", shape,
        "data_offsets", (json_int_t)tensor->begin, (json_int_t)tensor->end);
    header->failed |= json_object_set_new(header->root, tensor->name, entry);
}

static int count_bytes(const char *bytes, size_t n, void *total)
{
    (void)bytes;
    *(size_t *)total += n;
    return 0;
}

typedef struct sink {
    mlpbn__output *output;
    mlpbn_status status;
} sink;

static int put_bytes(const char *bytes, size_t n, void *context)
{
    sink *s = context;
    s->status = mlpbn__output_write(s->output, bytes, n);
    return s->status ? -1 : 0;
}

/* jansson calls back with a few bytes at a time: a first pass counts them. */
mlpbn_status mlpbn__header_put(const mlpbn__header *header, mlpbn__output *output)
{
    static const char spaces[] = "       ";
    unsigned char prefix[8];
    sink s = {output, MLPBN_OK};
    size_t n = 0;
    if (header->failed ||
        json_dump_callback(header->root, count_bytes, &n, JSON_COMPACT) != 0)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the header");
    size_t padded = (n + 7) / 8 * 8;
    if (padded > MLPBN__HEADER_MOST)
        return mlpbn__fail(MLPBN_ESIZE,
                           "the file's header would have %zu bytes, at most %d are "
                           "allowed: fewer standardized inputs, outputs or layers?",
                           padded, MLPBN__HEADER_MOST);
    for (size_t i = 0; i < sizeof prefix; i++)
        prefix[i] = (unsigned char)((uint64_t)padded >> 8 * i);
    s.status = mlpbn__output_write(output, prefix, sizeof prefix);
    if (!s.status && json_dump_callback(header->root, put_bytes, &s, JSON_COMPACT) != 0 &&
        !s.status)
        s.status = mlpbn__fail(MLPBN_ENOMEM, "no memory for the header");
    return s.status ? s.status : mlpbn__output_write(output, spaces, padded - n);
}

size_t mlpbn__header_tensors(const mlpbn__header *header)
{
    return json_object_size(header->root);
}

static mlpbn_status bad_tensor(const char *name, const char *what)
{
    char text[MLPBN__NAME_TEXT];
    return mlpbn__fail(MLPBN_EFORMAT, "%s: %s", mlpbn__name_text(text, name), what);
}

/* Integer i of an array, at least 0. */
static int read_size(size_t *size, const json_t *array, size_t i)
{
    const json_t *value = json_array_get(array, i);
    json_int_t number = json_integer_value(value);
    *size = (size_t)number;
    return json_is_integer(value) && number >= 0 && (uintmax_t)number <= SIZE_MAX;
}

static mlpbn_status read_shape(mlpbn__file_tensor *t, const json_t *shape, size_t *count)
{
    size_t dim;
    if (!json_is_array(shape))
        return bad_tensor(t->name, "expected an array shape");
    t->n_dims = json_array_size(shape);
    *count = 1;
    for (size_t i = 0; i < t->n_dims; i++) {
        if (!read_size(&dim, shape, i))
            return bad_tensor(t->name, "expected a shape of integers of at least 0");
        if (i < MLPBN__FILE_DIMS)
            t->dims[i] = dim;
        *count = mlpbn__multiply(*count, dim);
    }
    return MLPBN_OK;
}

static mlpbn_status read_extent(mlpbn__file_tensor *t, const json_t *offsets,
                                size_t count)
{
    char name[MLPBN__NAME_TEXT];
    size_t begin, end, element = mlpbn__file_type_size(t->type);
    size_t size = mlpbn__multiply(count, element);
    if (json_array_size(offsets) != 2 || !read_size(&begin, offsets, 0) ||
        !read_size(&end, offsets, 1) || begin > end)
        return bad_tensor(t->name, "expected data_offsets [begin, end]");
    if (size == SIZE_MAX || end - begin != size)
        return mlpbn__fail(MLPBN_EFORMAT,
                           "%s: expected the %s%zu bytes of its shape, got %zu",
                           mlpbn__name_text(name, t->name),
                           size == SIZE_MAX ? "more than " : "", size, end - begin);
    if (begin % element != 0)
        return mlpbn__fail(MLPBN_EFORMAT,
                           "%s: expected to begin at a multiple of %zu bytes, got %zu",
                           mlpbn__name_text(name, t->name), element, begin);
    t->begin = begin;
    t->end = end;
    return MLPBN_OK;
}

static mlpbn_status read_tensor(mlpbn__file_tensor *t, const char *name,
                                const json_t *entry)
{
    size_t count = 0;
    *t = (mlpbn__file_tensor){.name = name};
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    if (!dtype || json_object_size(entry) != 3)
        return bad_tensor(name, "expected an object of dtype, shape and data_offsets");
    if (!mlpbn__file_type_find(&t->type, dtype))
        return bad_tensor(name, "unknown dtype");
    mlpbn_status status = read_shape(t, json_object_get(entry, "shape"), &count);
    return status ? status
                  : read_extent(t, json_object_get(entry, "data_offsets"), count);
}

mlpbn_status mlpbn__header_list(const mlpbn__header *header, mlpbn__file_tensor *tensors)
{
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)header->root, name, entry)
    {
        mlpbn_status status = read_tensor(tensors++, name, entry);
        if (status)
            return status;
    }
    return MLPBN_OK;
}

int mlpbn__header_find(const mlpbn__header *header, const char *name,
                       mlpbn__file_tensor *tensor)
{
    const json_t *entry = json_object_get(header->root, name);
    return entry && read_tensor(tensor, name, entry) == MLPBN_OK;
}

void mlpbn__header_remove(mlpbn__header *header, const char *name)
{
    json_object_del(header->root, name);
}

const char *mlpbn__header_left(const mlpbn__header *header)
{
    return json_object_iter_key(json_object_iter(header->root));
}

#endif
