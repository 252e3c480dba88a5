/* Rows of the caller, picked by index, converted and standardized in one pass. */
#include "base/dtype.h"
#include "kernel/simd.h"

#include <string.h>

/* Rows pass by block of columns by block, so that mean and scale of a block stay in the
 * first-level cache; lines of rows to come are asked for meanwhile, because with an index
 * list the CPU cannot guess them. */
enum { COLUMNS = 256, ROWS = 4, AHEAD = 5 };

static void prefetch(const char *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 64)
        __builtin_prefetch(from + i);
}

/* The caller's rows need no alignment: memcpy of one number is a plain load. The wider of
 * the two types does the arithmetic. */
#define CONVERT(name, type, wide)                                                        \
    static void name(const R(source) *source, const char *row, size_t begin, size_t end, \
                     real *x)                                                            \
    {                                                                                    \
        (void)source;                                                                    \
        for (size_t j = begin; j < end; j++) {                                           \
            type value;                                                                  \
            memcpy(&value, row + j * sizeof value, sizeof value);                        \
            x[j - begin] = (real)value;                                                  \
        }                                                                                \
    }                                                                                    \
    static void name##_standardized(const R(source) *source, const char *row,            \
                                    size_t begin, size_t end, real *x)                   \
    {                                                                                    \
        for (size_t j = begin; j < end; j++) {                                           \
            type value;                                                                  \
            memcpy(&value, row + j * sizeof value, sizeof value);                        \
            wide centred =                                                               \
                (wide)value - (wide)source->mean[j] - (wide)source->mean_rest[j];        \
            x[j - begin] = (real)(centred * (wide)source->scale[j]);                     \
        }                                                                                \
    }

CONVERT(convert_u8, uint8_t, real)
CONVERT(convert_f32, float, real)
CONVERT(convert_f64, double, double)

/* A few rows of bytes, which take longer to convert than to read, at once: each load of mean
 * and scale serves all of them. */
static void standardize_bytes(const R(source) *source, const char *const row[ROWS],
                              size_t begin, size_t end, real *x, size_t ldx)
{
    size_t j = begin;
    for (; j + LANES <= end; j += LANES) {
        vector mean = *(const vector *)(source->mean + j);
        vector rest = *(const vector *)(source->mean_rest + j);
        vector scale = *(const vector *)(source->scale + j);
        for (size_t r = 0; r < ROWS; r++)
            *(vector *)(x + r * ldx + (j - begin)) =
                (load_bytes((const uint8_t *)row[r] + j) - mean - rest) * scale;
    }
    for (size_t r = 0; r < ROWS; r++)
        convert_u8_standardized(source, row[r], j, end, x + r * ldx + (j - begin));
}

typedef void converter(const R(source) *, const char *, size_t, size_t, real *);

static const char *row_of(const R(source) *source, size_t i, size_t row_bytes)
{
    return (const char *)source->data +
           (source->index ? source->index[i] : i) * row_bytes;
}

/* Rows i .. i + rows - 1 of a block of columns; ROWS at most. (Inlined below, it would make
 * the caller work out more beforehand than a single small row takes.) */
__attribute__((noinline)) static void gather_rows(const R(source) *source, size_t i,
                                                  size_t rows, size_t begin, size_t end,
                                                  real *x, size_t ldx)
{
    static converter *const converters[][2] = {
        [MLPBN_F32] = {convert_f32, convert_f32_standardized},
        [MLPBN_F64] = {convert_f64, convert_f64_standardized},
        [MLPBN_U8] = {convert_u8, convert_u8_standardized},
    };
    int standardizes = source->scale != NULL;
    size_t size = mlpbn__sizeof(source->dtype), row_bytes = source->stride * size;
    const char *row[ROWS];
    for (size_t r = 0; r < rows; r++) {
        row[r] = row_of(source, i + r, row_bytes);
        if (source->index && i + r + AHEAD < source->n)
            prefetch(row_of(source, i + r + AHEAD, row_bytes) + begin * size,
                     (end - begin) * size);
    }
    if (rows == ROWS && source->dtype == MLPBN_U8 && standardizes) {
        standardize_bytes(source, row, begin, end, x, ldx);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        converters[source->dtype][standardizes](source, row[r], begin, end, x + r * ldx);
}

void K(gather)(const R(source) *source, size_t begin, size_t end, size_t first,
               size_t stop, real *x, size_t ldx)
{
    for (size_t j = first; j < stop; j += COLUMNS) {
        size_t until = stop - j < COLUMNS ? stop : j + COLUMNS;
        for (size_t i = begin; i < end; i += ROWS)
            gather_rows(source, i, end - i < ROWS ? end - i : ROWS, j, until,
                        x + (i - begin) * ldx + (j - first), ldx);
    }
    if (stop < source->columns)
        return;
    for (size_t i = begin; i < end; i++, x += ldx)
        memset(x + (stop - first), 0, (R(padded)(stop) - stop) * sizeof *x);
}
