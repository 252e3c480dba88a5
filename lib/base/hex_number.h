/* Doubles as text that keeps every bit, in the hexadecimal notation of C99. Unlike printf and
 * strtod, these functions do not depend on the locale. */
#ifndef MLPBN_BASE_HEX_NUMBER_H
#define MLPBN_BASE_HEX_NUMBER_H

enum { MLPBN__HEX_SIZE = 32 }; /* chars for the longest text, with its terminating zero */

/* Writes the shortest hexadecimal text of a finite number, such as "0x1.3147ae147ae14p+1". */
void mlpbn__hex_format(char text[MLPBN__HEX_SIZE], double value);

/* Parses a text that mlpbn__hex_format has written. For any other text, even one
 * that denotes a number, returns 0 and does not change *value. */
int mlpbn__hex_parse(double *value, const char *text);

#endif
