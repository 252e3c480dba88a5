/* Prototypes of the functions in the table of nn/typed_ops.h, for `real`; and of
 * optimizer_step. */
#ifndef MLPBN_NN_REAL_OPS_H
#define MLPBN_NN_REAL_OPS_H

#include "base/real.h"
#include "nn/typed_ops.h"

/* nn/train.c */
mlpbn__gradient_fn R(gradient);
mlpbn__train_step_fn R(train_step);
mlpbn__loss_fn R(training_loss);
mlpbn__outputs_fn R(pass_forward);
mlpbn__backward_fn R(pass_backward);
mlpbn__update_fn R(checked_update);

/* nn/optimizer_step.c. Updates the parameters by the gradients in the workspace. Changes
 * nothing if a result would not be finite. */
mlpbn_status R(optimizer_step)(mlpbn_optimizer *optimizer, mlpbn_network *network,
                               const mlpbn_workspace *ws);

/* nn/running_statistics.c */
mlpbn__commit_fn R(commit_statistics);
mlpbn__recompute_fn R(recompute_statistics);

/* nn/predict.c */
mlpbn__outputs_fn R(predict);
mlpbn__loss_fn R(evaluate);

#endif
