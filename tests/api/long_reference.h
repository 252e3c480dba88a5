/* Prediction once more, in long double: what the outputs would be without rounding. */
#ifndef LONG_REFERENCE_H
#define LONG_REFERENCE_H

#include "api_helpers.h"

/* The outputs for all rows of the view, [n][outputs], to be freed. */
long double *long_outputs(const mlpbn_network *network, const mlpbn_rows *rows);

/* The largest |y[i] - exact[i]|. */
double long_error(const double *y, const long double *exact, size_t n);

#endif
