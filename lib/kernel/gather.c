/* Gathers the caller's rows into x: selects them by index, converts and standardizes them in
 * one pass.
 *
 *     ir: rows by MR          MR rows of bytes share each load of mean and scale
 *       j: columns by LANES */
#include "base/dtype.h"
#include "kernel/simd.h"

#include <string.h>

enum { MR = 4 };

/* Converts the columns begin .. end - 1 of a row to x. */
typedef void convert_row(const R(source) *source, const char *row, size_t begin,
                         size_t end, real *x);

/* memcpy of one element is an unaligned load. `arithmetic` is the wider one of the types of
 * the source and of x; `centered` is value - mean. */
#define CONVERT(name, type, arithmetic, centered)                                        \
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
            x[j - begin] = (real)((centered) * (arithmetic)source->scale[j]);            \
        }                                                                                \
    }

CONVERT(convert_u8, uint8_t, real, (real)value - source->mean[j] - source->mean_lo[j])
CONVERT(convert_f32, float, real, (real)value - source->mean[j] - source->mean_lo[j])
CONVERT(convert_f64, double, double, value - source->mean_f64[j])

static convert_row *const converters[][2] = {
    [MLPBN_F32] = {convert_f32, convert_f32_standardized},
    [MLPBN_F64] = {convert_f64, convert_f64_standardized},
    [MLPBN_U8] = {convert_u8, convert_u8_standardized},
};

/* Converts and standardizes MR rows of bytes. */
static void standardize_bytes(const R(gather_args) *args, const char *const rows[MR],
                              real *x)
{
    const R(source) *source = args->source;
    const size_t begin = args->first_column, end = args->end_column;
    const size_t ldx = args->ldx;
    size_t j = begin;
    for (; j + LANES <= end; j += LANES) {
        vec mean = *(const vec *)(source->mean + j);
        vec mean_lo = *(const vec *)(source->mean_lo + j);
        vec scale = *(const vec *)(source->scale + j);
        for (size_t r = 0; r < MR; r++)
            *(vec *)(x + r * ldx + (j - begin)) =
                (load_bytes((const uint8_t *)rows[r] + j) - mean - mean_lo) * scale;
    }
    for (size_t r = 0; r < MR; r++)
        convert_u8_standardized(source, rows[r], j, end, x + r * ldx + (j - begin));
}

static const char *row_of(const R(source) *source, size_t i)
{
    size_t row = source->index ? source->index[i] : i;
    return (const char *)source->data +
           row * source->stride * mlpbn__sizeof(source->dtype);
}

/* Gathers rows i .. i + n - 1, at most MR, to x. It is not inlined, because the set-up in
 * the caller would then cost more than a single small row. */
__attribute__((noinline)) static void gather_rows(const R(gather_args) *args, size_t i,
                                                  size_t n, real *x)
{
    const R(source) *source = args->source;
    const int standardizes = source->scale != NULL;
    const char *rows[MR];
    for (size_t r = 0; r < n; r++)
        rows[r] = row_of(source, i + r);
    if (n == MR && source->dtype == MLPBN_U8 && standardizes) {
        standardize_bytes(args, rows, x);
        return;
    }
    convert_row *convert = converters[source->dtype][standardizes];
    for (size_t r = 0; r < n; r++)
        convert(source, rows[r], args->first_column, args->end_column, x + r * args->ldx);
}

void K(gather)(const R(gather_args) *args)
{
    const size_t first = args->first_row, n = args->end_row - first;
    for (size_t i = 0; i < n; i += MR)
        gather_rows(args, first + i, n - i < MR ? n - i : MR, args->x + i * args->ldx);
    if (args->end_column == args->source->columns)
        clear_padding(n, args->end_column - args->first_column, args->ldx, args->x);
}
