#include "base/hex_number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An IEEE 754 double: sign, 11 bits of exponent, 52 of mantissa below an implied 1, which
 * the smallest numbers lack. */
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

/* Reads roughly, and then sees whether the number is written just so. */
int mlpbn__hex_parse(double *value, const char *text)
{
    const char *at = text + (text[0] == '-');
    if (strlen(text) >= MLPBN__HEX_SIZE || at[0] != '0' || at[1] != 'x')
        return 0;
    double mantissa = 0;
    int after_point = 0, shift = 0;
    for (at += 2; *at == '.' || digit_value(*at) >= 0; at++) {
        after_point |= *at == '.';
        if (*at == '.')
            continue;
        mantissa = 16 * mantissa + digit_value(*at);
        shift += 4 * after_point;
    }
    if (*at != 'p')
        return 0;
    long power = strtol(at + 1, NULL, 10);
    if (power < 1 - BIAS || power > BIAS)
        return 0;
    double number = ldexp(mantissa, (int)power - shift);
    number = text[0] == '-' ? -number : number;
    char again[MLPBN__HEX_SIZE];
    mlpbn__hex_format(again, number);
    if (strcmp(again, text) != 0)
        return 0;
    *value = number;
    return 1;
}
