#include "base/hex_number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An IEEE 754 double: a sign bit, 11 bits of exponent, and 52 bits of mantissa below an
 * implicit leading 1, which is 0 in subnormal numbers. */
enum { MANTISSA_BITS = 52, BIAS = 1023, DIGITS = MANTISSA_BITS / 4 };

void mlpbn__hex_format(char text[MLPBN__HEX_SIZE], double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
    int exponent = (int)(bits >> MANTISSA_BITS & 0x7ff), is_normal = exponent > 0;
    char digits[DIGITS + 1];
    for (int i = 0; i < DIGITS; i++)
        digits[i] = "0123456789abcdef"[mantissa >> 4 * (DIGITS - 1 - i) & 15];
    int length = DIGITS;
    while (length > 0 && digits[length - 1] == '0')
        length--;
    digits[length] = '\0';
    int power = is_normal ? exponent - BIAS : mantissa ? 1 - BIAS : 0;
    snprintf(text, MLPBN__HEX_SIZE, "%s0x%d%s%sp%+d", bits >> 63 ? "-" : "", is_normal,
             length > 0 ? "." : "", digits, power);
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Parses leniently, formats the result again, and accepts the text only if both are equal. */
int mlpbn__hex_parse(double *value, const char *text)
{
    const char *c = text + (text[0] == '-');
    if (strlen(text) >= MLPBN__HEX_SIZE || c[0] != '0' || c[1] != 'x')
        return 0;
    double mantissa = 0;
    int after_point = 0, shift = 0;
    for (c += 2; *c == '.' || digit_value(*c) >= 0; c++) {
        after_point |= *c == '.';
        if (*c == '.')
            continue;
        mantissa = 16 * mantissa + digit_value(*c);
        shift += 4 * after_point;
    }
    if (*c != 'p')
        return 0;
    long power = strtol(c + 1, NULL, 10);
    if (power < 1 - BIAS || power > BIAS)
        return 0;
    double number = ldexp(mantissa, (int)power - shift);
    number = text[0] == '-' ? -number : number;
    char formatted[MLPBN__HEX_SIZE];
    mlpbn__hex_format(formatted, number);
    if (strcmp(formatted, text) != 0)
        return 0;
    *value = number;
    return 1;
}
