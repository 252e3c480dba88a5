#include "nn/loss.h"

#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/labels.h"
#include "nn/reduction.h"
#include "nn/scaled_squares.h"

#include <math.h>

void R(loss)(const mlpbn__pass *pass, const mlpbn_loss_options *loss, double scale,
             mlpbn__loss_sums *sums)
{
    mlpbn_workspace *ws = pass->ws;
    const mlpbn_layer *last = pass->network->layers + pass->network->n_layers - 1;
    int has_labels = mlpbn__losses[loss->loss].needs_labels;
    R(loss_args) args = {.units = last->options.units,
                         .n = pass->n,
                         .ld = pass->ld,
                         .y = ws->caches[last->index].a,
                         .labels = has_labels ? ws->labels : NULL,
                         .targets = has_labels ? NULL : ws->targets,
                         .weights = ws->weights,
                         .class_weights = loss->class_weights,
                         .pos_weights = loss->pos_weights,
                         .smoothing = loss->label_smoothing,
                         .delta = loss->huber_delta,
                         .quantiles = loss->quantiles,
                         .quantile = loss->quantile,
                         .scale = scale,
                         .dy = scale != 0 ? ws->d[0] : NULL,
                         .sums = sums};
    R(select_kernels)()->losses[loss->loss](&args);
}

/* The sum of squares of all penalized parameters, by this function. */
static double penalized_squares(const mlpbn_network *network,
                                const mlpbn__l2_penalty *penalty,
                                double (*sum_squares)(size_t n, const real *x))
{
    double sum = 0;
    for (size_t t = 0; t < network->n_tensors; t++) {
        const mlpbn__tensor *tensor = network->tensors + t;
        if (mlpbn__l2_factor(penalty, tensor->kind) > 0)
            sum += sum_squares(tensor->rows * tensor->stride,
                               mlpbn__tensor_data(network, tensor));
    }
    return sum;
}

/* penalty->factor / 2 * sum p^2. The product may fit although the sum does not. */
static double l2_penalty(const mlpbn_network *network, const mlpbn__l2_penalty *penalty)
{
    double sum = penalized_squares(network, penalty, R(select_kernels)()->sum_squares);
    if (isfinite(sum))
        return penalty->factor / 2 * sum;
    sum = penalized_squares(network, penalty, R(scaled_squares));
    return penalty->factor / 2 * sum / MLPBN__SQUARE_SCALE / MLPBN__SQUARE_SCALE;
}

mlpbn_status R(metrics)(mlpbn_metrics *metrics, const mlpbn_network *network,
                        const mlpbn_loss_options *options,
                        const mlpbn__l2_penalty *penalty, const mlpbn__loss_sums *sums)
{
    double loss = sums->loss / mlpbn__loss_divisor(options->reduction, sums);
    *metrics = (mlpbn_metrics){
        .n = sums->rows,
        .loss = loss,
        .cost = loss + (penalty ? l2_penalty(network, penalty) : 0),
        .correct = sums->correct,
        .accuracy = sums->rows > 0 ? (double)sums->correct / (double)sums->rows : 0};
    if (isfinite(loss))
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_ENONFINITE, "layer %zu: the loss of its outputs is %g",
                       network->n_layers - 1, loss);
}
