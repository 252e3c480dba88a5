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
                  checksum_key[] = "mlpbn.checksum", format_version[] = "1";

enum { LENGTH_SIZE = 8, CHECKSUM_TEXT_SIZE = 32 };

/* A mlpbn__chunk_fn. */
static mlpbn_status add_to_checksum(void *checksum, const void *bytes, size_t n)
{
    *(uint64_t *)checksum = mlpbn__checksum_update(*(const uint64_t *)checksum, bytes, n);
    return MLPBN_OK;
}

static void format_checksum(char text[CHECKSUM_TEXT_SIZE], uint64_t checksum)
{
    snprintf(text, CHECKSUM_TEXT_SIZE, "fnv1a64:%016" PRIx64, checksum);
}

/* --- Saving ----------------------------------------------------------------------------- */

/* Adds a tensor whose data begins at *end, and advances *end. */
static void add_tensor(mlpbn__header *header, const mlpbn__tensor_entry *entry,
                       uint64_t *end)
{
    mlpbn__file_tensor t = {.name = entry->name,
                            .dtype = entry->dtype,
                            .n_dims = entry->n_dims,
                            .begin = *end,
                            .end = *end + mlpbn__tensor_entry_size(entry)};
    for (size_t i = 0; i < t.n_dims; i++)
        t.dims[i] = entry->dims[i];
    *end = t.end;
    mlpbn__header_add_tensor(header, &t);
}

static mlpbn_status add_tensors(mlpbn__header *header,
                                const mlpbn__tensor_entries *entries, uint64_t *checksum)
{
    uint64_t end = 0;
    for (size_t i = 0; i < entries->n; i++) {
        const mlpbn__tensor_entry *entry = entries->entry + i;
        RETURN_IF_ERROR(mlpbn__tensor_entry_check_memory(entry));
        mlpbn__tensor_entry_write(entry, add_to_checksum, checksum);
        add_tensor(header, entry, &end);
    }
    return MLPBN_OK;
}

static void add_file_metadata(mlpbn__header *header, const char *kind, uint64_t checksum)
{
    char text[CHECKSUM_TEXT_SIZE];
    format_checksum(text, checksum);
    mlpbn__header_set_metadata(header, "format",
                               "pt"); /* "pt": PyTorch. Python's loaders require it. */
    mlpbn__header_set_metadata(header, format_key, format_version);
    mlpbn__header_set_metadata(header, kind_key, kind);
    mlpbn__header_set_metadata(header, "mlpbn.library", mlpbn_version());
    mlpbn__header_set_metadata(header, checksum_key, text);
}

/* A mlpbn__chunk_fn. */
static mlpbn_status write_chunk(void *output, const void *bytes, size_t n)
{
    return mlpbn__output_write(output, bytes, n);
}

typedef struct contents {
    mlpbn__header *header;
    const mlpbn__tensor_entries *entries;
} contents;

/* A mlpbn__writer_fn; context: the contents. */
static mlpbn_status write_file(mlpbn__output *output, const void *context)
{
    const contents *file = context;
    RETURN_IF_ERROR(mlpbn__header_write(file->header, output));
    for (size_t i = 0; i < file->entries->n; i++)
        RETURN_IF_ERROR(
            mlpbn__tensor_entry_write(file->entries->entry + i, write_chunk, output));
    return MLPBN_OK;
}

static mlpbn_status fill_header(mlpbn__header *header,
                                const mlpbn__tensor_entries *entries, const char *kind,
                                mlpbn__metadata_fn *add_metadata, const void *context)
{
    uint64_t checksum = MLPBN__CHECKSUM_INIT;
    RETURN_IF_ERROR(add_tensors(header, entries, &checksum));
    add_file_metadata(header, kind, checksum);
    return add_metadata(header, context);
}

mlpbn_status mlpbn__safetensors_save(mlpbn__tensor_entries *entries, const char *kind,
                                     mlpbn__metadata_fn *add_metadata,
                                     const void *context, mlpbn__target target)
{
    mlpbn__header header;
    RETURN_IF_ERROR(mlpbn__header_new(&header));
    mlpbn__tensor_entries_sort(entries);
    mlpbn_status status = fill_header(&header, entries, kind, add_metadata, context);
    if (!status)
        status = mlpbn__save_to(target, write_file, &(contents){&header, entries});
    mlpbn__header_free(&header);
    return status;
}

/* --- Reading a file --------------------------------------------------------------------- */

