#include "nn/typed_ops.h"

#include "nn/real_ops.h"

const mlpbn__typed_ops R(typed_ops) = {
    .gradient = R(gradient),
    .train_step = R(train_step),
    .training_loss = R(training_loss),
    .forward = R(pass_forward),
    .backward = R(pass_backward),
    .update = R(checked_update),
    .commit_statistics = R(commit_statistics),
    .recompute_statistics = R(recompute_statistics),
    .predict = R(predict),
    .evaluate = R(evaluate),
};
