#include "io/safetensors/safetensors.h"

#include "base/error.h"
#include "base/memory.h"
#include "io/safetensors/checksum.h"

#include <mlpbn/version.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char format_key[] = "mlpbn.format", kind_key[] = "mlpbn.kind",
                  checksum_key[] = "mlpbn.file_checksum", format_version[] = "2";

/* Files of format 1 have a checksum of the data only, or none. */
static const char old_format_version[] = "1", data_checksum_key[] = "mlpbn.checksum";

enum { SIZE_BYTES = 8 };

/* A mlpbn__chunk_fn. */
static mlpbn_status add_to_checksum(void *checksum, const void *bytes, size_t n)
{
    *(uint64_t *)checksum = mlpbn__checksum_update(*(const uint64_t *)checksum, bytes, n);
    return MLPBN_OK;
}

/* Writes a size as files have it: lowest byte first. */
static void format_size(unsigned char bytes[SIZE_BYTES], uint64_t size)
{
    for (size_t i = 0; i < SIZE_BYTES; i++)
        bytes[i] = (unsigned char)(size >> 8 * i);
}

/* Adds a string and the NUL at its end. */
static uint64_t checksum_string(uint64_t checksum, const char *string)
{
    return mlpbn__checksum_update(checksum, string, strlen(string) + 1);
}

static uint64_t checksum_size(uint64_t checksum, uint64_t size)
{
    unsigned char bytes[SIZE_BYTES];
    format_size(bytes, size);
    return mlpbn__checksum_update(checksum, bytes, sizeof bytes);
}

/* The checksum of all metadata but the checksum itself. */
static uint64_t checksum_metadata(const mlpbn__header *header)
{
    uint64_t checksum = MLPBN__CHECKSUM_INIT;
    for (size_t i = 0; i < header->n_metadata; i++) {
        const mlpbn__metadata_pair *pair = header->metadata + i;
        if (strcmp(pair->key, checksum_key) == 0)
            continue;
        checksum = checksum_string(checksum, pair->key);
        checksum = checksum_string(checksum, pair->value);
    }
    return checksum;
}

/* Adds what the header says of a tensor, but for where its data is. */
static uint64_t checksum_tensor(uint64_t checksum, const mlpbn__file_tensor *t)
{
    checksum = checksum_string(checksum, t->name);
    checksum = checksum_string(checksum, mlpbn__file_dtype_name(t->dtype));
    checksum = checksum_size(checksum, t->n_dims);
    for (size_t i = 0; i < t->n_dims && i < MLPBN__MAX_DIMS; i++)
        checksum = checksum_size(checksum, t->dims[i]);
    return checksum;
}

/* --- Saving ----------------------------------------------------------------------------- */

static mlpbn_status check_values(const mlpbn__tensor_entries *entries)
{
    for (size_t i = 0; i < entries->n; i++)
        RETURN_IF_ERROR(mlpbn__tensor_entry_check_memory(entries->entry + i));
    return MLPBN_OK;
}

