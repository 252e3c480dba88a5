/* What the headers say a network computes, written a second time: plain loops in long
 * double, no code of the library but the reading of its parameters. */
#ifndef API_REFERENCE_H
#define API_REFERENCE_H

#include "api_helpers.h"

enum reference_mode { REFERENCE_PREDICT, REFERENCE_TRAIN };

struct reference {
    double *y;                /* [n][outputs] */
    long double *exact;       /* y, not rounded to double */
    double *mean[MAX_LAYERS]; /* of the batch, before batchnorm; NULL without */
    double *var[MAX_LAYERS];  /* divided by n */
    double kink;              /* the smallest |z| where an activation has a kink at 0 */
};

/* The outputs for all rows of the view. */
struct reference reference_run(const mlpbn_network *network, const mlpbn_rows *rows,
                               enum reference_mode mode);

/* A copy in long double. */
long double *reference_widened(const double *values, size_t n);

/* z = x W^T + b of one layer. */
long double *reference_dense(const mlpbn_network *network, size_t layer,
                             const long double *x, size_t n);

/* The loss of these outputs, by these options. */
double reference_loss(const mlpbn_loss_options *options, const double *y,
                      const mlpbn_rows *rows);

/* The derivative of the mean loss with respect to y, without weights. */
double *reference_dy(mlpbn_loss loss, const double *y, const mlpbn_rows *rows);

/* Rows whose first largest output is the label's. */
size_t reference_correct(const double *y, const mlpbn_rows *rows);

/* The L2 penalty by these options. */
double reference_penalty(const mlpbn_network *network, const mlpbn_loss_options *options);

/* How far rounding may carry an output of this network: the terms of all sums on the way
 * to it, each off by one epsilon of a number around 1. */
double reference_tolerance(const mlpbn_network *network);

#endif
