#include "io/safetensors/safetensors.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/safetensors/checksum.h"

#include <mlpbn/version.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char format_key[] = "mlpbn.format", kind_key[] = "mlpbn.kind",
                  checksum_key[] = "mlpbn.checksum", format[] = "1";

enum { CHECKSUM_TEXT = 32 };

static mlpbn_status add_to_checksum(void *checksum, const void *bytes, size_t n)
{
    *(uint64_t *)checksum = mlpbn__checksum(*(const uint64_t *)checksum, bytes, n);
    return MLPBN_OK;
}

static void checksum_text(char text[CHECKSUM_TEXT], uint64_t checksum)
{
    snprintf(text, CHECKSUM_TEXT, "fnv1a64:%016" PRIx64, checksum);
}

static void add_tensor(mlpbn__header *header, const mlpbn__item *item, uint64_t *end)
{
    mlpbn__file_tensor t = {.name = item->name, .type = item->type, .begin = *end};
    t.n_dims = item->n_dims;
    for (size_t i = 0; i < t.n_dims; i++)
        t.dims[i] = item->dims[i];
    *end += mlpbn__item_bytes(item);
    t.end = *end;
    mlpbn__header_add(header, &t);
}

mlpbn_status mlpbn__container_begin(mlpbn__file_out *file, mlpbn__items *items,
                                    const char *kind)
{
    char text[CHECKSUM_TEXT];
    uint64_t checksum = MLPBN__CHECKSUM_OF_NOTHING, end = 0;
    mlpbn_status status = mlpbn__header_new(&file->header);
    mlpbn__items_sort(items);
    file->items = *items;
    for (size_t i = 0; i < items->n && !status; i++) {
        status = mlpbn__item_check_memory(items->item + i);
        mlpbn__item_emit(items->item + i, add_to_checksum, &checksum);
        if (!status)
            add_tensor(&file->header, items->item + i, &end);
    }
    if (status) {
        mlpbn__header_free(&file->header);
        return status;
    }
    checksum_text(text, checksum);
    mlpbn__header_set(&file->header, "format", "pt"); /* Python's loaders ask for it */
    mlpbn__header_set(&file->header, format_key, format);
    mlpbn__header_set(&file->header, kind_key, kind);
    mlpbn__header_set(&file->header, "mlpbn.library", mlpbn_version());
    mlpbn__header_set(&file->header, checksum_key, text);
    return MLPBN_OK;
}

static mlpbn_status put_piece(void *output, const void *bytes, size_t n)
{
    return mlpbn__output_write(output, bytes, n);
}

mlpbn_status mlpbn__container_put(mlpbn__output *output, const void *what)
{
    const mlpbn__file_out *file = what;
    mlpbn_status status = mlpbn__header_put(&file->header, output);
    for (size_t i = 0; i < file->items.n && !status; i++)
        status = mlpbn__item_emit(file->items.item + i, put_piece, output);
    return status;
}

static mlpbn_status ends_early(uint64_t position, const char *what, uint64_t n)
{
    return mlpbn__fail(MLPBN_EFORMAT,
                       "byte %" PRIu64 ": the file ends within %s of %" PRIu64 " bytes",
                       position, what, n);
}

/* The length and the header's text. */
static mlpbn_status take_header(char **text, size_t *n, mlpbn__input *input)
{
    size_t got;
    char *prefix;
    uint64_t length = 0;
    mlpbn_status status = mlpbn__input_read(input, &prefix, &got, 8);
    if (status)
        return status;
    for (size_t i = 0; i < 8; i++)
        length |= (uint64_t)(unsigned char)prefix[i] << 8 * i;
    mlpbn__memory_free(prefix);
    if (got < 8)
        return ends_early(got, "the length", 8);
    if (length < 2 || length > MLPBN__HEADER_MOST)
        return mlpbn__fail(MLPBN_EFORMAT,
                           "byte 0: expected a header of 2 to %d bytes, got %" PRIu64,
                           MLPBN__HEADER_MOST, length);
    status = mlpbn__input_read(input, text, &got, (size_t)length);
    if (status)
        return status;
    *n = got;
    if (got == length)
        return MLPBN_OK;
    mlpbn__memory_free(*text);
    return ends_early(8 + got, "the header", length);
}

static mlpbn_status check_tensors(mlpbn__file_in *file)
{
    size_t n = mlpbn__header_tensors(&file->header);
    mlpbn__file_tensor *tensors = calloc(n + 1, sizeof *tensors);
    if (!tensors)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the names of %zu tensors", n);
    mlpbn_status status = mlpbn__header_list(&file->header, tensors);
    if (!status)
        status = mlpbn__check_layout(&file->n_data, tensors, n);
    free(tensors);
    return status;
}