/* Adds a tensor whose data begins at *end, and advances *end. */
static void add_tensor(mlpbn__header_text *header, const mlpbn__tensor_entry *entry,
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

/* Adds the file's own metadata. *digits receives the place of the checksum's digits, which are
 * zeros until write_checksum. */
static void add_file_metadata(mlpbn__header_text *header, const char *kind,
                              size_t *digits)
{
    char checksum[MLPBN__CHECKSUM_LENGTH + 1];
    mlpbn__checksum_format(checksum, 0);
    mlpbn__header_set_metadata(header, "format",
                               "pt"); /* "pt": PyTorch. Python's loaders require it. */
    mlpbn__header_set_metadata(header, format_key, format_version);
    mlpbn__header_set_metadata(header, kind_key, kind);
    mlpbn__header_set_metadata(header, "mlpbn.library", mlpbn_version());
    mlpbn__header_set_metadata(header, checksum_key, checksum);
    *digits = header->n - 1 - MLPBN__CHECKSUM_DIGITS; /* 1: the closing quote */
}

/* The checksum of the contents of a finished header and of the entries, which are sorted by name
 * as the header's tensors are. */
static mlpbn_status checksum_contents(uint64_t *checksum, const mlpbn__header_text *text,
                                      const mlpbn__tensor_entries *entries)
{
    mlpbn__header header;
    RETURN_IF_ERROR(mlpbn__header_parse(&header, text->json, text->n));
    *checksum = checksum_metadata(&header);
    for (size_t i = 0; i < entries->n; i++) {
        *checksum = checksum_tensor(*checksum, header.tensors + i);
        mlpbn__tensor_entry_write(entries->entry + i, add_to_checksum, checksum);
    }
    mlpbn__header_free(&header);
    return MLPBN_OK;
}

/* Computes the checksum of the file and writes it into the finished header. */
static mlpbn_status write_checksum(mlpbn__header_text *header, size_t digits,
                                   mlpbn__tensor_entries *entries)
{
    char text[MLPBN__CHECKSUM_LENGTH + 1];
    uint64_t checksum = 0;
    mlpbn__tensor_entries_sort_by_name(entries);
    mlpbn_status status = checksum_contents(&checksum, header, entries);
    mlpbn__tensor_entries_sort(entries);
    mlpbn__checksum_format(text, checksum);
    memcpy(header->json + digits, text + MLPBN__CHECKSUM_PREFIX_LENGTH,
           MLPBN__CHECKSUM_DIGITS);
    return status;
}

/* A mlpbn__chunk_fn. */
static mlpbn_status write_chunk(void *output, const void *bytes, size_t n)
{
    return mlpbn__output_write(output, bytes, n);
}

typedef struct contents {
    const mlpbn__header_text *header;
    const mlpbn__tensor_entries *entries;
} contents;

/* A mlpbn__writer_fn; context: the contents. */
static mlpbn_status write_file(mlpbn__output *output, const void *context)
{
    const contents *file = context;
    unsigned char length[SIZE_BYTES];
    format_size(length, file->header->n);
    RETURN_IF_ERROR(mlpbn__output_write(output, length, sizeof length));
    RETURN_IF_ERROR(mlpbn__output_write(output, file->header->json, file->header->n));
    for (size_t i = 0; i < file->entries->n; i++)
        RETURN_IF_ERROR(
            mlpbn__tensor_entry_write(file->entries->entry + i, write_chunk, output));
    return MLPBN_OK;
}

static mlpbn_status fill_header(mlpbn__header_text *header,
                                mlpbn__tensor_entries *entries, const char *kind,
                                mlpbn__metadata_fn *add_metadata, const void *context)
{
    uint64_t end = 0;
    size_t digits;
    add_file_metadata(header, kind, &digits);
    RETURN_IF_ERROR(add_metadata(header, context));
    for (size_t i = 0; i < entries->n; i++)
        add_tensor(header, entries->entry + i, &end);
    RETURN_IF_ERROR(mlpbn__header_text_finish(header));
    return write_checksum(header, digits, entries);
}

mlpbn_status mlpbn__safetensors_save(mlpbn__tensor_entries *entries, const char *kind,
                                     mlpbn__metadata_fn *add_metadata,
                                     const void *context, mlpbn__target target)
{
    RETURN_IF_ERROR(check_values(entries));
    mlpbn__tensor_entries_sort(entries);
    mlpbn__header_text header = mlpbn__header_text_new();
    mlpbn_status status = fill_header(&header, entries, kind, add_metadata, context);
    if (!status)
        status = mlpbn__save_to(target, write_file, &(contents){&header, entries});
    mlpbn__header_text_free(&header);
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
    RETURN_IF_ERROR(mlpbn__input_read(input, &bytes, &n_read, SIZE_BYTES));
    *length = 0;
    for (size_t i = 0; i < n_read; i++)
        *length |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    mlpbn__memory_free(bytes);
    if (n_read < SIZE_BYTES)
        return fail_truncated(n_read, "the length", SIZE_BYTES);
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
    return fail_truncated(SIZE_BYTES + *n, "the header", length);
}

/* Checks the layout of the tensors in the data, and sets n_data. */
static mlpbn_status check_layout(mlpbn__safetensors_in *file)
{
    const mlpbn__header *header = &file->header;
    const size_t n = header->n_tensors;
    mlpbn__file_tensor *by_offset = calloc(n + 1, sizeof *by_offset);
    if (!by_offset)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory to sort %zu tensors", n);
    if (n > 0)
        memcpy(by_offset, header->tensors, n * sizeof *by_offset);
    mlpbn_status status = mlpbn__check_layout(&file->n_data, by_offset, n);
    free(by_offset);
    return status;
}

static mlpbn_status compare_checksums(const char *expected, uint64_t checksum,
                                      const char *what)
{
    char got[MLPBN__CHECKSUM_LENGTH + 1], text[MLPBN__NAME_TEXT_SIZE];
    mlpbn__checksum_format(got, checksum);
    if (strcmp(got, expected) == 0)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EFORMAT,
                       "the %s has been changed: expected the checksum %s, got %s", what,
                       mlpbn__name_text(text, expected), got);
}

static uint64_t checksum_file(const mlpbn__safetensors_in *file)
{
    const mlpbn__header *header = &file->header;
    uint64_t checksum = checksum_metadata(header);
    for (size_t i = 0; i < header->n_tensors; i++) {
        const mlpbn__file_tensor *t = header->tensors + i;
        checksum = checksum_tensor(checksum, t);
        checksum = mlpbn__checksum_update(checksum, file->data + t->begin,
                                          (size_t)(t->end - t->begin));
    }
    return checksum;
}

