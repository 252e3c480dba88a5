/* Losses of a row and their derivatives in long double, as mlpbn/loss.h defines them. */
#ifndef LOSS_REFERENCE_H
#define LOSS_REFERENCE_H

#include <mlpbn/loss.h>

#include <stddef.h>
#include <stdint.h>

/* The loss of k outputs y for their label or targets, whichever the loss takes, before any
 * weight of the row. d receives its derivatives by y. */
long double loss_reference(const mlpbn_loss_options *options, size_t k,
                           const long double *y, const long double *targets,
                           int32_t label, long double *d);

#endif
