/* Doubles as text that keeps every bit, in the hexadecimal notation of C99. Unlike printf and
 * strtod, these functions do not depend on the locale. */
#ifndef MLPBN_BASE_HEX_NUMBER_H
#define MLPBN_BASE_HEX_NUMBER_H

enum { MLPBN__HEX_SIZE = 32 }; /* chars for the longest text, with its terminating zero */

/* Writes the shortest such text of a finite number, as in "0x1.3147ae147ae14p+1". */
void mlpbn__hex_format(char text[MLPBN__HEX_SIZE], double value);

/* Parses a text that mlpbn__hex_format has written. Returns 0, and leaves *value alone, for
 * any other text, even one that denotes a number. */
int mlpbn__hex_parse(double *value, const char *text);

#endif
