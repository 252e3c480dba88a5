#include "io/safetensors/tensor_entry.h"

#include "base/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t n_rows(const mlpbn__tensor_entry *entry)
{
    return entry->n_dims == 2 ? entry->dims[0] : 1;
}

static size_t n_columns(const mlpbn__tensor_entry *entry)
{
    return entry->n_dims == 0 ? 1 : entry->dims[entry->n_dims - 1];
}

static int compare_entries(const void *a, const void *b)
{
    const mlpbn__tensor_entry *s = a, *t = b;
    if (s->dtype != t->dtype)
        return s->dtype > t->dtype ? -1 : 1;
    return strcmp(s->name, t->name);
}

void mlpbn__tensor_entries_sort(mlpbn__tensor_entries *entries)
{
    qsort(entries->entry, entries->n, sizeof *entries->entry, compare_entries);
}

static int compare_names(const void *a, const void *b)
{
    const mlpbn__tensor_entry *s = a, *t = b;
    return strcmp(s->name, t->name);
}

void mlpbn__tensor_entries_sort_by_name(mlpbn__tensor_entries *entries)
{
    qsort(entries->entry, entries->n, sizeof *entries->entry, compare_names);
}

size_t mlpbn__tensor_entry_size(const mlpbn__tensor_entry *entry)
{
    return n_rows(entry) * n_columns(entry) * mlpbn__file_dtype_size(entry->dtype);
}

/* --- Byte order: files are little-endian, memory has the order of the machine ------------ */

static uint64_t load_bits(const void *data, size_t size)
{
    uint64_t eight;
    uint32_t four;
    if (size == 1)
        return *(const unsigned char *)data;
    if (size == sizeof four) {
        memcpy(&four, data, sizeof four);
        return four;
    }
    memcpy(&eight, data, sizeof eight);
    return eight;
}

static void store_bits(void *data, size_t size, uint64_t bits)
{
    uint32_t four = (uint32_t)bits;
    if (size == 1)
        *(unsigned char *)data = (unsigned char)bits;
    else if (size == sizeof four)
        memcpy(data, &four, sizeof four);
    else
        memcpy(data, &bits, sizeof bits);
}

static uint64_t load_little_endian(const char *bytes, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    return bits;
}

/* Converts n elements in memory to bytes of a file. */
static void store_little_endian(unsigned char *bytes, const char *elements, size_t n,
                                size_t size)
{
    for (size_t k = 0; k < n; k++) {
        uint64_t bits = load_bits(elements + k * size, size);
        for (size_t b = 0; b < size; b++)
            bytes[k * size + b] = (unsigned char)(bits >> 8 * b);
    }
}

mlpbn_status mlpbn__tensor_entry_write(const mlpbn__tensor_entry *entry,
                                       mlpbn__chunk_fn *write, void *context)
{
    enum { CHUNK = 512 }; /* elements */
    unsigned char bytes[CHUNK * 8];
    size_t size = mlpbn__file_dtype_size(entry->dtype), columns = n_columns(entry);
    for (size_t i = 0; i < n_rows(entry); i++) {
        const char *row = (const char *)entry->data + i * entry->stride * size;
        for (size_t j = 0; j < columns; j += CHUNK) {
            size_t n = columns - j < CHUNK ? columns - j : CHUNK;
            store_little_endian(bytes, row + j * size, n, size);
            RETURN_IF_ERROR(write(context, bytes, n * size));
        }
    }
    return MLPBN_OK;
}

/* --- Checks ----------------------------------------------------------------------------- */

/* Returns the value of an element. */
static double decode(mlpbn__file_dtype dtype, uint64_t bits)
{
    double value = 0;
    float single;
    uint32_t four = (uint32_t)bits;
    if (dtype == MLPBN__FILE_F32) {
        memcpy(&single, &four, sizeof single);
        return (double)single;
    }
    if (dtype == MLPBN__FILE_F64)
        memcpy(&value, &bits, sizeof value);
    else
        value = (double)(int64_t)bits;
    return value;
}

/* Finds the first of n elements that is invalid; n if there is none. *value is the element. */
static size_t find_invalid(const mlpbn__tensor_entry *entry, const char *bytes, size_t n,
                           double *value)
{
    size_t size = mlpbn__file_dtype_size(entry->dtype), i = 0;
    for (; i < n && entry->dtype != MLPBN__FILE_U8; i++) {
        *value = decode(entry->dtype, load_little_endian(bytes + i * size, size));
        if (!isfinite(*value) || (entry->nonnegative && *value < 0))
            return i;
    }
    return n;
}

typedef struct checker {
    const mlpbn__tensor_entry *entry;
    size_t n_checked; /* elements */
} checker;

/* A mlpbn__chunk_fn; context: a checker. */
static mlpbn_status check_chunk(void *context, const void *bytes, size_t n)
{
    checker *c = context;
    double value;
    size_t count = n / mlpbn__file_dtype_size(c->entry->dtype);
    size_t invalid = find_invalid(c->entry, bytes, count, &value);
    if (invalid < count)
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "%s, number %zu: expected a finite number%s, got %g",
                           c->entry->name, c->n_checked + invalid,
                           c->entry->nonnegative ? " of at least 0" : "", value);
    c->n_checked += count;
    return MLPBN_OK;
}

mlpbn_status mlpbn__tensor_entry_check_memory(const mlpbn__tensor_entry *entry)
{
    checker c = {.entry = entry};
    return mlpbn__tensor_entry_write(entry, check_chunk, &c);
}

mlpbn_status mlpbn__tensor_entry_check_bytes(const mlpbn__tensor_entry *entry,
                                             const char *bytes, uint64_t position)
{
    double value;
    size_t size = mlpbn__file_dtype_size(entry->dtype),
           n = mlpbn__tensor_entry_size(entry) / size;
    size_t invalid = find_invalid(entry, bytes, n, &value);
    if (invalid == n)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EFORMAT,
                       "%s, number %zu, at byte %" PRIu64
                       ": expected a finite number%s, got %g",
                       entry->name, invalid, position + invalid * size,
                       entry->nonnegative ? " of at least 0" : "", value);
}

/* --- Loading ---------------------------------------------------------------------------- */

void mlpbn__tensor_entry_load(const mlpbn__tensor_entry *entry, const char *bytes)
{
    size_t size = mlpbn__file_dtype_size(entry->dtype), columns = n_columns(entry);
    for (size_t i = 0; i < n_rows(entry); i++)
        for (size_t j = 0; j < columns; j++)
            store_bits((char *)entry->data + (i * entry->stride + j) * size, size,
                       load_little_endian(bytes + (i * columns + j) * size, size));
}
