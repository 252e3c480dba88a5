/* In place of json_header.c where there is no jansson. Entry points ask first, so nothing
 * but the first function is ever called. */
#include "base/error.h"
#include "io/safetensors/json_header.h"

#if !MLPBN_JANSSON

mlpbn_status mlpbn__header_supported(void)
{
    return mlpbn__fail(MLPBN_EUNSUPPORTED,
                       "this libmlpbn was configured without jansson, which reads and "
                       "writes the headers of files");
}

mlpbn_status mlpbn__header_new(mlpbn__header *header)
{
    (void)header;
    return mlpbn__header_supported();
}

mlpbn_status mlpbn__header_parse(mlpbn__header *header, const char *bytes, size_t n)
{
    (void)header, (void)bytes, (void)n;
    return mlpbn__header_supported();
}

void mlpbn__header_free(mlpbn__header *header)
{
    (void)header;
}

void mlpbn__header_set(mlpbn__header *header, const char *key, const char *text)
{
    (void)header, (void)key, (void)text;
}

const char *mlpbn__header_get(const mlpbn__header *header, const char *key)
{
    (void)header, (void)key;
    return NULL;
}

const char *mlpbn__header_difference(const mlpbn__header *expected,
                                     const mlpbn__header *header)
{
    (void)expected, (void)header;
    return NULL;
}

void mlpbn__header_add(mlpbn__header *header, const mlpbn__file_tensor *tensor)
{
    (void)header, (void)tensor;
}

mlpbn_status mlpbn__header_put(const mlpbn__header *header, mlpbn__output *output)
{
    (void)header, (void)output;
    return mlpbn__header_supported();
}

size_t mlpbn__header_tensors(const mlpbn__header *header)
{
    (void)header;
    return 0;
}

mlpbn_status mlpbn__header_list(const mlpbn__header *header, mlpbn__file_tensor *tensors)
{
    (void)header, (void)tensors;
    return mlpbn__header_supported();
}

int mlpbn__header_find(const mlpbn__header *header, const char *name,
                       mlpbn__file_tensor *tensor)
{
    (void)header, (void)name, (void)tensor;
    return 0;
}

void mlpbn__header_remove(mlpbn__header *header, const char *name)
{
    (void)header, (void)name;
}

const char *mlpbn__header_left(const mlpbn__header *header)
{
    (void)header;
    return NULL;
}

#endif
