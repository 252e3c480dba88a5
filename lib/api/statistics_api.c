#include "api/batch.h"
#include "api/check.h"
#include "nn/typed_ops.h"

#include <mlpbn/train.h>

#include <stdlib.h>
#include <string.h>

/* Over all rows, what one layer's batchnorm normalizes. */
static mlpbn_status recompute_layer(mlpbn_network *copy, size_t l, mlpbn_workspace *ws,
                                    mlpbn__batch batch, mlpbn__moments *moments)
{
    const mlpbn__typed_ops *passes = mlpbn__typed_ops_of(copy->dtype);
    mlpbn_layer *layer = copy->layers + l;
    size_t n = batch.rows.n;
    mlpbn_status status = MLPBN_OK;
    memset(moments, 0, layer->options.units * sizeof *moments);
    while (!status && mlpbn__batch_next(&batch, ws->max_batch)) {
        status = passes->input_layer(copy, ws, &batch);
        if (!status)
            status = passes->batchnorm_input(copy, ws, l);
        status = passes->report_nonfinite_row(copy, ws, &batch, status);
        if (!status)
            passes->add_moments(layer, ws, batch.first, moments);
    }
    return status ? status : passes->set_statistics(layer, n, moments);
}

static size_t widest_batchnorm(const mlpbn_network *network)
{
    size_t widest = 0;
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn_layer_options *layer = &network->layers[l].options;
        if (layer->batchnorm && layer->units > widest)
            widest = layer->units;
    }
    return widest;
}

static mlpbn_status recompute(mlpbn_network *network, mlpbn_workspace *ws,
                              const mlpbn__batch *batch, size_t widest)
{
    mlpbn_network *copy = NULL;
    mlpbn__moments *moments = calloc(widest, sizeof *moments);
    if (!moments)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the moments of %zu units",
                           widest);
    mlpbn_status status = mlpbn__network_clone(&copy, network, network->dtype);
    for (size_t l = 0; l < network->n_layers && !status; l++)
        if (network->layers[l].options.batchnorm)
            status = recompute_layer(copy, l, ws, *batch, moments);
    if (!status)
        status = mlpbn__network_copy(network, copy);
    mlpbn__network_free(copy);
    free(moments);
    return status;
}

mlpbn_status mlpbn_recompute_statistics(mlpbn_network *network,
                                        mlpbn_workspace *workspace,
                                        const mlpbn_rows *rows)
{
    mlpbn__batch batch;
    mlpbn_status status = mlpbn__batch_read(&batch, network, workspace, rows, SIZE_MAX);
    if (status)
        return status;
    if (batch.rows.n < 2)
        return mlpbn__fail(MLPBN_EBATCH, "rows: expected at least 2 rows, got %zu",
                           batch.rows.n);
    batch.n = 0;
    size_t widest = widest_batchnorm(network);
    return widest > 0 ? recompute(network, workspace, &batch, widest) : MLPBN_OK;
}