static mlpbn_status fail_truncated(uint64_t position, const char *what, uint64_t n)
{
    return mlpbn__fail(MLPBN_EFORMAT,
                       "byte %" PRIu64 ": the file ends within %s of %" PRIu64 " bytes",
                       position, what, n);
}

/* Reads N, the length of the header. */
static mlpbn_status read_length(uint64_t *length, mlpbn__input *input)
{
    char *bytes;
    size_t n_read;
    RETURN_IF_ERROR(mlpbn__input_read(input, &bytes, &n_read, LENGTH_SIZE));
    *length = 0;
    for (size_t i = 0; i < n_read; i++)
        *length |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    mlpbn__memory_free(bytes);
    if (n_read < LENGTH_SIZE)
        return fail_truncated(n_read, "the length", LENGTH_SIZE);
    if (*length < 2 || *length > MLPBN__MAX_HEADER_SIZE)
        return mlpbn__fail(
            MLPBN_EFORMAT,
            "byte 0: expected a safetensors file, with a header of 2 to %d "
            "bytes, got %" PRIu64,
            MLPBN__MAX_HEADER_SIZE, *length);
    return MLPBN_OK;
}

/* Reads the length and the JSON of the header, of n bytes. */
static mlpbn_status read_header(char **json, size_t *n, mlpbn__input *input)
{
    uint64_t length;
    RETURN_IF_ERROR(read_length(&length, input));
    RETURN_IF_ERROR(mlpbn__input_read(input, json, n, (size_t)length));
    if (*n == length)
        return MLPBN_OK;
    mlpbn__memory_free(*json);
    return fail_truncated(LENGTH_SIZE + *n, "the header", length);
}

static mlpbn_status check_tensors(mlpbn__safetensors_in *file,
                                  mlpbn__file_tensor *tensors, size_t n)
{
    RETURN_IF_ERROR(mlpbn__header_list_tensors(&file->header, tensors));
    return mlpbn__check_layout(&file->n_data, tensors, n);
}

/* Checks each tensor and the layout of all in the data, and sets n_data. */
static mlpbn_status check_header(mlpbn__safetensors_in *file)
{
    size_t n = mlpbn__header_n_tensors(&file->header);
    mlpbn__file_tensor *tensors = calloc(n + 1, sizeof *tensors);
    if (!tensors)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the names of %zu tensors", n);
    mlpbn_status status = check_tensors(file, tensors, n);
    free(tensors);
    return status;
}

/* Compares the checksum. Files of other software have none. */
static mlpbn_status check_checksum(const mlpbn__safetensors_in *file)
{
    const char *expected = mlpbn__header_get_metadata(&file->header, checksum_key);
    char text[CHECKSUM_TEXT_SIZE], name[MLPBN__NAME_TEXT_SIZE];
    uint64_t checksum = MLPBN__CHECKSUM_INIT;
    if (!expected)
        return MLPBN_OK;
    checksum = mlpbn__checksum_update(checksum, file->data, (size_t)file->n_data);
    format_checksum(text, checksum);
    if (strcmp(text, expected) == 0)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EFORMAT,
                       "byte %" PRIu64 ": the data has been changed: expected the "
                       "checksum %s, got %s",
                       file->data_position, mlpbn__name_text(name, expected), text);
}

static mlpbn_status read_data(mlpbn__safetensors_in *file, mlpbn__input *input)
{
    size_t n_read;
    RETURN_IF_ERROR(mlpbn__input_read(input, &file->data, &n_read, (size_t)file->n_data));
    if (n_read < file->n_data)
        return fail_truncated(file->data_position + n_read, "the data", file->n_data);
    RETURN_IF_ERROR(mlpbn__input_check_end(input));
    return check_checksum(file);
}

static mlpbn_status parse_header(mlpbn__safetensors_in *file, mlpbn__input *input)
{
    char *json;
    size_t n;
    RETURN_IF_ERROR(read_header(&json, &n, input));
    mlpbn_status status = mlpbn__header_parse(&file->header, json, n);
    mlpbn__memory_free(json);
    file->data_position = LENGTH_SIZE + n;
    return status;
}

static mlpbn_status check_and_read(mlpbn__safetensors_in *file, mlpbn__input *input)
{
    RETURN_IF_ERROR(check_header(file));
    return read_data(file, input);
}

mlpbn_status mlpbn__safetensors_in_new(mlpbn__safetensors_in *file, mlpbn__input *input)
{
    *file = (mlpbn__safetensors_in){.data = NULL};
    RETURN_IF_ERROR(parse_header(file, input));
    mlpbn_status status = check_and_read(file, input);
    if (status)
        mlpbn__safetensors_in_free(file);
    return status;
}

