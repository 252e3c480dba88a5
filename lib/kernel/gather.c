/* Rows of the caller, picked by index, converted and standardised in one pass. */
#include "kernel/isa.h"

#include <string.h>

/* Rows pass by block of columns by block, so that mean and scale of a block stay in the
 * first-level cache; lines of rows to come are asked for meanwhile, because with an index
 * list the CPU cannot guess them. */
enum { COLUMNS = 256, AHEAD = 5 };

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
    static void name##_standardised(const R(source) *source, const char *row,            \
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

typedef void converter(const R(source) *, const char *, size_t, size_t, real *);

static const char *row_of(const R(source) *source, size_t i, size_t row_bytes)
{
    return (const char *)source->data +
           (source->index ? source->index[i] : i) * row_bytes;
}

int K(gather)(const R(source) *source, size_t begin, size_t end, size_t first,
              size_t stop, real *x, size_t ldx)
{
    static converter *const converters[][2] = {
        [MLPBN_F32] = {convert_f32, convert_f32_standardised},
        [MLPBN_F64] = {convert_f64, convert_f64_standardised},
        [MLPBN_U8] = {convert_u8, convert_u8_standardised},
    };
    static const size_t sizes[] = {
        [MLPBN_F32] = sizeof(float), [MLPBN_F64] = sizeof(double), [MLPBN_U8] = 1};
    converter *convert = converters[source->dtype][source->scale != NULL];
    size_t size = sizes[source->dtype], row_bytes = source->stride * size;
    for (size_t j = first; j < stop; j += COLUMNS) {
        size_t columns = stop - j < COLUMNS ? stop - j : COLUMNS;
        for (size_t i = begin; i < end; i++) {
            if (source->index && i + AHEAD < source->n)
                prefetch(row_of(source, i + AHEAD, row_bytes) + j * size, columns * size);
            convert(source, row_of(source, i, row_bytes), j, j + columns,
                    x + (i - begin) * ldx + (j - first));
        }
    }
    size_t columns = stop - first, padding = 0;
    int finite = 1;
    if (stop == source->columns)
        padding = R(padded)(stop) - stop;
    for (size_t i = begin; i < end; i++, x += ldx) {
        memset(x + columns, 0, padding * sizeof *x);
        if (!source->stays_finite)
            finite &= K(magnitude)(columns, x) <= REAL_MAX;
    }
    return finite;
}
