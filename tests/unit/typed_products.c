/* Both products of every instruction set against a long-double loop. */
#include "base/memory.h"
#include "base/random.h"
#include "typed_helpers.h"
#include "unit_suites.h"

#include <string.h>

enum { GUARD = 64 }; /* numbers behind each array that must stay as they are */

typedef struct shape {
    size_t m, n, k;
} shape;

/* Edge sizes around tiles, vectors and chunks, and some long ones. */
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

/* [rows][columns] of irregular numbers, padding zero up to the vector. */
static void fill(real *x, size_t rows_, size_t columns, size_t stride, uint64_t seed)
{
    for (size_t i = 0; i < rows_; i++) {
        memset(x + i * stride, 0, R(padded)(columns) * sizeof *x);
        draw(x + i * stride, columns, 1.385, seed + i);
    }
}

/* What c begins at: factor * start[m][n], laid out as c. */
typedef struct beginning {
    const real *start;
    real factor;
} beginning;

/* c[i][j] against its beginning (NULL: 0) and the sum over p of a(i, p) b(p, j), each by its
 * two strides. */
static void check_product(const shape *s, const beginning *from, const real *a,
                          size_t a_row, size_t a_column, const real *b, size_t b_row,
                          size_t b_column, const real *c, size_t ldc)
{
    for (size_t i = 0; i < s->m; i++)
        for (size_t j = 0; j < s->n; j++) {
            long double sum =
                from ? (long double)from->factor * (long double)from->start[i * ldc + j]
                     : 0;
            long double size = fabsl(sum);
            for (size_t p = 0; p < s->k; p++) {
                long double term = (long double)a[i * a_row + p * a_column] *
                                   (long double)b[p * b_row + j * b_column];
                sum += term;
                size += fabsl(term);
            }
            /* sums of k terms, in vectors: far fewer than k roundings deep */
            assert_close(c[i * ldc + j], sum, size, 1 + sqrt((double)s->k));
        }
}

static void check_untouched(const real *c, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        ck_assert_double_eq((double)c[i], -7.625);
}

static void try_dot(const R(kernels) *kernels, const shape *s)
{
    size_t ld = R(padded)(s->k), ldc = s->n + 3;
    real *a = array(s->m, ld), *b = array(s->n, ld), *c = array(s->m, ldc);
    fill(a, s->m, s->k, ld, 1);
    fill(b, s->n, s->k, ld, 1001);
    kernels->product_dot(s->m, s->n, ld, 0, a, ld, b, ld, c, ldc, NULL);
    check_product(s, NULL, a, ld, 1, b, 1, ld, c, ldc);
    for (size_t i = 0; i < s->m; i++)
        check_untouched(c, i * ldc + s->n, (i + 1) * ldc);
    check_untouched(c, s->m * ldc, s->m * ldc + GUARD);

    real *again = array(s->m, ldc); /* b may begin anywhere */
    memmove(b + 1, b, s->n * ld * sizeof *b);
    kernels->product_dot(s->m, s->n, ld, 0, a, ld, b + 1, ld, again, ldc, NULL);
    ck_assert_mem_eq(again, c, s->m * ldc * sizeof *c);
    mlpbn__memory_free(again);
    mlpbn__memory_free(a);
    mlpbn__memory_free(b);
    mlpbn__memory_free(c);
}

static real largest_of(size_t n, const real *c)
{
    real largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = (real)fmax((double)largest, fabs((double)c[i]));
    return largest;
}

/* transposed: A is stored [k][m]. */
static void try_broadcast(const R(kernels) *kernels, const shape *s, int transposed)
{
    size_t lda = R(padded)(transposed ? s->m : s->k), ldb = R(padded)(s->n), ldc = ldb;
    real *a = array(transposed ? s->k : s->m, lda), *b = array(s->k, ldb);
    real *c = array(s->m, ldc);
    fill(a, transposed ? s->k : s->m, transposed ? s->m : s->k, lda, 3);
    fill(b, s->k, s->n, ldb, 2003);
    size_t a_row = transposed ? 1 : lda, a_column = transposed ? lda : 1;
    kernels->product_broadcast(s->m, ldb, s->k, NULL, 0, a, a_row, a_column, b, ldb, c,
                               ldc, NULL, NULL);
    check_product(s, NULL, a, a_row, a_column, b, ldb, 1, c, ldc);
    for (size_t i = 0; i < s->m; i++) /* zero columns of b give zero columns of c */
        for (size_t j = s->n; j < ldc; j++)
            ck_assert_double_eq((double)c[i * ldc + j], 0);
    check_untouched(c, s->m * ldc, s->m * ldc + GUARD);

    real *start = array(s->m, ldc), *sum = array(s->m, ldc);
    const real factor = (real)0.385;
    real largest;
    fill(start, s->m, s->n, ldc, 4007);
    kernels->product_broadcast(s->m, ldb, s->k, start, factor, a, a_row, a_column, b, ldb,
                               sum, ldc, NULL, &largest);
    check_product(s, &(beginning){start, factor}, a, a_row, a_column, b, ldb, 1, sum,
                  ldc);
    ck_assert(largest == largest_of(s->m * ldc, sum));
    b[(s->k / 2) * ldb + s->n - 1] = (real)NAN;
    kernels->product_broadcast(s->m, ldb, s->k, start, factor, a, a_row, a_column, b, ldb,
                               sum, ldc, NULL, &largest);
    ck_assert(isnan(largest));
    mlpbn__memory_free(start);
    mlpbn__memory_free(sum);
    mlpbn__memory_free(a);
    mlpbn__memory_free(b);
    mlpbn__memory_free(c);
}

