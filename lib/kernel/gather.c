/* Rows of the caller, picked by index, converted and standardised in one pass. */
#include "kernel/isa.h"

#include <string.h>

/* The next row's lines are asked for while this one is converted: with an index list the
 * CPU cannot guess them. */
static void prefetch(const char *row, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 64)
        __builtin_prefetch(row + i);
}

/* The caller's rows need no alignment: memcpy of one number is a plain load. The wider of
 * the two types does the arithmetic. */
#define CONVERT(name, type, wide)                                                        \
    static void name(const R(source) *source, const char *row, real *x)                  \
    {                                                                                    \
        for (size_t j = 0; j < source->columns; j++) {                                   \
            type value;                                                                  \
            memcpy(&value, row + j * sizeof value, sizeof value);                        \
            x[j] = (real)value;                                                          \
        }                                                                                \
    }                                                                                    \
    static void name##_standardised(const R(source) *source, const char *row, real *x)   \
    {                                                                                    \
        for (size_t j = 0; j < source->columns; j++) {                                   \
            type value;                                                                  \
            memcpy(&value, row + j * sizeof value, sizeof value);                        \
            wide centred =                                                               \
                (wide)value - (wide)source->mean[j] - (wide)source->mean_rest[j];        \
            x[j] = (real)(centred * (wide)source->scale[j]);                             \
        }                                                                                \
    }

CONVERT(convert_u8, uint8_t, real)
CONVERT(convert_f32, float, real)
CONVERT(convert_f64, double, double)

int K(gather)(const R(source) *source, size_t begin, size_t end, real *x, size_t ldx)
{
    typedef void converter(const R(source) *, const char *, real *);
    static converter *const converters[][2] = {
        [MLPBN_F32] = {convert_f32, convert_f32_standardised},
        [MLPBN_F64] = {convert_f64, convert_f64_standardised},
        [MLPBN_U8] = {convert_u8, convert_u8_standardised},
    };
    static const size_t sizes[] = {
        [MLPBN_F32] = sizeof(float), [MLPBN_F64] = sizeof(double), [MLPBN_U8] = 1};
    converter *convert = converters[source->dtype][source->scale != NULL];
    size_t row_bytes = source->stride * sizes[source->dtype];
    size_t padding = R(padded)(source->columns) - source->columns;
    const char *data = source->data;
    int finite = 1;
    for (size_t i = begin; i < end; i++) {
        size_t row = source->index ? source->index[i] : i;
        if (source->index && i + 1 < end)
            prefetch(data + source->index[i + 1] * row_bytes,
                     source->columns * sizes[source->dtype]);
        real *xi = x + i * ldx;
        convert(source, data + row * row_bytes, xi);
        memset(xi + source->columns, 0, padding * sizeof *xi);
        if (!source->stays_finite)
            finite &= K(magnitude)(source->columns, xi) <= REAL_MAX;
    }
    return finite;
}
