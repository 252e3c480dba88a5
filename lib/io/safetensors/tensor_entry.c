#include "io/safetensors/tensor_entry.h"

#include "base/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t rows_of(const mlpbn__item *item)
{
    return item->n_dims == 2 ? item->dims[0] : 1;
}

static size_t columns_of(const mlpbn__item *item)
{
    return item->n_dims == 0 ? 1 : item->dims[item->n_dims - 1];
}

static int compare(const void *a, const void *b)
{
    const mlpbn__item *s = a, *t = b;
    if (s->type != t->type)
        return s->type > t->type ? -1 : 1;
    return strcmp(s->name, t->name);
}

void mlpbn__items_sort(mlpbn__items *items)
{
    qsort(items->item, items->n, sizeof *items->item, compare);
}

size_t mlpbn__item_bytes(const mlpbn__item *item)
{
    return rows_of(item) * columns_of(item) * mlpbn__file_type_size(item->type);
}

/* Numbers as integers of their size, whose bytes the file has from low to high. */
static uint64_t bits_in_memory(const void *data, size_t size)
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

static void set_in_memory(void *data, size_t size, uint64_t bits)
{
    uint32_t four = (uint32_t)bits;
    if (size == 1)
        *(unsigned char *)data = (unsigned char)bits;
    else if (size == sizeof four)
        memcpy(data, &four, sizeof four);
    else
        memcpy(data, &bits, sizeof bits);
}

static uint64_t bits_in_file(const char *bytes, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    return bits;
}

mlpbn_status mlpbn__item_emit(const mlpbn__item *item, mlpbn__sink *sink, void *context)
{
    enum { PIECE = 512 }; /* numbers */
    unsigned char bytes[PIECE * 8];
    size_t size = mlpbn__file_type_size(item->type), columns = columns_of(item);
    mlpbn_status status = MLPBN_OK;
    for (size_t i = 0; i < rows_of(item); i++) {
        const char *row = (const char *)item->data + i * item->stride * size;
        for (size_t j = 0; j < columns && !status; j += PIECE) {
            size_t n = columns - j < PIECE ? columns - j : PIECE;
            for (size_t k = 0; k < n; k++) {
                uint64_t bits = bits_in_memory(row + (j + k) * size, size);
                for (size_t b = 0; b < size; b++)
                    bytes[k * size + b] = (unsigned char)(bits >> 8 * b);
            }
            status = sink(context, bytes, n * size);
        }
    }
    return status;
}

static double value_of(mlpbn__file_type type, uint64_t bits)
{
    double value = 0;
    float single;
    uint32_t four = (uint32_t)bits;
    if (type == MLPBN__FILE_F32) {
        memcpy(&single, &four, sizeof single);
        return (double)single;
    }
    if (type == MLPBN__FILE_F64)
        memcpy(&value, &bits, sizeof value);
    else
        value = (double)(int64_t)bits;
    return value;
}

/* The first number of these bytes that an item may not hold; n if there is none. */
static size_t find_bad(const mlpbn__item *item, const char *bytes, size_t n,
                       double *value)
{
    size_t size = mlpbn__file_type_size(item->type), i = 0;
    for (; i < n && item->type != MLPBN__FILE_U8; i++) {
        *value = value_of(item->type, bits_in_file(bytes + i * size, size));
        if (!isfinite(*value) || (item->not_negative && *value < 0))
            return i;
    }
    return n;
}

typedef struct checker {
    const mlpbn__item *item;
    size_t done; /* numbers */
} checker;

static mlpbn_status check_piece(void *context, const void *bytes, size_t n)
{
    checker *c = context;
    double value;
    size_t count = n / mlpbn__file_type_size(c->item->type);
    size_t bad = find_bad(c->item, bytes, count, &value);
    if (bad < count)
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "%s, number %zu: expected a finite number%s, got %g",
                           c->item->name, c->done + bad,
                           c->item->not_negative ? " of at least 0" : "", value);
    c->done += count;
    return MLPBN_OK;
}

mlpbn_status mlpbn__item_check_memory(const mlpbn__item *item)
{
    checker c = {.item = item};
    return mlpbn__item_emit(item, check_piece, &c);
}

mlpbn_status mlpbn__item_check(const mlpbn__item *item, const char *bytes,
                               uint64_t position)
{
    double value;
    size_t size = mlpbn__file_type_size(item->type), n = mlpbn__item_bytes(item) / size;
    size_t bad = find_bad(item, bytes, n, &value);
    if (bad == n)
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EFORMAT,
                       "%s, number %zu, at byte %" PRIu64
                       ": expected a finite number%s, got %g",
                       item->name, bad, position + bad * size,
                       item->not_negative ? " of at least 0" : "", value);
}

void mlpbn__item_read(const mlpbn__item *item, const char *bytes)
{
    size_t size = mlpbn__file_type_size(item->type), columns = columns_of(item);
    for (size_t i = 0; i < rows_of(item); i++)
        for (size_t j = 0; j < columns; j++)
            set_in_memory((char *)item->data + (i * item->stride + j) * size, size,
                          bits_in_file(bytes + (i * columns + j) * size, size));
}