static void try_all(const R(kernels) *kernels, const shape *s)
{
    try_dot(kernels, s);
    try_broadcast(kernels, s, 0);
    try_broadcast(kernels, s, 1);
}

START_TEST(edge_shapes)
{
    const R(kernels) *kernels = kernels_of(_i);
    if (!kernels)
        return;
    for (size_t m = 0; m < sizeof rows / sizeof *rows; m++)
        for (size_t n = 0; n < sizeof rows / sizeof *rows; n++)
            for (size_t k = 0; k < sizeof depths / sizeof *depths; k++)
                try_all(kernels, &(shape){rows[m], rows[n], depths[k]});
    for (size_t side = 1; side <= 130; side++) {
        try_all(kernels, &(shape){side, 9, 19});
        try_all(kernels, &(shape){6, side, 19});
        try_all(kernels, &(shape){6, 9, side});
    }
}
END_TEST

START_TEST(random_shapes)
{
    enum { SHAPES = 24, MOST = 200 };
    const R(kernels) *kernels = kernels_of(_i);
    mlpbn__random random = mlpbn__random_new(2385, MLPBN__STREAM_GRADCHECK, 0);
    for (int i = 0; kernels && i < SHAPES; i++) {
        size_t sides[3];
        for (int side = 0; side < 3; side++) /* small ones more often */
            sides[side] = 1 + (size_t)(MOST * pow(mlpbn__random_uniform(&random), 3));
        try_all(kernels, &(shape){sides[0], sides[1], sides[2]});
    }
}
END_TEST

START_TEST(long_shapes)
{
    const R(kernels) *kernels = kernels_of(_i);
    for (size_t i = 0; kernels && i < sizeof long_ones / sizeof *long_ones; i++)
        try_all(kernels, long_ones + i);
}
END_TEST

/* An output must have the same bits in whatever tile, and so piece of work, it falls. */
START_TEST(outputs_do_not_depend_on_the_tile)
{
    const R(kernels) *kernels = kernels_of(_i);
    if (!kernels)
        return;
    enum { M = 23, N = 37, K = 1500 };
    size_t ld = R(padded)(K), ldc = R(padded)(N);
    real *a = array(M, ld), *b = array(N, ld), *whole = array(M, ldc),
         *part = array(M, ldc), *dots = array(M, ldc);
    fill(a, M, K, ld, 5);
    fill(b, N, K, ld, 3005);
    kernels->product_dot(M, N, ld, 0, a, ld, b, ld, whole, ldc, NULL);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++) {
            kernels->product_dot(1, 1, ld, 0, a + i * ld, ld, b + j * ld, ld, part, ldc,
                                 NULL);
            ck_assert_mem_eq(part, whole + i * ldc + j, sizeof *part);
        }
    real *added = array(M, ldc);
    size_t chunk = mlpbn__dot_chunk(ld, sizeof(real));
    for (size_t p = 0; p < ld; p += chunk) { /* asking for b again meanwhile */
        mlpbn__lines ahead = {.data = (const char *)b,
                              .row_bytes = ld * sizeof *b,
                              .width = ld * sizeof *b,
                              .end = N};
        kernels->product_dot(M, N, ld - p < chunk ? ld - p : chunk, p > 0, a + p, ld,
                             b + p, ld, added, ldc, &ahead);
        ck_assert_uint_gt(ahead.row, 0);
    }
    for (size_t i = 0; i < M; i++)
        ck_assert_mem_eq(added + i * ldc, whole + i * ldc, N * sizeof *whole);
    mlpbn__memory_free(added);
    memcpy(dots, whole, M * ldc * sizeof *dots);
    real *wide = array(K, ldc);
    fill(wide, K, N, ldc, 7005);
    kernels->product_broadcast(M, ldc, K, NULL, 0, a, ld, 1, wide, ldc, whole, ldc, NULL,
                               NULL);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < ldc; j += R(padded)(1)) {
            kernels->product_broadcast(1, R(padded)(1), K, NULL, 0, a + i * ld, ld, 1,
                                       wide + j, ldc, part, ldc, NULL, NULL);
            ck_assert_mem_eq(part, whole + i * ldc + j, R(padded)(1) * sizeof *part);
        }
    for (size_t j = 0; j < N; j++) { /* a column alone, in both forms */
        real column[K];
        for (size_t p = 0; p < K; p++)
            column[p] = wide[p * ldc + j];
        part[M] = (real)-7.625;
        kernels->product_broadcast(M, 1, K, NULL, 0, a, ld, 1, column, 1, part, 1, NULL,
                                   NULL);
        for (size_t i = 0; i < M; i++)
            ck_assert_mem_eq(part + i, whole + i * ldc + j, sizeof *part);
        ck_assert(part[M] == (real)-7.625);
        for (size_t stride = 1; stride < 4; stride += 2) {
            kernels->product_dot(M, 1, ld, 0, a, ld, b + j * ld, ld, part, stride, NULL);
            for (size_t i = 0; i < M; i++)
                ck_assert_mem_eq(part + i * stride, dots + i * ldc + j, sizeof *part);
        }
    }
    mlpbn__memory_free(a);
    mlpbn__memory_free(b);
    mlpbn__memory_free(whole);
    mlpbn__memory_free(dots);
    mlpbn__memory_free(part);
    mlpbn__memory_free(wide);
}
END_TEST

