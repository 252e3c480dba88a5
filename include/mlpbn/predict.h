/* Prediction and evaluation, with running statistics and without dropout. The network is const
 * and nothing is allocated. Any number of threads may share the network, each with a workspace
 * of its own. */
#ifndef MLPBN_PREDICT_H
#define MLPBN_PREDICT_H

#include <mlpbn/common.h>
#include <mlpbn/loss.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* Computes the outputs of the network for up to max_batch rows. Labels and targets are not
 * read. A gradient that the workspace held is lost. A row has the same outputs, to the bit,
 * alone and in any batch.
 *
 * Most rows are first gathered and converted. The fastest rows are read in place: they have
 * the network's dtype and no index, their columns fill a multiple of 64 bytes, and the network
 * has no standardization.
 *
 * y  [n][outputs], receives the outputs: the last layer's activation, which are the logits if
 *    that is MLPBN_IDENTITY
 *
 * The errors are those of all calls with rows (mlpbn/train.h), but a single row and the mode
 * MLPBN_PREDICT are allowed.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_predict_f32(const mlpbn_network *network,
                                                          mlpbn_workspace *workspace,
                                                          const mlpbn_rows *rows,
                                                          float *y);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_predict_f64(const mlpbn_network *network,
                                                          mlpbn_workspace *workspace,
                                                          const mlpbn_rows *rows,
                                                          double *y);

/* Computes loss, cost and accuracy over any number of rows, max_batch at a time.
 *
 * loss_options  NULL: the defaults (softmax cross-entropy, lambda 0)
 * metrics       receives the results; its struct_size must be set (mlpbn_metrics_init)
 *
 * The errors are those of mlpbn_predict_f32, except those of too many rows and of the wrong
 * dtype, and those of labels and targets.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_evaluate(
    const mlpbn_network *network, mlpbn_workspace *workspace, const mlpbn_rows *rows,
    const mlpbn_loss_options *loss_options, mlpbn_metrics *metrics);

MLPBN_END

#endif
