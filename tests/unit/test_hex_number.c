/* Doubles as text: every bit comes back, and the texts are those of "%a". */
#include "base/hex_number.h"
#include "base/random.h"
#include "../runner/suites.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double edges[] = {0.,      -0.,      1.,      -2.385,      0.1,
                               DBL_MAX, -DBL_MAX, DBL_MIN, DBL_MIN / 4, 0x1p-1074,
                               1e-300,  1e22,     0x1.8p+0};

static void assert_round_trip(double value)
{
    char text[MLPBN__HEX_SIZE];
    double back = (double)NAN;
    mlpbn__hex_format(text, value);
    ck_assert_msg(mlpbn__hex_parse(&back, text), "%s", text);
    ck_assert_msg(memcmp(&back, &value, sizeof value) == 0, "%s", text);
    ck_assert_msg(strtod(text, NULL) == value, "%s", text);
}

TEST(every_bit_comes_back)
{
    mlpbn__random random = mlpbn__random_new(71, 9, 0);
    for (size_t i = 0; i < LENGTH(edges); i++)
        assert_round_trip(edges[i]);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = mlpbn__random_bits(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            assert_round_trip(value);
    }
}

TEST(the_text_is_known)
{
    static const struct {
        double value;
        const char *text;
    } known[] = {{2.385, "0x1.3147ae147ae14p+1"},
                 {-0., "-0x0p+0"},
                 {1, "0x1p+0"},
                 {DBL_MAX, "0x1.fffffffffffffp+1023"},
                 {DBL_MIN, "0x1p-1022"},
                 {0x1p-1074, "0x0.0000000000001p-1022"}};
    char text[MLPBN__HEX_SIZE];
    for (size_t i = 0; i < LENGTH(known); i++) {
        mlpbn__hex_format(text, known[i].value);
        ck_assert_str_eq(text, known[i].text);
    }
}

TEST(other_texts_are_refused)
{
    static const char *const bad[] = {
        "", "-", "0x", "1", "0x1", "0x1p", "0x1p+", "0x1p0", "0x1P+0", "0X1p+0",
        " 0x1p+0", "0x1p+0 ", "+0x1p+0", "0x2p+0", "0x1.p+0", "0x1.0p+0", "0x1.F8p+0",
        "0x1,8p+0", "0x1.8.8p+0", "inf", "nan", "0x1p+1024", "0x1p-1075", "0x1p-1023",
        "0x1p+00", "--0x1p+0",
        /* long ones */
        "0x1.00000000000001p+0", "0x1p+99999999999999999999",
        "0x111111111111111111111111111111111111p+0"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        double value = 2.385;
        ck_assert_msg(!mlpbn__hex_parse(&value, bad[i]), "\"%s\"", bad[i]);
        ck_assert(value == (double)2.385);
    }
}
