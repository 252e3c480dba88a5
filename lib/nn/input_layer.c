/* The caller's rows through the first layer's weights: z = W x.
 *
 * Rows are gathered, that is converted and standardized, chunk of columns by chunk, and each
 * is multiplied while it is in the cache:
 *
 *                 chunk 0   chunk 1   ...
 *     x[row]     |.........|.........|       z = W0 x0^T + W1 x1^T + ...
 *     W[unit]    |.........|.........|
 *
 * On several threads a chunk is a task. The backward pass and the update share out columns in
 * the same order, so that a thread's columns of x, of W and of its gradient stay in the cache
 * of its CPU. Where there are fewer chunks than threads, all is gathered before the product is
 * cut into pieces. z has the same bits in any case.
 *
 * A number that is not finite makes all outputs of its row so: the passes behind see that, and
 * blame_rows then says where it came from. (BLAS may skip zeros: there rows are checked.) */
#include "base/error.h"
#include "base/dtype.h"
#include "base/parallel.h"
#include "kernel/kernels.h"
#include "nn/input_layer.h"
#include "nn/matmul.h"

#include <math.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
    ROWS = 60, /* of a chunk, at a time: the product takes as many */
    BLOCK = 10 /* rows a piece where all is gathered first */
};

typedef struct first_product {
    R(source) source;
    R(product) product; /* k: columns, padded */
    size_t chunk;       /* columns */
    int in_parts;       /* each chunk's sums are kept apart, for threads side by side */
    real *parts;        /* [chunks - 1][units][ld] */
    int keeps_x;  /* for the backward pass; or x holds only what is multiplied now, */
    int as_given; /* or nothing: the caller's rows are */
    real *x;
    atomic_int not_finite;
    int is_profiled;
    atomic_uint_least64_t gathering, multiplying; /* nanoseconds of all threads */
} first_product;

static void add_time(atomic_uint_least64_t *nanoseconds, double *last)
{
    double now = mlpbn__now();
    *nanoseconds += (uint_least64_t)(1e9 * (now - *last));
    *last = now;
}

/* In prediction, what is gathered after some rows of a chunk: the next rows of it, or the
 * first of the next chunk. (In training the weight gradient asks for the next batch; what
 * comes next of a single row the CPU knows.) */
static mlpbn__lines lines_after(const first_product *f, size_t chunk, size_t row)
{
    const R(source) *source = &f->source;
    size_t size = mlpbn__sizeof(source->dtype), first = chunk * f->chunk;
    row += ROWS;
    if (row >= source->n) {
        row = 0;
        first += f->chunk;
    }
    if (f->keeps_x || source->n == 1 || first >= source->columns)
        return (mlpbn__lines){0};
    size_t left = source->columns - first;
    return (mlpbn__lines){.data = (const char *)source->data + first * size,
                          .row_bytes = source->stride * size,
                          .width = (left < f->chunk ? left : f->chunk) * size,
                          .index = source->index,
                          .row = row,
                          .end = source->n - row < ROWS ? source->n : row + ROWS};
}

/* Whether rows can be multiplied where they are. */
static int are_ready(const R(source) *source, size_t padded)
{
    return source->dtype == REAL_DTYPE && !source->index && !source->scale &&
           source->columns == padded && (uintptr_t)source->data % sizeof(real) == 0;
}

static size_t width_of(const first_product *f, size_t chunk)
{
    size_t left = f->product.k - chunk * f->chunk;
    return left < f->chunk ? left : f->chunk;
}

/* Some rows of a chunk, as the product takes them: *ldx apart. */
static const real *take_rows(const first_product *f, size_t chunk, size_t row,
                             size_t rows, size_t *ldx)
{
    const R(source) *source = &f->source;
    size_t first = chunk * f->chunk, end = first + width_of(f, chunk);
    real *x = f->x;
    if (f->as_given) {
        *ldx = source->stride;
        return (const real *)source->data + row * *ldx + first;
    }
    *ldx = f->keeps_x ? f->product.ldb : end - first;
    if (f->keeps_x)
        x += row * *ldx + first;
    else if (f->in_parts)
        x += f->product.n * first + row * *ldx; /* a place for each chunk */
    R(select_kernels)()->gather(source, row, row + rows, first,
                                end < source->columns ? end : source->columns, x, *ldx);
    return x;
}

static void gather_and_multiply(first_product *f, size_t chunk, size_t row, size_t rows)
{
    const R(product) *p = &f->product;
    double last = f->is_profiled ? mlpbn__now() : 0;
    size_t ldx, first = chunk * f->chunk;
    const real *x = take_rows(f, chunk, row, rows, &ldx);
    if (f->is_profiled)
        add_time(&f->gathering, &last);
    real *z = p->c;
    if (f->in_parts && chunk > 0)
        z = f->parts + (chunk - 1) * p->m * p->ldc;
    mlpbn__lines ahead = lines_after(f, chunk, row);
    R(select_kernels)()->product_dot(
        p->m, rows, width_of(f, chunk), chunk > 0 && !f->in_parts, p->a + first, p->a_row,
        x, ldx, z + row, p->ldc, ahead.row < ahead.end ? &ahead : NULL);
    if (f->is_profiled)
        add_time(&f->multiplying, &last);
}

static void do_chunk(void *context, size_t chunk)
{
    first_product *f = context;
    size_t n = f->product.n;
    for (size_t row = 0; row < n; row += ROWS)
        gather_and_multiply(f, chunk, row, n - row < ROWS ? n - row : ROWS);
}

