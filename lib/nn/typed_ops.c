#include "nn/activation.h"
#include "nn/real_ops.h"

const mlpbn__typed_ops R(typed_ops) = {
    .keeps_z = R(keeps_z),
    .input_layer = R(input_layer),
    .report_nonfinite_row = R(report_nonfinite_row),
    .forward = R(forward_pass),
    .predict = R(predict_pass),
    .batchnorm_input = R(batchnorm_input_pass),
    .read_outputs = R(read_outputs),
    .write_derivatives = R(write_derivatives),
    .loss = R(loss_pass),
    .backward = R(backward_pass),
    .penalty = R(penalty),
    .check_gradients = R(check_gradients),
    .step = R(optimizer_step),
    .commit = R(commit_statistics),
    .add_moments = R(add_moments),
    .set_statistics = R(set_statistics),
};
