/* Prediction and evaluation: running statistics, const network, no allocation. Any number
 * of threads may share the network, each with a workspace of its own. */
#ifndef MLPBN_PREDICT_H
#define MLPBN_PREDICT_H

#include <mlpbn/common.h>
#include <mlpbn/loss.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* The outputs of the network for up to max_batch rows. Labels and targets are not read.
 * A gradient that the workspace holds is lost. Rows of the network's dtype, in order (no
 * index), that it does not standardize and whose columns fill a multiple of 64 bytes are
 * read where they are, which is fastest; others are converted first. A row has the same
 * outputs, to the bit, alone and among others.
 *
 * y  [n][outputs], receives the outputs (a classifier's logits)
 *
 * Errors: those that calls with rows share (mlpbn/train.h), but a single row is fine and
 * so is mode MLPBN_PREDICT.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_predict_f32(const mlpbn_network *network,
                                                          mlpbn_workspace *workspace,
                                                          const mlpbn_rows *rows,
                                                          float *y);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_predict_f64(const mlpbn_network *network,
                                                          mlpbn_workspace *workspace,
                                                          const mlpbn_rows *rows,
                                                          double *y);

/* Loss, cost and accuracy over any number of rows, max_batch at a time.
 *
 * options  NULL: the defaults (softmax cross-entropy, lambda 0)
 * metrics  caller's, struct_size set (mlpbn_metrics_init)
 *
 * Errors: as for mlpbn_predict_f32, and those of labels and targets.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_evaluate(const mlpbn_network *network,
                                                       mlpbn_workspace *workspace,
                                                       const mlpbn_rows *rows,
                                                       const mlpbn_loss_options *options,
                                                       mlpbn_metrics *metrics);

MLPBN_END

#endif