static void add_parts(const first_product *f, size_t chunks)
{
    const R(product) *p = &f->product;
    for (size_t u = 0; u < p->m; u++)
        for (size_t part = 0; part + 1 < chunks; part++)
            R(select_kernels)()->add_scaled(
                p->n, 1, f->parts + (part * p->m + u) * p->ldc, p->c + u * p->ldc);
}

/* Gathering and multiplying are told apart by the time that all threads spent in each. */
static void account(const first_product *f, mlpbn__profile *profile)
{
    if (!profile)
        return;
    double gathering = (double)f->gathering, multiplying = (double)f->multiplying;
    mlpbn__phase_split(profile, MLPBN_PHASE_GATHER, MLPBN_PHASE_FORWARD_MATMUL,
                       gathering / fmax(gathering + multiplying, 1));
}

static void by_chunks(first_product *f, mlpbn_workspace *ws, mlpbn__pool *pool)
{
    size_t chunks = mlpbn__dot_chunks(f->product.k, sizeof(real));
    f->chunk = mlpbn__dot_chunk(f->product.k, sizeof(real));
    f->keeps_x = ws->mode == MLPBN_TRAIN;
    f->as_given = !f->keeps_x && are_ready(&f->source, f->product.k);
    f->in_parts = pool != NULL;
    f->parts = ws->partial_sums;
    mlpbn__parallel(pool, chunks, do_chunk, f);
    if (f->in_parts)
        add_parts(f, chunks);
    account(f, ws->profile);
}

static void gather_block(void *context, size_t begin, size_t end)
{
    first_product *f = context;
    const R(kernels) *kernels = R(select_kernels)();
    size_t ldx = f->product.ldb;
    kernels->gather(&f->source, begin, end, 0, f->source.columns, f->x + begin * ldx,
                    ldx);
    for (size_t i = begin; i < end; i++)
        if (!(kernels->magnitude(f->source.columns, f->x + i * ldx) <= REAL_MAX))
            f->not_finite = 1;
}

static void gather_first(first_product *f, mlpbn_workspace *ws)
{
    mlpbn__parallel_blocks(ws->pool, f->product.n, BLOCK, gather_block, f);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_GATHER);
    R(multiply_dot)(ws->pool, &f->product);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_FORWARD_MATMUL);
}

/* Which row and column the first number that is not finite came from; MLPBN_OK if all are. */
static mlpbn_status find_nonfinite(const R(source) *source, const mlpbn__batch *batch,
                                   real *x)
{
    for (size_t i = 0; i < batch->n; i++) {
        R(select_kernels)()->gather(source, i, i + 1, 0, source->columns, x, 0);
        for (size_t j = 0; j < batch->rows.columns; j++) {
            double value = (double)x[j];
            if (isfinite(value))
                continue;
            size_t row = mlpbn__batch_row(batch, i);
            double given = mlpbn__load(batch->rows.dtype, batch->rows.data,
                                       row * batch->rows.stride + j);
            if (!isfinite(given))
                return mlpbn__fail(
                    MLPBN_ENONFINITE,
                    "rows: expected finite data, got %g in row %zu, column %zu", given,
                    row, j);
            return mlpbn__fail(MLPBN_ENONFINITE,
                               "rows: expected finite data, got %g in row %zu, column "
                               "%zu, which is %g when converted and standardized",
                               given, row, j, value);
        }
    }
    return MLPBN_OK;
}

static R(source) source_of(const mlpbn_network *network, const mlpbn__batch *batch)
{
    const mlpbn_rows *rows = &batch->rows;
    R(source) source = {.data = rows->data,
                        .dtype = rows->dtype,
                        .n = batch->n,
                        .columns = rows->columns,
                        .stride = rows->stride};
    if (rows->index)
        source.index = rows->index + batch->first;
    else
        source.data = (const char *)rows->data +
                      batch->first * rows->stride * mlpbn__sizeof(rows->dtype);
    if (network->standardized) {
        source.mean = network->mean_high;
        source.mean_rest = network->mean_rest;
        source.scale = network->scale;
    }
    return source;
}

mlpbn_status R(report_nonfinite_row)(const mlpbn__pass *pass, const mlpbn__batch *batch,
                                     mlpbn_status status)
{
    if (status != MLPBN_ENONFINITE)
        return status;
    R(source) source = source_of(pass->network, batch);
    RETURN_IF_ERROR(find_nonfinite(&source, batch, pass->ws->x));
    return status;
}

static R(product) product_of(const mlpbn__pass *pass)
{
    const mlpbn_layer *layer = pass->network->layers;
    const mlpbn_workspace *ws = pass->ws;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    return (R(product)){.m = layer->options.units,
                        .n = pass->n,
                        .k = R(padded)(layer->inputs),
                        .a = mlpbn__tensor_data(pass->network, weight),
                        .a_row = weight->stride,
                        .a_column = 1,
                        .b = ws->x,
                        .ldb = ws->ldx,
                        .c = ws->caches[0].z,
                        .ldc = pass->ld,
                        .by_blas = ws->mode == MLPBN_TRAIN};
}

mlpbn_status R(input_layer)(const mlpbn__pass *pass, const mlpbn__batch *batch)
{
    mlpbn_workspace *ws = pass->ws;
    first_product f = {.source = source_of(pass->network, batch),
                       .product = product_of(pass),
                       .x = ws->x,
                       .is_profiled = ws->profile != NULL};
    mlpbn__pool *pool = R(pool_for)(ws->pool, &f.product);
    mlpbn__profile_begin(ws->profile);
    if (R(goes_by_blas)(&f.product) || (pool && !ws->partial_sums))
        gather_first(&f, ws);
    else
        by_chunks(&f, ws, pool);
    return f.not_finite ? R(report_nonfinite_row)(pass, batch, MLPBN_ENONFINITE)
                        : MLPBN_OK;
}
