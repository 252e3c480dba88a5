/* The first layer's product with the caller's rows: Z = W X^T.
 *
 * Rows are gathered, that is converted and standardized, block of columns by block, and each
 * block is multiplied while it is in the cache:
 *
 *       pc: columns by KC        on several threads, each block is a task
 *         jc: rows by NC
 *           gather x[NC][KC]; z[units][NC] += W[units][KC] x^T
 *
 *              KC columns
 *     x[row]  |.........|.........|         Z = W0 X0^T + W1 X1^T + ...
 *     W[unit] |.........|.........|
 *
 * On several threads each block of columns has partial sums of its own, which are added in
 * order. The backward pass and the update divide columns among threads in the same way, so
 * that a thread's columns of x, of W and of its gradient stay in the cache of its CPU. If
 * there are fewer blocks than threads, or CBLAS computes the product, all rows are gathered
 * first. Z has the same bits in every case but CBLAS's.
 *
 * An input that is not finite makes all outputs of its row non-finite. A later check finds
 * that, and report_nonfinite_row then finds the input. CBLAS may skip zeros, so rows are
 * checked when all are gathered first. */
#include "base/dtype.h"
#include "base/error.h"
#include "base/parallel.h"
#include "kernel/kernels.h"
#include "nn/input_layer.h"
#include "nn/matmul.h"

#include <math.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
    NC = 60, /* rows of a block, as in gemm_dot: x[NC][KC] stays in the L2 cache */
    GATHER_ROWS = 10 /* rows of a task if all rows are gathered first */
};

typedef struct input_layer {
    R(source) source;
    R(gemm_args) gemm; /* the whole product; its b is x[n][k] */
    size_t kc;
    real *partial_sums; /* [blocks - 1][units][ld] of all blocks but the first; or NULL */
    int keeps_x;        /* x holds all rows, for the backward pass; otherwise one block */
    int in_place; /* the caller's rows are multiplied where they are; x is not used */
    real *x;
    atomic_int has_nonfinite;
    int is_profiled;
    atomic_uint_least64_t gather_ns, matmul_ns; /* sums over all threads */
} input_layer;

/* Adds the time since *last, and sets *last to now. */
static void add_time(atomic_uint_least64_t *ns, double *last)
{
    double now = mlpbn__now();
    *ns += (uint_least64_t)(1e9 * (now - *last));
    *last = now;
}

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The block that is gathered after the rows jc .. of the columns pc ..: the next rows of the
 * same columns, or the first rows of the next columns. It is empty for a single row, which the
 * CPU's own prefetcher follows. */
static mlpbn__prefetch_queue prefetch_queue_after(const input_layer *input, size_t pc,
                                                  size_t jc)
{
    const R(source) *source = &input->source;
    size_t size = mlpbn__sizeof(source->dtype);
    jc += NC;
    if (jc >= source->n) {
        jc = 0;
        pc += input->kc;
    }
    if (source->n == 1 || pc >= source->columns)
        return (mlpbn__prefetch_queue){0};
    return (mlpbn__prefetch_queue){.data = (const char *)source->data + pc * size,
                                   .row_bytes = source->stride * size,
                                   .width = min(source->columns - pc, input->kc) * size,
                                   .index = source->index,
                                   .row = jc,
                                   .end = min(source->n, jc + NC)};
}

/* Whether the product can read the caller's rows as they are. */
static int is_usable_in_place(const R(source) *source, size_t padded)
{
    return source->dtype == REAL_DTYPE && !source->index && !source->scale &&
           source->columns == padded && (uintptr_t)source->data % sizeof(real) == 0;
}

