/* Both products of every instruction set against a long-double loop. */
#include "base/memory.h"
#include "base/random.h"
#include "typed_helpers.h"

#include <stdint.h>
#include <stdio.h>

enum { GUARD = 64 }; /* numbers behind each array that must stay as they are */

typedef struct shape {
    size_t m, n, k;
} shape;

/* Edge sizes around tiles, vectors and blocks of the depth, and some long ones. */
static const size_t rows[] = {1, 2, 3, 4, 5, 6, 9, 10, 11, 23};
static const size_t depths[] = {1, 2, 7, 15, 16, 17, 33, 100, 257};
static const shape long_ones[] = {{50, 100, 3072}, {7, 13, 2049}, {3, 5, 5000},
                                  {50, 3072, 100}, {11, 37, 513}, {130, 129, 131},
                                  {43, 150, 300}};

static real *array(size_t rows_, size_t stride)
{
    real *memory = mlpbn__memory_new((rows_ * stride + GUARD) * sizeof *memory);
    ck_assert_ptr_nonnull(memory);
    for (size_t i = 0; i < rows_ * stride + GUARD; i++)
        memory[i] = (real)-7.625;
    return memory;
}

/* [rows][columns] of numbers in (-1.385, 1.385), padding zero up to the vector. Normal ones
 * would take longer to draw than the products do. */
static void fill(real *x, size_t rows_, size_t columns, size_t stride, uint64_t seed)
{
    mlpbn__random random = mlpbn__random_new(seed, 77, 0);
    for (size_t i = 0; i < rows_; i++, x += stride) {
        memset(x, 0, R(padded)(columns) * sizeof *x);
        for (size_t j = 0; j < columns; j++)
            x[j] = (real)(1.385 * (2 * mlpbn__random_uniform(&random) - 1));
    }
}

/* C against beta C0 and the sum over p of A(i, p) B(p, j). */
static void check_product(const R(gemm_args) *g)
{
    for (size_t i = 0; i < g->m; i++)
        for (size_t j = 0; j < g->n; j++) {
            long double sum =
                g->c0 ? (long double)g->beta * (long double)g->c0[i * g->ldc + j] : 0;
            long double size = fabsl(sum);
            for (size_t p = 0; p < g->k; p++) {
                long double term = (long double)g->a[i * g->rs_a + p * g->cs_a] *
                                   (long double)g->b[p * g->rs_b + j * g->cs_b];
                sum += term;
                size += fabsl(term);
            }
            /* sums of k terms, in vectors: far fewer than k roundings deep */
            assert_close(g->c[i * g->ldc + j], sum, size, 1 + sqrt((double)g->k));
        }
}

static void check_untouched(const real *c, size_t begin, size_t end)
{
    size_t changed = 0;
    for (size_t i = begin; i < end; i++)
        changed += (double)c[i] != -7.625;
    ck_assert_uint_eq(changed, 0);
}

/* A, B and C of this shape; B contiguous along k. Columns of C are not padded. */
static R(gemm_args) dot_args(const shape *s)
{
    size_t ld = R(padded)(s->k), ldc = s->n + 3;
    real *a = array(s->m, ld), *b = array(s->n, ld);
    fill(a, s->m, s->k, ld, 1);
    fill(b, s->n, s->k, ld, 1001);
    return (R(gemm_args)){s->m, s->n, ld, a,    ld,  1, b, 1, ld, array(s->m, ldc),
                          ldc,  NULL, 0,  NULL, NULL};
}

/* B contiguous along n; A stored [k][m] if transposed. n is padded. */
static R(gemm_args) outer_args(const shape *s, int transposed)
{
    size_t a_rows = transposed ? s->k : s->m, a_columns = transposed ? s->m : s->k;
    size_t lda = R(padded)(a_columns), ld = R(padded)(s->n);
    real *a = array(a_rows, lda), *b = array(s->k, ld);
    fill(a, a_rows, a_columns, lda, 3);
    fill(b, s->k, s->n, ld, 2003);
    size_t rs_a = transposed ? 1 : lda, cs_a = transposed ? lda : 1;
    return (R(gemm_args)){s->m, ld,   s->k, a,    rs_a, cs_a, b, ld, 1, array(s->m, ld),
                          ld,   NULL, 0,    NULL, NULL};
}

static void free_args(const R(gemm_args) *g)
{
    mlpbn__memory_free((void *)(uintptr_t)g->a);
    mlpbn__memory_free((void *)(uintptr_t)g->b);
    mlpbn__memory_free((void *)(uintptr_t)g->c0);
    mlpbn__memory_free(g->c);
}

