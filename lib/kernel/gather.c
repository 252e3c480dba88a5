/* Gathers rows of the caller into x: picks them by index, converts and standardizes them, in
 * one pass.
 *
 *     jc: columns by NC       mean and scale: NC of each stay in the first-level cache
 *       ir: rows by MR        MR rows of bytes share each load of mean and scale
 *         j: NC by LANES
 *
 * With an index, which the CPU cannot foresee, each row's part is prefetched AHEAD rows
 * before it is read. */
#include "base/dtype.h"
#include "kernel/simd.h"

#include <string.h>

enum { NC = 256, MR = 4, AHEAD = 5 };

/* Columns begin .. end - 1 of a row, to x. */
typedef void convert_row(const R(source) *source, const char *row, size_t begin,
                         size_t end, real *x);

/* `memcpy` of one number is a load from any address. `arithmetic` is the wider type of the
 * source's and real. */
#define CONVERT(name, type, arithmetic)                                                  \
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
            arithmetic centered = (arithmetic)value - (arithmetic)source->mean[j] -      \
                                  (arithmetic)source->mean_lo[j];                        \
            x[j - begin] = (real)(centered * (arithmetic)source->scale[j]);              \
        }                                                                                \
    }

CONVERT(convert_u8, uint8_t, real)
CONVERT(convert_f32, float, real)
CONVERT(convert_f64, double, double)

static convert_row *const converters[][2] = {
    [MLPBN_F32] = {convert_f32, convert_f32_standardized},
    [MLPBN_F64] = {convert_f64, convert_f64_standardized},
    [MLPBN_U8] = {convert_u8, convert_u8_standardized},
};

/* MR rows of bytes, which take longer to convert than to read. */
static void standardize_bytes(const R(source) *source, const char *const rows[MR],
                              size_t begin, size_t end, real *x, size_t ldx)
{
    size_t j = begin;
    for (; j + LANES <= end; j += LANES) {
        vector mean = *(const vector *)(source->mean + j);
        vector mean_lo = *(const vector *)(source->mean_lo + j);
        vector scale = *(const vector *)(source->scale + j);
        for (size_t r = 0; r < MR; r++)
            *(vector *)(x + r * ldx + (j - begin)) =
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

/* The part of row i + AHEAD that columns begin .. end - 1 are. */
static void prefetch_row(const R(source) *source, size_t i, size_t begin, size_t end)
{
    if (!source->index || i + AHEAD >= source->n)
        return;
    const char *row = row_of(source, i + AHEAD);
    size_t size = mlpbn__sizeof(source->dtype);
    for (size_t byte = begin * size; byte < end * size; byte += MLPBN__LINE)
        __builtin_prefetch(row + byte);
}

/* Rows i .. i + n - 1, MR at most, of the columns begin .. end - 1. (Inlined, it would make
 * its caller prepare more than a single small row costs.) */
__attribute__((noinline)) static void gather_rows(const R(source) *source, size_t i,
                                                  size_t n, size_t begin, size_t end,
                                                  real *x, size_t ldx)
{
    const int standardizes = source->scale != NULL;
    const char *rows[MR];
    for (size_t r = 0; r < n; r++) {
        rows[r] = row_of(source, i + r);
        prefetch_row(source, i + r, begin, end);
    }
    if (n == MR && source->dtype == MLPBN_U8 && standardizes) {
        standardize_bytes(source, rows, begin, end, x, ldx);
        return;
    }
    for (size_t r = 0; r < n; r++)
        converters[source->dtype][standardizes](source, rows[r], begin, end, x + r * ldx);
}

void K(gather)(const R(gather_args) *args)
{
    const size_t first = args->first_column, end = args->end_column;
    for (size_t jc = first; jc < end; jc += NC) {
        size_t nc = end - jc < NC ? end - jc : NC;
        for (size_t i = args->first_row; i < args->end_row; i += MR)
            gather_rows(args->source, i, args->end_row - i < MR ? args->end_row - i : MR,
                        jc, jc + nc,
                        args->x + (i - args->first_row) * args->ldx + (jc - first),
                        args->ldx);
    }
    if (end < args->source->columns)
        return;
    clear_padding(args->end_row - args->first_row, end - first, args->ldx, args->x);
}
