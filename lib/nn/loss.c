/* From outputs to the loss and its derivatives; and the L2 penalty. */
#include "kernel/kernels.h"
#include "nn/labels.h"
#include "nn/real_ops.h"

void R(loss_pass)(const mlpbn_network *network, mlpbn_workspace *ws,
                  const mlpbn_loss_options *loss, double scale, mlpbn__loss_sums *score)
{
    const mlpbn_layer *last = network->layers + network->n_layers - 1;
    int by_label = mlpbn__needs_of(loss->loss)->labels;
    R(outputs) outputs = {.units = last->options.units,
                          .n = ws->n,
                          .stride = ws->ld,
                          .y = ws->traces[last->index].a,
                          .labels = by_label ? ws->labels : NULL,
                          .targets = by_label ? NULL : ws->targets,
                          .weights = ws->weights,
                          .class_weights = loss->class_weights,
                          .smoothing = loss->label_smoothing,
                          .delta = loss->huber_delta};
    real *dy = scale != 0 ? ws->d[0] : NULL;
    R(select_kernels)()->losses[loss->loss].rows(&outputs, scale, dy, score);
    score->weight += ws->sum_of_weights;
}

double R(penalty)(const mlpbn_network *network, const mlpbn__decay *decay)
{
    double sum = 0;
    for (size_t t = 0; t < network->n_tensors; t++) {
        const mlpbn__tensor *tensor = network->tensors + t;
        if (mlpbn__decays(decay, tensor->kind))
            sum += R(select_kernels)()->sum_squares(tensor->rows * tensor->stride,
                                                    mlpbn__tensor_data(network, tensor));
    }
    return decay->factor / 2 * sum;
}
