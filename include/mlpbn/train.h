/* Training: gradients and steps. The network is const everywhere but in the step, which
 * changes the parameters and commits the batch's statistics to the running averages; so a
 * failed call changed nothing, and several workspaces may compute gradients of one network
 * at once. There is no train/eval flag: the mode is the function that is called. */
#ifndef MLPBN_TRAIN_H
#define MLPBN_TRAIN_H

#include <mlpbn/common.h>
#include <mlpbn/loss.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

/* Errors that all calls with rows share:
 *
 * MLPBN_EINVAL      an argument is NULL; rows lacks data, or the labels or targets that
 *                   the loss needs; a field is out of its range
 * MLPBN_EDTYPE      rows has an unknown dtype; an _f32 call for an f64 network or reverse
 * MLPBN_ESHAPE      columns are not the network's inputs, or target_columns its outputs
 * MLPBN_ESIZE       n_data * stride, or n_data * target_stride, overflows
 * MLPBN_EBATCH      no rows, more than the workspace's max_batch, or a single row in the
 *                   training of a network with batchnorm (its variance would be 0) that is
 *                   not frozen
 * MLPBN_EINDEX      an element of index or next_index is not below n_data
 * MLPBN_ELABEL      a label is not in [0, outputs)
 * MLPBN_EMISMATCH   the workspace (or optimizer) was made for another network
 * MLPBN_ESTATE      the workspace is of mode MLPBN_PREDICT
 * MLPBN_ENONFINITE  the rows hold, or the forward or backward pass came to, a NaN or an
 *                   infinity: mlpbn_last_error names the layer and what it was
 */

/* Forward, loss and backward of one batch: leaves the gradient of the cost with respect
 * to every parameter in the workspace, with the batch's statistics.
 *
 * options  NULL: the defaults (softmax cross-entropy, lambda 0)
 * metrics  receives loss, cost and accuracy of the batch before the step, struct_size
 *          set (mlpbn_metrics_init); NULL: not wanted
 *
 * Thread-safe on one network with one workspace per thread. Errors: above.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_gradient(const mlpbn_network *network,
                                                       mlpbn_workspace *workspace,
                                                       const mlpbn_rows *rows,
                                                       const mlpbn_loss_options *options,
                                                       mlpbn_metrics *metrics);

/* One update of the parameters by the gradient that the workspace holds, as it now is,
 * and of the running averages by the batch's statistics. Uses the gradient up.
 *
 * MLPBN_EINVAL      an argument is NULL
 * MLPBN_EMISMATCH   optimizer or workspace were made for another network
 * MLPBN_ESTATE      the workspace holds no gradient
 * MLPBN_ENONFINITE  the gradient, its norm where it is clipped, or what the update would
 *                   come to is not finite: the step is not taken; mlpbn_last_error names
 *                   the tensor
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_optimizer_step(mlpbn_optimizer *optimizer,
                                                             mlpbn_network *network,
                                                             mlpbn_workspace *workspace);

/* mlpbn_gradient and mlpbn_optimizer_step in one call, with the same bits. The workspace
 * holds no gradient afterwards.
 *
 * Errors: those of the two.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_train_step(
    mlpbn_network *network, mlpbn_optimizer *optimizer, mlpbn_workspace *workspace,
    const mlpbn_rows *rows, const mlpbn_loss_options *options, mlpbn_metrics *metrics);

/* The same in pieces, for a loss of one's own. Forward, with batch statistics, gives the
 * outputs; the caller computes the loss and its derivative; backward takes it from there
 * and leaves the gradient in the workspace as mlpbn_gradient does, without the L2 term.
 * Labels and targets of the rows are not read. A gradient that the workspace held before
 * is lost.
 *
 * y   [n][outputs], receives the outputs
 * dy  [n][outputs], the derivative of the loss with respect to y; finite
 * dx  [n][inputs], receives the derivative with respect to x as the rows hold it, before
 *     standardization; NULL: not wanted
 *
 * Errors of forward: above. Backward needs no rows: those of the last forward count.
 *
 * MLPBN_EINVAL      network, workspace or dy is NULL
 * MLPBN_EDTYPE      the network's dtype is the other one
 * MLPBN_EMISMATCH   the workspace was made for another network
 * MLPBN_ESTATE      no forward in this workspace since its creation, its last backward,
 *                   or its last other computation
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

/* For an update of one's own, the end of its step: commits the batch statistics that the
 * workspace holds from mlpbn_gradient or mlpbn_backward to the running averages, moves on to
 * the next masks of dropout, as mlpbn_optimizer_step does, and uses the gradient up. The
 * caller has changed the parameters, or does so now.
 *
 * MLPBN_EINVAL     an argument is NULL
 * MLPBN_EMISMATCH  the workspace was made for another network
 * MLPBN_ESTATE     the workspace holds no gradient
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_commit_statistics(mlpbn_network *network, mlpbn_workspace *workspace);

/* Sets the running statistics of every batchnorm to the mean and variance of all that it
 * normalizes in the prediction of these rows: layer by layer, each after those before it are
 * set, summed in double (Chan, Golub and LeVeque, 1979). For a network whose weights were
 * averaged, edited or brought in, or whose running averages lag behind. Takes a pass over the
 * rows for each batchnorm, and memory for a copy of the network. Nothing else is changed, nor
 * how many batches the averages have seen; frozen ones are set, too.
 *
 * workspace  of either mode; a gradient that it held is lost
 * rows       any number, from 2; labels, targets and weights are not read
 *
 * Errors: those of mlpbn_evaluate but for labels and targets, and
 *
 * MLPBN_EBATCH  fewer than 2 rows
 * MLPBN_ENOMEM  no memory for the copy
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_recompute_statistics(
    mlpbn_network *network, mlpbn_workspace *workspace, const mlpbn_rows *rows);

MLPBN_END

#endif
