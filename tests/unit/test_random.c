/* Philox against its authors' known answers, and the distributions drawn from it. */
#include "base/random.h"
#include "../runner/suites.h"

#include <math.h>

/* From kat_vectors of Random123: counter and key all zero, all ones, digits of pi. */
TEST(philox_known_answers)
{
    static const uint64_t inputs[][3] = {
        {0, 0, 0},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX},
        {0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88},
    };
    static const uint32_t known[][4] = {
        {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    for (size_t i = 0; i < LENGTH(known); i++) {
        uint32_t block[4];
        mlpbn__philox(block, inputs[i][0], inputs[i][1], inputs[i][2]);
        ck_assert_mem_eq(block, known[i], sizeof block);
    }
}

TEST(normals_have_their_moments)
{
    enum { PAIRS = 100000 };
    mlpbn__random random = mlpbn__random_new(2385, MLPBN__STREAM_WEIGHTS, 3);
    double sum = 0, squares = 0, fourth = 0, products = 0;
    for (int i = 0; i < PAIRS; i++) {
        double pair[2];
        mlpbn__random_normals(&random, pair);
        for (int k = 0; k < 2; k++) {
            sum += pair[k];
            squares += pair[k] * pair[k];
            fourth += pow(pair[k], 4);
        }
        products += pair[0] * pair[1];
    }
    double n = 2.0 * PAIRS; /* bounds: five standard errors */
    ck_assert_double_lt(fabs(sum / n), 5 / sqrt(n));
    ck_assert_double_lt(fabs(squares / n - 1), 5 * sqrt(2 / n));
    ck_assert_double_lt(fabs(fourth / n - 3), 5 * sqrt(96 / n));
    ck_assert_double_lt(fabs(products / PAIRS), 5 / sqrt(PAIRS));
}

TEST(below_is_uniform)
{
    enum { BOUND = 7, DRAWS = 70000 };
    mlpbn__random random = mlpbn__random_new(11, MLPBN__STREAM_SHUFFLE, 0);
    double counts[BOUND] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint64_t drawn = mlpbn__random_below(&random, BOUND);
        ck_assert_uint_lt(drawn, BOUND);
        counts[drawn]++;
    }
    double expected = (double)DRAWS / BOUND, chi_squared = 0;
    for (int i = 0; i < BOUND; i++)
        chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
    ck_assert_double_lt(chi_squared, 27.9); /* 6 degrees of freedom, p = 1e-4 */
    ck_assert_uint_eq(mlpbn__random_below(&random, 1), 0);
    uint64_t large = UINT64_C(3) << 62; /* a quarter of all draws is rejected */
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_lt(mlpbn__random_below(&random, large), large);
}

TEST(streams_differ)
{
    mlpbn__random a = mlpbn__random_new(5, MLPBN__STREAM_WEIGHTS, 0);
    mlpbn__random others[] = {mlpbn__random_new(5, MLPBN__STREAM_WEIGHTS, 1),
                              mlpbn__random_new(5, MLPBN__STREAM_SHUFFLE, 0),
                              mlpbn__random_new(6, MLPBN__STREAM_WEIGHTS, 0)};
    mlpbn__random again = mlpbn__random_new(5, MLPBN__STREAM_WEIGHTS, 0);
    for (int i = 0; i < 100; i++) {
        uint64_t bits = mlpbn__random_bits(&a);
        ck_assert_uint_eq(bits, mlpbn__random_bits(&again));
        for (size_t k = 0; k < LENGTH(others); k++)
            ck_assert_uint_ne(bits, mlpbn__random_bits(&others[k]));
    }
}
