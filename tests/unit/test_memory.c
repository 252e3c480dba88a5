/* Arena, row strides, aligned memory. */
#include "base/memory.h"
#include "../runner/suites.h"

#include <stdint.h>

TEST(arena_measures_then_carves)
{
    mlpbn__arena measuring = {0};
    ck_assert_ptr_null(mlpbn__arena_alloc(&measuring, 7, 13));
    ck_assert_ptr_null(mlpbn__arena_alloc(&measuring, 3, sizeof(double)));
    ck_assert_uint_eq(measuring.used, 128 + 64);

    char *block = mlpbn__memory_new(measuring.used);
    mlpbn__arena arena = {.base = block};
    ck_assert_ptr_eq(mlpbn__arena_alloc(&arena, 7, 13), block);
    ck_assert_ptr_eq(mlpbn__arena_alloc(&arena, 3, sizeof(double)), block + 128);
    ck_assert_uint_eq(arena.used, measuring.used);
    mlpbn__memory_free(block);
}

TEST(arena_remembers_an_overflow)
{
    static const size_t sizes[][2] = {
        {SIZE_MAX, 1}, {SIZE_MAX / 2, 3}, {SIZE_MAX - 63, 1}, {3, SIZE_MAX}};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        mlpbn__arena arena = {0};
        mlpbn__arena_alloc(&arena, 5, 8);
        mlpbn__arena_alloc(&arena, sizes[i][0], sizes[i][1]);
        mlpbn__arena_alloc(&arena, 5, 8);
        ck_assert(mlpbn__arena_overflowed(&arena));
    }
    mlpbn__arena two_halves = {0};
    mlpbn__arena_alloc(&two_halves, SIZE_MAX / 2 + 1, 1);
    mlpbn__arena_alloc(&two_halves, SIZE_MAX / 2 + 1, 1);
    ck_assert(mlpbn__arena_overflowed(&two_halves));
}

TEST(memory_is_aligned_and_zero)
{
    for (size_t bytes = 0; bytes < 3000; bytes += 37) {
        unsigned char *memory = mlpbn__memory_new(bytes);
        ck_assert_ptr_nonnull(memory);
        ck_assert_uint_eq((uintptr_t)memory % MLPBN__ALIGNMENT, 0);
        for (size_t i = 0; i < bytes; i++)
            ck_assert_uint_eq(memory[i], 0);
        mlpbn__memory_free(memory);
    }
    ck_assert_ptr_null(mlpbn__memory_new(SIZE_MAX));
    ck_assert_ptr_null(mlpbn__memory_new(SIZE_MAX - 130));
    ck_assert_ptr_null(mlpbn__memory_new(PTRDIFF_MAX - 37));
    mlpbn__memory_free(NULL);
}

TEST(row_strides_are_aligned_and_saturate_as_products_do)
{
    for (size_t element = 4; element <= 8; element += 4)
        for (size_t n = 1; n < 5000; n++) {
            size_t stride = mlpbn__row_stride(n, element);
            ck_assert_uint_ge(stride, n);
            ck_assert_uint_lt(stride, n + 2 * MLPBN__ALIGNMENT / element);
            ck_assert_uint_eq(stride * element % MLPBN__ALIGNMENT, 0);
            ck_assert_uint_ne(stride * element % 1024, 0);
        }
    ck_assert_uint_eq(mlpbn__row_stride(3072, 4), 3088);
    ck_assert_uint_eq(mlpbn__row_stride(SIZE_MAX - 5, 4), SIZE_MAX);
    ck_assert_uint_eq(mlpbn__row_stride(SIZE_MAX / 8, 8), SIZE_MAX);
    ck_assert_uint_eq(mlpbn__multiply(6, 7), 42);
    ck_assert_uint_eq(mlpbn__multiply(SIZE_MAX, 0), 0);
    ck_assert_uint_eq(mlpbn__multiply(SIZE_MAX, 1), SIZE_MAX);
    ck_assert_uint_eq(mlpbn__multiply(SIZE_MAX / 2, 3), SIZE_MAX);
}
