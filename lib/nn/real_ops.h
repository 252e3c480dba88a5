/* The computations of nn/typed_ops.h on `real`, one file each. */
#ifndef MLPBN_NN_REAL_OPS_H
#define MLPBN_NN_REAL_OPS_H

#include "base/real.h"
#include "nn/typed_ops.h"

mlpbn_status R(input_layer)(const mlpbn_network *network, mlpbn_workspace *ws,
                            const mlpbn__batch *batch);
mlpbn_status R(report_nonfinite_row)(const mlpbn_network *network, mlpbn_workspace *ws,
                                     const mlpbn__batch *batch, mlpbn_status status);
mlpbn_status R(forward_pass)(const mlpbn_network *network, mlpbn_workspace *ws);
mlpbn_status R(predict_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                             size_t n_layers);
mlpbn_status R(batchnorm_input_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                                     size_t l);
void R(read_outputs)(const mlpbn_network *network, const mlpbn_workspace *ws, void *y);
mlpbn_status R(write_derivatives)(const mlpbn_network *network, mlpbn_workspace *ws,
                                  const void *dy);
void R(loss_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                  const mlpbn_loss_options *loss, double scale, mlpbn__loss_sums *score);
mlpbn_status R(backward_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                              const mlpbn__decay *decay, void *dx);
mlpbn_status R(check_gradients)(const mlpbn_network *network, mlpbn_workspace *ws);
double R(penalty)(const mlpbn_network *network, const mlpbn__decay *decay);
mlpbn_status R(optimizer_step)(mlpbn_optimizer *optimizer, mlpbn_network *network,
                               const mlpbn_workspace *ws);
void R(add_moments)(const mlpbn_layer *layer, const mlpbn_workspace *ws, size_t before,
                    mlpbn__moments *moments);
mlpbn_status R(set_statistics)(mlpbn_layer *layer, size_t n,
                               const mlpbn__moments *moments);
void R(commit_statistics)(mlpbn_network *network, const mlpbn_workspace *ws);

#endif
