/* Prediction and evaluation, with running statistics and without dropout. The network is const
 * and, but for mlpbn_classify, nothing is allocated. Any number of threads may share the network, each with a workspace
 * of its own. */
#ifndef MLPBN_PREDICT_H
#define MLPBN_PREDICT_H

#include <mlpbn/common.h>
#include <mlpbn/loss.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* Computes the outputs of the network for any number of rows, max_batch at a time. Labels and
 * targets are not read. A gradient that the workspace held is lost. A row has the same outputs,
 * to the bit, alone and in any batch.
 *
 * Most rows are first gathered and converted. The fastest rows are read in place: they have
 * the network's dtype and no index, their columns fill a multiple of 64 bytes, and the network
 * has no standardization.
 *
 * y  [n][outputs], receives the outputs: the last layer's activation, which are the logits if
 *    that is MLPBN_IDENTITY. If a call with more than max_batch rows fails, y may hold the
 *    outputs of the rows before the one that made it fail.
 *
 * The errors are those of all calls with rows (mlpbn/train.h), but a single row, more than
 * max_batch rows and the mode MLPBN_PREDICT are allowed.
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
 * The errors are those of mlpbn_predict_f32, except that of the wrong dtype, and those of labels
 * and targets.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_evaluate(
    const mlpbn_network *network, mlpbn_workspace *workspace, const mlpbn_rows *rows,
    const mlpbn_loss_options *loss_options, mlpbn_metrics *metrics);

/* Classifies any number of rows: the class of a row is that of its largest output, the first if
 * there are several. The last layer must end in the identity, whose outputs are logits, or in
 * softmax. A single output, of the identity or of sigmoid, tells class 1 from class 0: it is
 * class 1 if its probability is above 1/2.
 *
 * workspace      of either mode; NULL: one is made for this call
 * labels         [n], receives the classes
 * probabilities  [n][outputs], or [n][2] for a single output: receives the probabilities of the
 *                classes, softmax or sigmoid of logits; NULL: not needed
 *
 * The errors are those of mlpbn_predict_f32, except that of the wrong dtype, and
 *
 * MLPBN_EINVAL  the outputs are no classes: the last layer ends in another activation
 * MLPBN_ENOMEM  no memory for the outputs or the workspace
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_classify(const mlpbn_network *network,
                                                       mlpbn_workspace *workspace,
                                                       const mlpbn_rows *rows,
                                                       int32_t *labels,
                                                       double *probabilities);

MLPBN_END

#endif
