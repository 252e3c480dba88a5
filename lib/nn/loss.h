/* The loss of a batch's outputs, the L2 penalty, and the metrics that contain both. */
#ifndef MLPBN_NN_LOSS_H
#define MLPBN_NN_LOSS_H

#include "base/real.h"
#include "kernel/moments.h"
#include "nn/l2_penalty.h"
#include "nn/workspace.h"

/* Computes the losses of the outputs in the last layer's cache, with the workspace's labels or
 * targets, and adds them to *sums. If scale != 0, also writes scale * dL/dy to ws->d[0], where
 * the backward pass begins. */
void R(loss)(const mlpbn__pass *pass, const mlpbn_loss_options *loss, double scale,
             mlpbn__loss_sums *sums);

/* Computes the metrics of rows from their sums. penalty: is added to the cost; or NULL.
 * MLPBN_ENONFINITE if the loss is not finite. */
mlpbn_status R(metrics)(mlpbn_metrics *metrics, const mlpbn_network *network,
                        const mlpbn_loss_options *options,
                        const mlpbn__l2_penalty *penalty, const mlpbn__loss_sums *sums);

#endif
