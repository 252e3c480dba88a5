/* Formats settings, for titles of plots and for files of results. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "train_options.h"

enum { NUMBER_SIZE = 32, DESCRIPTION_SIZE = 1024 };

/* Formats a number without leading zeros in the exponent: 1e-5, not %g's 1e-05. Returns
 * text. */
const char *format_number(char text[NUMBER_SIZE], double number);

/* Writes "he", "xavier", or sigma as a number. Returns text. */
const char *describe_init(char text[NUMBER_SIZE], const train_init *init);

/* Writes the units of all layers: "3072-50-50-10". */
void describe_units(char text[DESCRIPTION_SIZE], const train_options *options);

/* Writes a title for curves: "3072-50-50-10, batchnorm, λ = 0.005, rate 1e-5 to 0.1". */
void describe_run(char text[DESCRIPTION_SIZE], const train_options *options);

/* Writes all settings that determine a result, except lambda, initialization and batchnorm:
 * "hidden=50,50 epochs=20 ...". */
void describe_settings(char text[DESCRIPTION_SIZE], const train_options *options);

#endif