static void try_dot(const R(kernels) *kernels, const shape *s)
{
    R(gemm_args) g = dot_args(s);
    kernels->gemm_dot(&g);
    check_product(&g);
    for (size_t i = 0; i < g.m; i++)
        check_untouched(g.c, i * g.ldc + g.n, (i + 1) * g.ldc);
    check_untouched(g.c, g.m * g.ldc, g.m * g.ldc + GUARD);

    R(gemm_args) moved = g; /* B may begin anywhere */
    real *b = array(s->n, g.cs_b);
    memcpy(b + 1, g.b, s->n * g.cs_b * sizeof *b);
    moved.b = b + 1;
    moved.c = array(g.m, g.ldc);
    kernels->gemm_dot(&moved);
    ck_assert_mem_eq(moved.c, g.c, g.m * g.ldc * sizeof *g.c);
    mlpbn__memory_free(b);
    mlpbn__memory_free(moved.c);
    free_args(&g);
}

static real max_abs_of(size_t n, const real *c)
{
    real max_abs = 0;
    for (size_t i = 0; i < n; i++)
        max_abs = (real)fmax((double)max_abs, fabs((double)c[i]));
    return max_abs;
}

static void try_outer(const R(kernels) *kernels, const shape *s, int transposed)
{
    R(gemm_args) g = outer_args(s, transposed);
    kernels->gemm_outer(&g);
    check_product(&g);
    size_t nonzero = 0; /* Zero columns of B give zero columns of C. */
    for (size_t i = 0; i < g.m; i++)
        for (size_t j = s->n; j < g.ldc; j++)
            nonzero += (double)g.c[i * g.ldc + j] != 0;
    ck_assert_uint_eq(nonzero, 0);
    check_untouched(g.c, g.m * g.ldc, g.m * g.ldc + GUARD);

    real *c0 = array(g.m, g.ldc), max_abs;
    fill(c0, g.m, s->n, g.ldc, 4007);
    g.c0 = c0;
    g.beta = (real)0.385;
    g.max_abs = &max_abs;
    kernels->gemm_outer(&g);
    check_product(&g);
    ck_assert(max_abs == max_abs_of(g.m * g.ldc, g.c));
    ((real *)(uintptr_t)g.b)[(g.k / 2) * g.rs_b + s->n - 1] = (real)NAN;
    kernels->gemm_outer(&g);
    ck_assert(isnan(max_abs));
    free_args(&g);
}

static void try_all(const R(kernels) *kernels, const shape *s)
{
    try_dot(kernels, s);
    try_outer(kernels, s, 0);
    try_outer(kernels, s, 1);
}

KERNEL_TEST(edge_shapes, 1)
{
    for (size_t m = 0; m < LENGTH(rows); m++)
        for (size_t n = 0; n < LENGTH(rows); n++)
            for (size_t k = 0; k < LENGTH(depths); k++)
                try_all(kernels, &(shape){rows[m], rows[n], depths[k]});
    for (size_t side = 1; side <= 130; side++) {
        try_all(kernels, &(shape){side, 9, 19});
        try_all(kernels, &(shape){6, side, 19});
        try_all(kernels, &(shape){6, 9, side});
    }
}

LARGE_KERNEL_TEST(random_shapes)
{
    enum { SHAPES = 24, MOST = 200 };
    mlpbn__random random = mlpbn__random_new(2385, MLPBN__STREAM_GRADCHECK, 0);
    for (int i = 0; i < SHAPES; i++) {
        size_t sides[3];
        for (int side = 0; side < 3; side++) /* small ones more often */
            sides[side] = 1 + (size_t)(MOST * pow(mlpbn__random_uniform(&random), 3));
        try_all(kernels, &(shape){sides[0], sides[1], sides[2]});
    }
}

LARGE_KERNEL_TEST(long_shapes)
{
    for (size_t i = 0; i < LENGTH(long_ones); i++)
        try_all(kernels, long_ones + i);
}

/* An output must have the same bits in whatever tile, and so task, it falls. */
enum { M = 23, N = 37, K = 1500 };

static void assert_same_column(const R(gemm_args) *column, const R(gemm_args) *whole,
                               size_t j)
{
    for (size_t i = 0; i < M; i++)
        ck_assert_mem_eq(column->c + i * column->ldc, whole->c + i * whole->ldc + j,
                         sizeof(real));
}

KERNEL_TEST(dots_do_not_depend_on_the_tile, 1)
{
    R(gemm_args) whole = dot_args(&(shape){M, N, K});
    real part[3 * M];
    kernels->gemm_dot(&whole);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++) {
            R(gemm_args) one = R(gemm_block)(&whole, i, 1, j, 1);
            one.c = part;
            kernels->gemm_dot(&one);
            ck_assert_mem_eq(part, whole.c + i * whole.ldc + j, sizeof *part);
        }
    for (size_t j = 0; j < N; j++) /* a column alone */
        for (size_t stride = 1; stride <= 3; stride += 2) {
            R(gemm_args) column = R(gemm_block)(&whole, 0, M, j, 1);
            column.c = part;
            column.ldc = stride;
            kernels->gemm_dot(&column);
            assert_same_column(&column, &whole, j);
        }
    free_args(&whole);
}

