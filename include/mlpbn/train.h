/* Training: steps and gradients. Only a step changes the network: it updates the parameters, and
 * commits the batch statistics to the running averages. Gradients, forward and backward passes
 * take the network as const. So a call that fails has changed nothing, and several workspaces
 * may compute gradients of one network at the same time. There is no train/eval flag: training
 * uses batch statistics and dropout, prediction (mlpbn/predict.h) does not. */
#ifndef MLPBN_TRAIN_H
#define MLPBN_TRAIN_H

#include <mlpbn/common.h>
#include <mlpbn/loss.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* A pass that takes more than one call belongs to the network as it was at its beginning:
 *
 * Between mlpbn_forward and mlpbn_backward the parameters and the standardization must stay as
 * they are, or mlpbn_backward fails with MLPBN_ESTATE. They change by mlpbn_network_set_f32 of a
 * parameter, a step with another workspace, and whatever replaces contents: mlpbn_network_copy,
 * mlpbn_network_initialize, mlpbn_network_set_standardization, _fit_standardization,
 * mlpbn_recompute_statistics and mlpbn_checkpoint_load. What the caller writes to the array of
 * parameters in place (mlpbn/tensor.h) cannot be seen: it must not write there meanwhile.
 *
 * Between a gradient and its step, contents must not be replaced, or the step fails with
 * MLPBN_ESTATE. Single tensors may be set, in place too, and steps be taken with other
 * workspaces: the step updates parameters and running statistics as they are then.
 *
 * Freezing running statistics and setting them have no effect on a pass that has begun: the
 * backward pass uses the statistics that the forward pass used, and the step updates the running
 * statistics of the layers that the forward pass normalized by the batch. */

/* The errors of all calls with rows:
 *
 * MLPBN_EINVAL      an argument is NULL; rows lacks data, or the labels or targets that
 *                   the loss needs; a field is out of its range; the loss does not fit the
 *                   last layer's activation (mlpbn/loss.h)
 * MLPBN_EDTYPE      rows has an unknown dtype; an _f32 call for an f64 network or the reverse
 * MLPBN_ESHAPE      columns is not the network's inputs, or target_columns not its outputs
 * MLPBN_ESIZE       n_data * stride, or n_data * target_stride, overflows
 * MLPBN_EBATCH      there are no rows, or more than the workspace's max_batch; or a single
 *                   row in training, and the network has a batchnorm that is not frozen (the
 *                   variance would be 0)
 * MLPBN_EINDEX      an element of index is not below n_data
 * MLPBN_ELABEL      a label is not in [0, outputs)
 * MLPBN_EMISMATCH   the workspace (or optimizer) was made for another network
 * MLPBN_ESTATE      the mode of the workspace is MLPBN_PREDICT
 * MLPBN_ENONFINITE  the rows hold a NaN or an infinity, or the forward or backward pass
 *                   computed one: mlpbn_last_error names the row or the layer
 */

