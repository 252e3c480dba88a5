/* Doubles as text that keeps every bit, in C99's hexadecimal notation; unlike printf and
 * strtod in any locale the same. */
#ifndef MLPBN_BASE_HEX_NUMBER_H
#define MLPBN_BASE_HEX_NUMBER_H

enum { MLPBN__HEX_SIZE = 32 };

/* "0x1.3147ae147ae14p+1": the shortest such text of this finite number. */
void mlpbn__hex_format(char text[MLPBN__HEX_SIZE], double value);

/* 0 unless text is just what mlpbn__hex_format writes of a number. */
int mlpbn__hex_parse(double *value, const char *text);

#endif