/* Large enough for CBLAS, where it is used. */
START_TEST(blas_agrees)
{
    const shape s = {300, 272, 288};
    size_t ld = R(padded)(s.k), ldc = R(padded)(s.n);
    real *a = array(s.m, ld), *b = array(s.n, ld), *wide = array(s.k, ldc);
    real *c = array(s.m, ldc);
    fill(a, s.m, s.k, ld, 11);
    fill(b, s.n, s.k, ld, 4011);
    fill(wide, s.k, s.n, ldc, 8011);
    ck_assert(!R(blas_takes)(s.m, s.n, s.k));
    size_t least = R(blas_least);
    R(blas_least) = 256;
    int takes = R(blas_takes)(s.m, s.n, s.k);
    if (takes && R(blas_dot)(s.m, s.n, s.k, a, ld, b, ld, c, ldc))
        check_product(&s, NULL, a, ld, 1, b, 1, ld, c, ldc);
    if (takes && R(blas_broadcast)(s.m, s.n, s.k, a, ld, 1, wide, ldc, c, ldc))
        check_product(&s, NULL, a, ld, 1, wide, ldc, 1, c, ldc);
    real *tall = array(s.k, R(padded)(s.m));
    fill(tall, s.k, s.m, R(padded)(s.m), 9011);
    if (takes &&
        R(blas_broadcast)(s.m, s.n, s.k, tall, 1, R(padded)(s.m), wide, ldc, c, ldc))
        check_product(&s, NULL, tall, 1, R(padded)(s.m), wide, ldc, 1, c, ldc);
    ck_assert(!R(blas_takes)(s.m, s.n, 100));
    R(blas_least) = least;
    mlpbn__memory_free(a);
    mlpbn__memory_free(b);
    mlpbn__memory_free(wide);
    mlpbn__memory_free(tall);
    mlpbn__memory_free(c);
}
END_TEST

START_TEST(selection)
{
    ck_assert_ptr_nonnull(R(select_kernels)());
    ck_assert_ptr_nonnull(R(find_kernels)("generic"));
    ck_assert_ptr_null(R(find_kernels)("abacus"));
    const R(kernels) *kernels = kernels_of(_i);
    if (kernels)
        ck_assert_str_eq(kernels->name, isa_names[_i]);
}
END_TEST

Suite *R(product_suite)(void)
{
    Suite *suite = suite_create(MLPBN_REAL == 32 ? "products f32" : "products f64");
    TCase *tests = tcase_create("products"), *large = tcase_create("large products");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, edge_shapes, 0, ISA_COUNT);
    tcase_add_loop_test(tests, outputs_do_not_depend_on_the_tile, 0, ISA_COUNT);
    tcase_add_loop_test(tests, selection, 0, ISA_COUNT);
    tcase_add_test(tests, blas_agrees);
    suite_add_tcase(suite, tests);
    tcase_set_timeout(large, 300);
    tcase_set_tags(large, "large"); /* slow without telling more under valgrind or TSan */
    tcase_add_loop_test(large, random_shapes, 0, ISA_COUNT);
    tcase_add_loop_test(large, long_shapes, 0, ISA_COUNT);
    suite_add_tcase(suite, large);
    return suite;
}