/* One training step on a batch: forward pass, loss, backward pass, update. It has the same bits
 * as mlpbn_gradient followed by mlpbn_optimizer_step. Afterwards the workspace holds no
 * gradient.
 *
 * loss_options  NULL: the defaults (softmax cross-entropy, lambda 0)
 * metrics       receives loss, cost and accuracy of the batch before the update; its struct_size
 *               must be set (mlpbn_metrics_init). NULL: not needed
 *
 * The errors are those above, and those of mlpbn_optimizer_step.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_train_step(mlpbn_network *network, mlpbn_optimizer *optimizer,
                 mlpbn_workspace *workspace, const mlpbn_rows *rows,
                 const mlpbn_loss_options *loss_options, mlpbn_metrics *metrics);

/* Computes forward pass, loss and backward pass of one batch. Afterwards the workspace holds
 * the gradient of the cost with respect to all parameters, and the batch statistics.
 *
 * loss_options  NULL: the defaults (softmax cross-entropy, lambda 0)
 * metrics       receives loss, cost and accuracy of the batch; its struct_size must be set
 *               (mlpbn_metrics_init). NULL: not needed
 *
 * Several threads may call it for one network, each with a workspace of its own. The errors
 * are those above.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_gradient(
    const mlpbn_network *network, mlpbn_workspace *workspace, const mlpbn_rows *rows,
    const mlpbn_loss_options *loss_options, mlpbn_metrics *metrics);

/* Updates the parameters by the gradient in the workspace, which the caller may have changed,
 * and the running averages by the batch statistics. Afterwards the workspace holds no
 * gradient.
 *
 * MLPBN_EINVAL      an argument is NULL
 * MLPBN_EMISMATCH   optimizer or workspace were made for another network
 * MLPBN_ESTATE      the workspace holds no gradient, or that of contents that were replaced
 * MLPBN_ENONFINITE  the gradient, its norm if it is clipped, an updated parameter or average of
 *                   the optimizer, or a number that it is computed with is not finite in the
 *                   network's dtype: nothing is updated; mlpbn_last_error names the tensor,
 *                   or the factor of the formula, as rate / (1 - beta1^t)
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_optimizer_step(mlpbn_optimizer *optimizer,
                                                             mlpbn_network *network,
                                                             mlpbn_workspace *workspace);

/* Forward and backward pass as two calls, for a loss of the caller's own. The forward pass,
 * with batch statistics, computes the outputs; the caller computes the loss and its
 * derivative; the backward pass computes the gradient, which the workspace then holds as after
 * mlpbn_gradient, but without an L2 penalty. Labels, targets and weights of the rows are not
 * read. A gradient that the workspace held before the forward pass is lost.
 *
 * y   [n][outputs], receives the outputs
 * dy  [n][outputs], the derivative of the batch's loss with respect to y, finite. If that loss
 *     is a mean over the rows, the division by n is part of dy.
 * dx  [n][inputs], receives the derivative with respect to x before standardization; NULL: not
 *     needed
 *
 * The errors of the forward pass are those above. The backward pass uses the rows of the
 * last forward pass in this workspace.
 *
 * MLPBN_EINVAL      network, workspace or dy is NULL
 * MLPBN_EDTYPE      the network's dtype is the other one
 * MLPBN_EMISMATCH   the workspace was made for another network
 * MLPBN_ESTATE      the last computation in this workspace was not mlpbn_forward, or failed;
 *                   or parameters or the standardization have changed since
 * MLPBN_ENONFINITE  dy or a gradient is not finite
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_forward_f32(const mlpbn_network *network,
                                                          mlpbn_workspace *workspace,
                                                          const mlpbn_rows *rows,
                                                          float *y);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_forward_f64(const mlpbn_network *network,
                                                          mlpbn_workspace *workspace,
                                                          const mlpbn_rows *rows,
                                                          double *y);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_backward_f32(const mlpbn_network *network,
                                                           mlpbn_workspace *workspace,
                                                           const float *dy, float *dx);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_backward_f64(const mlpbn_network *network,
                                                           mlpbn_workspace *workspace,
                                                           const double *dy, double *dx);

/* Ends a step whose update the caller has computed, in place of mlpbn_optimizer_step: updates
 * the running averages by the batch statistics in the workspace, and increments
 * mlpbn_network_steps, so that dropout has new masks. Afterwards the workspace holds no
 * gradient. The caller may update the parameters before or after this call.
 *
 * MLPBN_EINVAL     an argument is NULL
 * MLPBN_EMISMATCH  the workspace was made for another network
 * MLPBN_ESTATE     the workspace holds no gradient, or that of contents that were replaced
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_commit_statistics(mlpbn_network *network, mlpbn_workspace *workspace);

/* Sets the running statistics of each batchnorm to the exact mean and variance of its inputs
 * in the prediction of these rows: layer by layer, since the statistics of one layer change
 * the inputs of the next ones, with sums in double (Chan, Golub and LeVeque, 1979). This is
 * for a network whose weights were averaged, edited or imported, or whose running averages lag
 * behind. It takes a pass over the rows for each batchnorm, and memory for a copy of the
 * network. Frozen statistics are set, too. Nothing else changes: mlpbn_batchnorm_batches stays
 * as it is. Gradients that other workspaces hold are lost: they would bring the statistics of
 * their batches in again.
 *
 * workspace  of either mode; a gradient that it held is lost
 * rows       any number from 2 up, also more than max_batch; labels, targets and weights are
 *            not read
 *
 * The errors are those of mlpbn_evaluate, except those of labels and targets, and
 *
 * MLPBN_EBATCH  there are fewer than 2 rows
 * MLPBN_ENOMEM  no memory for the copy
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_recompute_statistics(
    mlpbn_network *network, mlpbn_workspace *workspace, const mlpbn_rows *rows);

MLPBN_END

#endif