/* Returns x[nc][kc], the rows jc .. of the columns pc .., whose stride is *ldx. */
static const real *gather_block(const input_layer *input, size_t pc, size_t kc, size_t jc,
                                size_t nc, size_t *ldx)
{
    const R(source) *source = &input->source;
    real *x = input->x;
    if (input->in_place) {
        *ldx = source->stride;
        return (const real *)source->data + jc * *ldx + pc;
    }
    *ldx = input->keeps_x ? input->gemm.cs_b : kc;
    if (input->keeps_x)
        x += jc * *ldx + pc;
    else if (input->partial_sums) /* each task has an x[n][kc] of its own */
        x += input->gemm.n * pc + jc * *ldx;
    R(select_kernels)()->gather(&(R(gather_args)){
        .source = source,
        .first_row = jc,
        .end_row = jc + nc,
        .first_column = pc,
        .end_column = min(pc + kc, source->columns),
        .x = x,
        .ldx = *ldx,
    });
    return x;
}

/* Adds the product of the rows jc .. and the columns pc .. to Z or to the partial sums. */
static void multiply_block(input_layer *input, size_t pc, size_t kc, size_t jc, size_t nc)
{
    double last = input->is_profiled ? mlpbn__now() : 0;
    R(gemm_args) g = R(gemm_block)(&input->gemm, 0, input->gemm.m, jc, nc);
    g.k = kc;
    g.a += pc;
    g.b = gather_block(input, pc, kc, jc, nc, &g.cs_b);
    if (input->is_profiled)
        add_time(&input->gather_ns, &last);
    if (pc > 0 && input->partial_sums)
        g.c = input->partial_sums + (pc / input->kc - 1) * g.m * g.ldc + jc;
    else if (pc > 0)
        g.c0 = g.c;
    mlpbn__prefetch_queue next = prefetch_queue_after(input, pc, jc);
    g.prefetch = next.row < next.end ? &next : NULL;
    R(select_kernels)()->gemm_dot(&g);
    if (input->is_profiled)
        add_time(&input->matmul_ns, &last);
}

static void multiply_columns(void *context, size_t block)
{
    input_layer *input = context;
    size_t pc = block * input->kc, kc = min(input->kc, input->gemm.k - pc),
           n = input->gemm.n;
    for (size_t jc = 0; jc < n; jc += NC)
        multiply_block(input, pc, kc, jc, min(NC, n - jc));
}

static void add_partial_sums(const input_layer *input, size_t blocks)
{
    const R(gemm_args) *g = &input->gemm;
    for (size_t u = 0; u < g->m; u++)
        for (size_t b = 0; b + 1 < blocks; b++)
            R(select_kernels)()->axpy(g->n, 1,
                                      input->partial_sums + (b * g->m + u) * g->ldc,
                                      g->c + u * g->ldc);
}

/* Divides the elapsed time between gathering and product in proportion to the time that all
 * threads spent in each. */
static void split_time(const input_layer *input, mlpbn__profile *profile)
{
    if (!profile)
        return;
    double gather = (double)input->gather_ns, matmul = (double)input->matmul_ns;
    mlpbn__phase_split(profile, MLPBN_PHASE_GATHER, MLPBN_PHASE_FORWARD_MATMUL,
                       gather / fmax(gather + matmul, 1));
}

static void multiply_by_blocks(input_layer *input, mlpbn_workspace *ws, mlpbn__pool *pool)
{
    size_t blocks = mlpbn__dot_kc_blocks(input->gemm.k, sizeof(real));
    input->kc = mlpbn__dot_kc(input->gemm.k, sizeof(real));
    input->in_place =
        !input->keeps_x && is_usable_in_place(&input->source, input->gemm.k);
    input->partial_sums = pool ? ws->partial_sums : NULL;
    mlpbn__parallel(pool, blocks, multiply_columns, input);
    if (input->partial_sums)
        add_partial_sums(input, blocks);
    split_time(input, ws->profile);
}

static void gather_rows(void *context, size_t begin, size_t end)
{
    input_layer *input = context;
    const R(kernels) *kernels = R(select_kernels)();
    size_t ldx = input->gemm.cs_b, columns = input->source.columns;
    kernels->gather(&(R(gather_args)){.source = &input->source,
                                      .first_row = begin,
                                      .end_row = end,
                                      .end_column = columns,
                                      .x = input->x + begin * ldx,
                                      .ldx = ldx});
    for (size_t i = begin; i < end; i++)
        if (!(kernels->max_abs(columns, input->x + i * ldx) <= REAL_MAX))
            input->has_nonfinite = 1;
}

