/* Settings in words, for titles of plots and for files. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "train_options.h"

enum { NUMBER = 32, DESCRIPTION = 1024 };

/* Writes a number as people do: 1e-5, where %g alone gives 1e-05. Returns text. */
const char *shortest(char text[NUMBER], double number);

/* "he", "xavier" or the sigma. Returns text. */
const char *describe_init(char text[NUMBER], const train_init *init);

/* "3072-50-50-10". */
void describe_units(char text[DESCRIPTION], const train_options *options);

/* "3072-50-50-10, batchnorm, λ = 0.005, rate 1e-5 to 0.1", to stand above the curves. */
void describe_run(char text[DESCRIPTION], const train_options *options);

/* Everything that decides a result but for lambda, initialization and batchnorm, in a form
 * to compare: "hidden=50,50 epochs=20 ...". */
void describe_protocol(char text[DESCRIPTION], const train_options *options);

#endif