/* A file without a checksum was written by others. */
static mlpbn_status check_sum(const mlpbn__file_in *file)
{
    const char *expected = mlpbn__header_get(&file->header, checksum_key);
    char text[CHECKSUM_TEXT];
    uint64_t checksum = MLPBN__CHECKSUM_OF_NOTHING;
    if (!expected)
        return MLPBN_OK;
    add_to_checksum(&checksum, file->data, (size_t)file->n_data);
    checksum_text(text, checksum);
    if (strcmp(text, expected) == 0)
        return MLPBN_OK;
    char name[MLPBN__NAME_TEXT];
    return mlpbn__fail(MLPBN_EFORMAT,
                       "byte %" PRIu64 ": the data has been changed: expected the "
                       "checksum %s, got %s",
                       file->position, mlpbn__name_text(name, expected), text);
}

static mlpbn_status take_data(mlpbn__file_in *file, mlpbn__input *input)
{
    size_t got;
    mlpbn_status status =
        mlpbn__input_read(input, &file->data, &got, (size_t)file->n_data);
    if (status)
        return status;
    if (got < file->n_data)
        return ends_early(file->position + got, "the data", file->n_data);
    status = mlpbn__input_check_end(input);
    return status ? status : check_sum(file);
}

mlpbn_status mlpbn__container_take(mlpbn__file_in *file, mlpbn__input *input)
{
    char *text;
    size_t n = 0;
    *file = (mlpbn__file_in){.data = NULL};
    mlpbn_status status = take_header(&text, &n, input);
    if (status)
        return status;
    status = mlpbn__header_parse(&file->header, text, n);
    mlpbn__memory_free(text);
    if (status)
        return status;
    file->position = 8 + n;
    status = check_tensors(file);
    if (!status)
        status = take_data(file, input);
    if (status)
        mlpbn__container_free(file);
    return status;
}

void mlpbn__container_free(mlpbn__file_in *file)
{
    mlpbn__header_free(&file->header);
    mlpbn__memory_free(file->data);
    file->data = NULL;
}

mlpbn_status mlpbn__container_check_kind(const mlpbn__file_in *file, const char *kind)
{
    char name[MLPBN__NAME_TEXT];
    const char *theirs = mlpbn__header_get(&file->header, format_key);
    if (!theirs || strcmp(theirs, format) != 0)
        return mlpbn__fail(
            MLPBN_EFORMAT,
            "mlpbn.format: expected %s, got %s (libmlpbn %s reads no other)", format,
            theirs ? mlpbn__name_text(name, theirs) : "none", mlpbn_version());
    theirs = mlpbn__header_get(&file->header, kind_key);
    if (!theirs || strcmp(theirs, kind) != 0)
        return mlpbn__fail(MLPBN_EFORMAT, "expected a file that holds a %s, got a %s",
                           kind,
                           theirs ? mlpbn__name_text(name, theirs) : "nameless one");
    return MLPBN_OK;
}

static mlpbn_status check_fit(const mlpbn__item *item, const mlpbn__file_tensor *t,
                              mlpbn_status misfit)
{
    char expected[MLPBN__SHAPE_TEXT], got[MLPBN__SHAPE_TEXT];
    int same = item->n_dims == t->n_dims;
    for (size_t i = 0; same && i < item->n_dims; i++)
        same = item->dims[i] == t->dims[i];
    if (same && item->type == t->type)
        return MLPBN_OK;
    mlpbn_status status =
        same && t->type >= MLPBN__FILE_OTHERS ? MLPBN_EUNSUPPORTED : misfit;
    return mlpbn__fail(status, "%s: expected %s %s, got %s %s", item->name,
                       mlpbn__file_type_name(item->type),
                       mlpbn__shape_text(expected, item->n_dims, item->dims),
                       mlpbn__file_type_name(t->type),
                       mlpbn__shape_text(got, t->n_dims, t->dims));
}

mlpbn_status mlpbn__container_check(const mlpbn__file_in *file, const mlpbn__items *items,
                                    mlpbn_status misfit)
{
    for (size_t i = 0; i < items->n; i++) {
        mlpbn__file_tensor t;
        const mlpbn__item *item = items->item + i;
        if (!mlpbn__header_find(&file->header, item->name, &t))
            return mlpbn__fail(misfit, "the file has no tensor %s", item->name);
        mlpbn_status status = check_fit(item, &t, misfit);
        if (!status)
            status =
                mlpbn__item_check(item, file->data + t.begin, file->position + t.begin);
        if (status)
            return status;
    }
    return MLPBN_OK;
}

void mlpbn__container_read(const mlpbn__file_in *file, const mlpbn__items *items)
{
    mlpbn__file_tensor t;
    for (size_t i = 0; i < items->n; i++)
        if (mlpbn__header_find(&file->header, items->item[i].name, &t))
            mlpbn__item_read(items->item + i, file->data + t.begin);
}

mlpbn_status mlpbn__container_check_rest(mlpbn__file_in *file, const mlpbn__items *items,
                                         mlpbn_status misfit)
{
    char name[MLPBN__NAME_TEXT];
    for (size_t i = 0; i < items->n; i++)
        mlpbn__header_remove(&file->header, items->item[i].name);
    const char *left = mlpbn__header_left(&file->header);
    if (!left)
        return MLPBN_OK;
    return mlpbn__fail(misfit, "the file has a tensor %s, the network has none like it",
                       mlpbn__name_text(name, left));
}
