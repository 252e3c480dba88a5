/* The loss of a batch's outputs, the L2 penalty, and the metrics made of them. */
#ifndef MLPBN_NN_LOSS_H
#define MLPBN_NN_LOSS_H

#include "base/real.h"
#include "kernel/moments.h"
#include "nn/l2_penalty.h"
#include "nn/workspace.h"

/* Adds the losses of the outputs in the last layer's cache, by the labels or targets that were
 * read, to *sums. If scale != 0, also writes their derivatives times scale, from which the
 * backward pass begins. */
void R(loss)(const mlpbn__pass *pass, const mlpbn_loss_options *loss, double scale,
             mlpbn__loss_sums *sums);

/* Metrics of n rows from their sums; penalty: NULL, or to be added to the cost.
 * MLPBN_ENONFINITE if the loss is not finite. */
mlpbn_status R(metrics)(mlpbn_metrics *metrics, const mlpbn_network *network,
                        const mlpbn__l2_penalty *penalty, const mlpbn__loss_sums *sums,
                        size_t n);

#endif