/* Block of the depth by block, while B is prefetched once more. */
KERNEL_TEST(dots_do_not_depend_on_blocks_of_the_depth, 1)
{
    R(gemm_args) whole = dot_args(&(shape){M, N, K});
    size_t ld = whole.k, kc = mlpbn__dot_kc(ld, sizeof(real));
    real *added = array(M, whole.ldc);
    kernels->gemm_dot(&whole);
    for (size_t p = 0; p < ld; p += kc) {
        mlpbn__prefetch_queue queue = {.data = (const char *)whole.b,
                                       .row_bytes = ld * sizeof(real),
                                       .width = ld * sizeof(real),
                                       .end = N};
        R(gemm_args) part = R(gemm_depth)(&whole, p, ld - p < kc ? ld - p : kc);
        part.c = added;
        part.c0 = p > 0 ? added : NULL;
        part.beta = 1;
        part.prefetch = &queue;
        kernels->gemm_dot(&part);
        ck_assert_uint_gt(queue.row, 0);
    }
    for (size_t i = 0; i < M; i++)
        ck_assert_mem_eq(added + i * whole.ldc, whole.c + i * whole.ldc,
                         N * sizeof *added);
    mlpbn__memory_free(added);
    free_args(&whole);
}

KERNEL_TEST(outer_products_do_not_depend_on_the_tile, 1)
{
    R(gemm_args) whole = outer_args(&(shape){M, N, K}, 0);
    const size_t line = R(padded)(1);
    kernels->gemm_outer(&whole);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < whole.n; j += line) {
            _Alignas(64) real part[64 / sizeof(real)];
            R(gemm_args) one = R(gemm_block)(&whole, i, 1, j, line);
            one.c = part;
            kernels->gemm_outer(&one);
            ck_assert_mem_eq(part, whole.c + i * whole.ldc + j, line * sizeof *part);
        }
    for (size_t j = 0; j < N; j++) { /* a column alone */
        real b[K], c[M + 1];
        R(gemm_args) column = R(gemm_block)(&whole, 0, M, j, 1);
        for (size_t p = 0; p < K; p++)
            b[p] = whole.b[p * whole.rs_b + j];
        column.b = b;
        column.rs_b = column.ldc = 1;
        column.c = c;
        c[M] = (real)-7.625;
        kernels->gemm_outer(&column);
        assert_same_column(&column, &whole, j);
        ck_assert(c[M] == (real)-7.625);
    }
    free_args(&whole);
}

/* Large enough for CBLAS, where it is used. */
TEST(blas_agrees)
{
    const shape s = {300, 272, 288};
    R(gemm_args) products[] = {dot_args(&s), outer_args(&s, 0), outer_args(&s, 1)};
    size_t min_side = R(blas_min_side);
    ck_assert(!R(blas_is_faster)(products));
    R(blas_min_side) = 256;
    for (size_t i = 0; i < LENGTH(products); i++) {
        if (R(blas_is_faster)(products + i) && R(blas_gemm)(products + i))
            check_product(products + i);
        free_args(products + i);
    }
    products->k = 100;
    ck_assert(!R(blas_is_faster)(products));
    R(blas_min_side) = min_side;
}

LOOP_TEST(selection, ISA_COUNT)
{
    ck_assert_ptr_nonnull(R(select_kernels)());
    ck_assert_ptr_nonnull(R(find_kernels)("generic"));
    ck_assert_ptr_null(R(find_kernels)("abacus"));
    const R(kernels) *kernels = R(find_kernels)(isa_names[_i]);
    if (kernels)
        ck_assert_str_eq(kernels->name, isa_names[_i]);
}

/* A computation asks for the kernels; it must not read what another thread may be changing. */
LOOP_TEST(the_environment_is_read_at_load_only, ISA_COUNT)
{
    const R(kernels) *at_load = R(select_kernels)();
    const char *before = getenv("MLPBN_CPU");
    char saved[16] = "";
    if (before)
        snprintf(saved, sizeof saved, "%s", before);
    ck_assert_int_eq(setenv("MLPBN_CPU", isa_names[_i], 1), 0);
    R(use_kernels)(NULL);
    ck_assert_ptr_eq(R(select_kernels)(), at_load);
    ck_assert_int_eq(before ? setenv("MLPBN_CPU", saved, 1) : unsetenv("MLPBN_CPU"), 0);
}