/* Compares the checksum with that of the contents. Files of other software have none; those of
 * format 1 may have one of the data. */
static mlpbn_status check_checksum(const mlpbn__safetensors_in *file)
{
    const mlpbn__header *header = &file->header;
    const char *format = mlpbn__header_get_metadata(header, format_key);
    const char *expected = mlpbn__header_get_metadata(header, checksum_key);
    if (expected)
        return compare_checksums(expected, checksum_file(file), "file");
    if (format && strcmp(format, format_version) == 0)
        return mlpbn__fail(MLPBN_EFORMAT, "mlpbn.file_checksum: expected it in a file of "
                                          "format 2, got none");
    expected = mlpbn__header_get_metadata(header, data_checksum_key);
    if (!expected)
        return MLPBN_OK;
    uint64_t checksum =
        mlpbn__checksum_update(MLPBN__CHECKSUM_INIT, file->data, (size_t)file->n_data);
    return compare_checksums(expected, checksum, "data");
}

static mlpbn_status read_data(mlpbn__safetensors_in *file, mlpbn__input *input)
{
    size_t n_read;
    RETURN_IF_ERROR(mlpbn__input_read(input, &file->data, &n_read, (size_t)file->n_data));
    if (n_read < file->n_data)
        return fail_truncated(file->data_position + n_read, "the data", file->n_data);
    return mlpbn__input_check_end(input);
}

/* Reads the file, of which the header is json, [n]. */
static mlpbn_status read_and_check(mlpbn__safetensors_in *file, const char *json,
                                   size_t n, mlpbn__input *input)
{
    file->data_position = SIZE_BYTES + n;
    RETURN_IF_ERROR(mlpbn__header_parse(&file->header, json, n));
    RETURN_IF_ERROR(check_layout(file));
    RETURN_IF_ERROR(read_data(file, input));
    return check_checksum(file);
}

mlpbn_status mlpbn__safetensors_in_new(mlpbn__safetensors_in *file, mlpbn__input *input)
{
    char *json;
    size_t n;
    *file = (mlpbn__safetensors_in){.data = NULL};
    RETURN_IF_ERROR(read_header(&json, &n, input));
    mlpbn_status status = read_and_check(file, json, n, input);
    mlpbn__memory_free(json);
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
    if (!got ||
        (strcmp(got, format_version) != 0 && strcmp(got, old_format_version) != 0))
        return mlpbn__fail(
            MLPBN_EFORMAT,
            "mlpbn.format: expected %s or %s, got %s (libmlpbn %s reads no other)",
            old_format_version, format_version,
            got ? mlpbn__name_text(name, got) : "none", mlpbn_version());
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
    const mlpbn__file_tensor *t = mlpbn__header_find_tensor(&file->header, entry->name);
    if (!t)
        return mlpbn__fail(mismatch_status, "the file has no tensor %s", entry->name);
    RETURN_IF_ERROR(check_type(entry, t, mismatch_status));
    return mlpbn__tensor_entry_check_bytes(entry, file->data + t->begin,
                                           file->data_position + t->begin);
}

mlpbn_status mlpbn__safetensors_check_entries(const mlpbn__safetensors_in *file,
                                              const mlpbn__tensor_entries *entries,
                                              mlpbn_status mismatch_status)
{
    for (size_t i = 0; i < entries->n; i++)
        RETURN_IF_ERROR(check_entry(file, entries->entry + i, mismatch_status));
    return MLPBN_OK;
}

void mlpbn__safetensors_load_entries(mlpbn__safetensors_in *file,
                                     const mlpbn__tensor_entries *entries)
{
    for (size_t i = 0; i < entries->n; i++) {
        const mlpbn__tensor_entry *entry = entries->entry + i;
        mlpbn__file_tensor *t = mlpbn__header_find_tensor(&file->header, entry->name);
        if (!t)
            continue;
        mlpbn__tensor_entry_load(entry, file->data + t->begin);
        t->is_loaded = 1;
    }
}

mlpbn_status mlpbn__safetensors_check_no_others(const mlpbn__safetensors_in *file,
                                                mlpbn_status mismatch_status)
{
    char text[MLPBN__NAME_TEXT_SIZE];
    const mlpbn__header *header = &file->header;
    for (size_t i = 0; i < header->n_tensors; i++)
        if (!header->tensors[i].is_loaded)
            return mlpbn__fail(mismatch_status,
                               "the file has a tensor %s, the network has none like it",
                               mlpbn__name_text(text, header->tensors[i].name));
    return MLPBN_OK;
}