void mlpbn__safetensors_in_free(mlpbn__safetensors_in *file)
{
    mlpbn__header_free(&file->header);
    mlpbn__memory_free(file->data);
}

/* --- Entries of a file that was read ---------------------------------------------------- */

int mlpbn__safetensors_is_native(const mlpbn__safetensors_in *file)
{
    return mlpbn__header_get_metadata(&file->header, format_key) != NULL;
}

mlpbn_status mlpbn__safetensors_check_kind(const mlpbn__safetensors_in *file,
                                           const char *kind)
{
    char name[MLPBN__NAME_TEXT_SIZE];
    const char *got = mlpbn__header_get_metadata(&file->header, format_key);
    if (!got || strcmp(got, format_version) != 0)
        return mlpbn__fail(
            MLPBN_EFORMAT,
            "mlpbn.format: expected %s, got %s (libmlpbn %s reads no other)",
            format_version, got ? mlpbn__name_text(name, got) : "none", mlpbn_version());
    got = mlpbn__header_get_metadata(&file->header, kind_key);
    if (!got || strcmp(got, kind) != 0)
        return mlpbn__fail(MLPBN_EFORMAT, "expected a file that holds a %s, got a %s",
                           kind, got ? mlpbn__name_text(name, got) : "nameless one");
    return MLPBN_OK;
}

static mlpbn_status check_type(const mlpbn__tensor_entry *entry,
                               const mlpbn__file_tensor *t, mlpbn_status mismatch_status)
{
    char expected[MLPBN__SHAPE_TEXT_SIZE], got[MLPBN__SHAPE_TEXT_SIZE];
    int same_shape = entry->n_dims == t->n_dims;
    for (size_t i = 0; same_shape && i < entry->n_dims; i++)
        same_shape = entry->dims[i] == t->dims[i];
    if (same_shape && entry->dtype == t->dtype)
        return MLPBN_OK;
    int unsupported = same_shape && t->dtype >= MLPBN__FILE_OTHERS;
    return mlpbn__fail(unsupported ? MLPBN_EUNSUPPORTED : mismatch_status,
                       "%s: expected %s %s, got %s %s", entry->name,
                       mlpbn__file_dtype_name(entry->dtype),
                       mlpbn__shape_text(expected, entry->n_dims, entry->dims),
                       mlpbn__file_dtype_name(t->dtype),
                       mlpbn__shape_text(got, t->n_dims, t->dims));
}

static mlpbn_status check_entry(const mlpbn__safetensors_in *file,
                                const mlpbn__tensor_entry *entry,
                                mlpbn_status mismatch_status)
{
    mlpbn__file_tensor t;
    if (!mlpbn__header_find_tensor(&file->header, entry->name, &t))
        return mlpbn__fail(mismatch_status, "the file has no tensor %s", entry->name);
    RETURN_IF_ERROR(check_type(entry, &t, mismatch_status));
    return mlpbn__tensor_entry_check_bytes(entry, file->data + t.begin,
                                           file->data_position + t.begin);
}

mlpbn_status mlpbn__safetensors_check_entries(const mlpbn__safetensors_in *file,
                                              const mlpbn__tensor_entries *entries,
                                              mlpbn_status mismatch_status)
{
    for (size_t i = 0; i < entries->n; i++)
        RETURN_IF_ERROR(check_entry(file, entries->entry + i, mismatch_status));
    return MLPBN_OK;
}

void mlpbn__safetensors_load_entries(const mlpbn__safetensors_in *file,
                                     const mlpbn__tensor_entries *entries)
{
    mlpbn__file_tensor t;
    for (size_t i = 0; i < entries->n; i++)
        if (mlpbn__header_find_tensor(&file->header, entries->entry[i].name, &t))
            mlpbn__tensor_entry_load(entries->entry + i, file->data + t.begin);
}

mlpbn_status mlpbn__safetensors_check_no_others(mlpbn__safetensors_in *file,
                                                const mlpbn__tensor_entries *entries,
                                                mlpbn_status mismatch_status)
{
    char text[MLPBN__NAME_TEXT_SIZE];
    for (size_t i = 0; i < entries->n; i++)
        mlpbn__header_remove_tensor(&file->header, entries->entry[i].name);
    const char *name = mlpbn__header_first_tensor(&file->header);
    if (!name)
        return MLPBN_OK;
    return mlpbn__fail(mismatch_status,
                       "the file has a tensor %s, the network has none like it",
                       mlpbn__name_text(text, name));
}
