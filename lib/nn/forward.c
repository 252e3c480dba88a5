/* The forward pass of a batch, in training and in prediction. */
#include "nn/forward.h"

#include "base/error.h"
#include "nn/input_layer.h"
#include "nn/layer.h"

mlpbn_status R(forward)(const mlpbn__pass *pass, const mlpbn__batch *batch)
{
    const mlpbn_network *network = pass->network;
    mlpbn_status status = R(input_layer)(pass, batch); /* z0 = W0 x */
    for (size_t l = 0; l < network->n_layers && !status; l++)
        status = R(layer_forward)(pass, network->layers + l);
    return R(report_nonfinite_row)(pass, batch, status);
}

void R(read_outputs)(const mlpbn__pass *pass, real *y)
{
    const mlpbn_layer *last = pass->network->layers + pass->network->n_layers - 1;
    const real *a = pass->ws->caches[last->index].a;
    for (size_t i = 0; i < pass->n; i++)
        for (size_t u = 0; u < last->options.units; u++)
            y[i * last->options.units + u] = a[u * pass->ld + i];
}