static void gather_then_multiply(input_layer *input, mlpbn_workspace *ws,
                                 int may_use_blas)
{
    mlpbn__parallel_blocks(ws->pool, input->gemm.n, GATHER_ROWS, gather_rows, input);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_GATHER);
    R(matmul_dot)(ws->pool, &input->gemm, may_use_blas);
    mlpbn__phase_end(ws->profile, MLPBN_PHASE_FORWARD_MATMUL);
}

/* Returns MLPBN_ENONFINITE, with an error text for element x[i][j] of the batch. */
static mlpbn_status nonfinite_error(const mlpbn__batch *batch, size_t i, size_t j,
                                    double x)
{
    size_t row = mlpbn__batch_row(batch, i);
    double value =
        mlpbn__load(batch->rows.dtype, batch->rows.data, row * batch->rows.stride + j);
    if (!isfinite(value))
        return mlpbn__fail(MLPBN_ENONFINITE,
                           "rows: expected finite data, got %g in row %zu, column %zu",
                           value, row, j);
    return mlpbn__fail(MLPBN_ENONFINITE,
                       "rows: expected finite data, got %g in row %zu, column "
                       "%zu, which is %g when converted and standardized",
                       value, row, j, x);
}

/* Reports the first element of the batch that is not finite; MLPBN_OK if all are finite. x:
 * scratch memory for one row. */
static mlpbn_status find_nonfinite(const R(source) *source, const mlpbn__batch *batch,
                                   real *x)
{
    for (size_t i = 0; i < batch->n; i++) {
        R(select_kernels)()->gather(&(R(gather_args)){.source = source,
                                                      .first_row = i,
                                                      .end_row = i + 1,
                                                      .end_column = source->columns,
                                                      .x = x});
        for (size_t j = 0; j < source->columns; j++)
            if (!isfinite((double)x[j]))
                return nonfinite_error(batch, i, j, (double)x[j]);
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
        source.mean = network->mean_hi;
        source.mean_lo = network->mean_lo;
        source.mean_f64 = network->mean;
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

static R(gemm_args) gemm_args(const mlpbn__pass *pass)
{
    const mlpbn_layer *layer = pass->network->layers;
    const mlpbn__tensor *weight = mlpbn__layer_tensor(layer, MLPBN_WEIGHT);
    return (R(gemm_args)){.m = layer->options.units,
                          .n = pass->n,
                          .k = R(padded)(layer->inputs),
                          .a = mlpbn__tensor_data(pass->network, weight),
                          .rs_a = weight->stride,
                          .cs_a = 1,
                          .b = pass->ws->x,
                          .rs_b = 1,
                          .cs_b = pass->ws->ldx,
                          .c = pass->ws->caches[0].z,
                          .ldc = pass->ld};
}

mlpbn_status R(input_layer)(const mlpbn__pass *pass, const mlpbn__batch *batch)
{
    mlpbn_workspace *ws = pass->ws;
    input_layer input = {.source = source_of(pass->network, batch),
                         .gemm = gemm_args(pass),
                         .keeps_x = ws->mode == MLPBN_TRAIN,
                         .x = ws->x,
                         .is_profiled = ws->profile != NULL};
    mlpbn__pool *pool = R(pool_if_worthwhile)(ws->pool, &input.gemm);
    int may_use_blas = ws->mode == MLPBN_TRAIN;
    mlpbn__profile_begin(ws->profile);
    if ((may_use_blas && R(blas_is_faster)(&input.gemm)) || (pool && !ws->partial_sums))
        gather_then_multiply(&input, ws, may_use_blas);
    else
        multiply_by_blocks(&input, ws, pool);
    return input.has_nonfinite ? R(report_nonfinite_row)(pass, batch, MLPBN_ENONFINITE)
                               : MLPBN_OK;
}
