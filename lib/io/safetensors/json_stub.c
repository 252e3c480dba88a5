/* Replaces json_header.c in a library without jansson. Saving and loading call
 * mlpbn__header_supported first, so the other functions are never called. */
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

mlpbn_status mlpbn__header_parse(mlpbn__header *header, const char *json, size_t n)
{
    (void)header, (void)json, (void)n;
    return mlpbn__header_supported();
}

void mlpbn__header_free(mlpbn__header *header)
{
    (void)header;
}

void mlpbn__header_set_metadata(mlpbn__header *header, const char *key, const char *value)
{
    (void)header, (void)key, (void)value;
}

const char *mlpbn__header_get_metadata(const mlpbn__header *header, const char *key)
{
    (void)header, (void)key;
    return NULL;
}

const char *mlpbn__header_metadata_difference(const mlpbn__header *expected,
                                              const mlpbn__header *header)
{
    (void)expected, (void)header;
    return NULL;
}

void mlpbn__header_add_tensor(mlpbn__header *header, const mlpbn__file_tensor *tensor)
{
    (void)header, (void)tensor;
}

mlpbn_status mlpbn__header_write(const mlpbn__header *header, mlpbn__output *output)
{
    (void)header, (void)output;
    return mlpbn__header_supported();
}

size_t mlpbn__header_n_tensors(const mlpbn__header *header)
{
    (void)header;
    return 0;
}

mlpbn_status mlpbn__header_list_tensors(const mlpbn__header *header,
                                        mlpbn__file_tensor *tensors)
{
    (void)header, (void)tensors;
    return mlpbn__header_supported();
}

int mlpbn__header_find_tensor(const mlpbn__header *header, const char *name,
                              mlpbn__file_tensor *tensor)
{
    (void)header, (void)name, (void)tensor;
    return 0;
}

void mlpbn__header_remove_tensor(mlpbn__header *header, const char *name)
{
    (void)header, (void)name;
}

const char *mlpbn__header_first_tensor(const mlpbn__header *header)
{
    (void)header;
    return NULL;
}

#endif
