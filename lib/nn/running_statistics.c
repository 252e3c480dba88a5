/* Updates of running statistics by the moments of one batch, or by those of a whole data
 * set. */
#include "nn/real_ops.h"

#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/activation.h"
#include "nn/input_layer.h"
#include "nn/layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The variance that the layer stores, from one that was divided by n. */
static double stored_variance(const mlpbn_batchnorm_options *options, size_t n,
                              double variance)
{
    return options->unbiased_running_variance ? variance * (double)n / (double)(n - 1)
                                              : variance;
}

static void commit_unit(mlpbn_layer *layer, size_t u, size_t n,
                        const mlpbn__moments *batch)
{
    const mlpbn_batchnorm_options *options = &layer->batchnorm.options;
    real *mean = mlpbn__layer_data(layer, MLPBN_RUNNING_MEAN);
    real *variance = mlpbn__layer_data(layer, MLPBN_RUNNING_VAR);
    int starts = options->start_from_first_batch && layer->batchnorm.is_initial;
    double decay = starts ? 0 : options->decay;
    double batches = (double)layer->batchnorm.batches;
    if (options->cumulative)
        decay = batches / (batches + 1);
    double batch_variance = stored_variance(options, n, batch->variance);
    mean[u] = (real)(decay * (double)mean[u] + (1 - decay) * batch->mean);
    variance[u] = (real)(decay * (double)variance[u] + (1 - decay) * batch_variance);
}

/* Updates the layers that the pass normalized by batch statistics. */
void R(commit_statistics)(mlpbn_network *network, const mlpbn_workspace *ws)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        mlpbn_layer *layer = network->layers + l;
        if (!layer->options.batchnorm || !ws->caches[l].batch_statistics)
            continue;
        for (size_t u = 0; u < layer->options.units; u++)
            commit_unit(layer, u, ws->pass.n, ws->caches[l].moments + u);
        layer->batchnorm.batches++;
        layer->batchnorm.is_initial = 0;
    }
    network->steps++;
}

/* Computes the input of the layer's batchnorm, in the cache's a. */
static mlpbn_status batchnorm_input(const mlpbn__pass *pass, const mlpbn_layer *layer)
{
    const mlpbn__layer_cache *cache = pass->ws->caches + layer->index;
    const real *bias = R(params_of)(layer).bias;
    R(linear_forward)(pass, layer);
    mlpbn__phase_end(pass->ws->profile, MLPBN_PHASE_FORWARD_MATMUL);
    for (size_t u = 0; u < layer->options.units; u++) {
        mlpbn__unit_tile tile = {u, 1};
        real *a = (real *)cache->a + u * pass->ld;
        R(add_bias)(pass, tile, bias, (const real *)cache->z + u * pass->ld, a);
        if (layer->batchnorm.options.after_activation)
            RETURN_IF_ERROR(R(activation_forward)(pass, layer, tile, a));
        else
            RETURN_IF_ERROR(
                R(check_finite)(pass, layer, tile, a, "before its batchnorm"));
    }
    mlpbn__phase_end(pass->ws->profile, MLPBN_PHASE_FORWARD_EPILOGUE);
    return MLPBN_OK;
}

/* The forward pass up to the batchnorm of layer l; the layers before it use running
 * statistics. */
static mlpbn_status forward_to_batchnorm(const mlpbn__pass *pass,
                                         const mlpbn__batch *batch, size_t l)
{
    RETURN_IF_ERROR(R(input_layer)(pass, batch));
    for (size_t i = 0; i < l; i++)
        RETURN_IF_ERROR(R(layer_forward)(pass, pass->network->layers + i));
    return batchnorm_input(pass, pass->network->layers + l);
}

/* Merges the batch in the cache's a into the moments[units] of the rows before it (Chan, Golub
 * and LeVeque, 1979). */
static void add_moments(const mlpbn__pass *pass, const mlpbn_layer *layer,
                        size_t rows_before, mlpbn__moments *moments)
{
    const R(kernels) *kernels = R(select_kernels)();
    const real *values = pass->ws->caches[layer->index].a;
    double n = (double)pass->n, share = n / (n + (double)rows_before);
    for (size_t u = 0; u < layer->options.units; u++, values += pass->ld) {
        double mean = kernels->mean(pass->n, values), mean_lo;
        double variance =
            kernels->sum_squared_deviations(pass->n, values, mean, &mean_lo) / n;
        mean_lo /= n;
        double delta = mean + mean_lo - moments[u].mean;
        moments[u].variance +=
            share * (variance - mean_lo * mean_lo - moments[u].variance +
                     (1 - share) * delta * delta);
        moments[u].mean += share * delta;
    }
}

static mlpbn_status store_moments(mlpbn_layer *layer, size_t n,
                                  const mlpbn__moments *moments)
{
    real *mean = mlpbn__layer_data(layer, MLPBN_RUNNING_MEAN);
    real *variance = mlpbn__layer_data(layer, MLPBN_RUNNING_VAR);
    for (size_t u = 0; u < layer->options.units; u++) {
        mean[u] = (real)moments[u].mean;
        variance[u] =
            (real)stored_variance(&layer->batchnorm.options, n, moments[u].variance);
        if (!isfinite(mean[u]) || !isfinite(variance[u]))
            return mlpbn__fail(MLPBN_ENONFINITE,
                               "layer %zu: mean %g and variance %g of unit %zu are too "
                               "large or not finite",
                               layer->index, moments[u].mean, moments[u].variance, u);
    }
    layer->batchnorm.is_initial = 0;
    return MLPBN_OK;
}

/* Recomputes the running statistics of layer l from all rows; those of the layers before it
 * are already recomputed. */
static mlpbn_status recompute_layer(mlpbn_network *network, size_t l, mlpbn_workspace *ws,
                                    const mlpbn__batch *rows, mlpbn__moments *moments)
{
    mlpbn_layer *layer = network->layers + l;
    mlpbn__batch batch = *rows;
    memset(moments, 0, layer->options.units * sizeof *moments);
    batch.n = 0;
    while (mlpbn__batch_next(&batch, ws->max_batch)) {
        const mlpbn__pass *pass = mlpbn__pass_begin(network, ws, batch.n, 0);
        mlpbn_status status = forward_to_batchnorm(pass, &batch, l);
        RETURN_IF_ERROR(R(report_nonfinite_row)(pass, &batch, status));
        add_moments(pass, layer, batch.first, moments);
    }
    return store_moments(layer, rows->n, moments);
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

/* Works on a clone, so that the network does not change on an error. */
mlpbn_status R(recompute_statistics)(mlpbn_network *network, mlpbn_workspace *ws,
                                     const mlpbn__batch *rows)
{
    size_t widest = widest_batchnorm(network);
    if (widest == 0)
        return MLPBN_OK;
    mlpbn_network *clone = NULL;
    mlpbn__moments *moments = calloc(widest, sizeof *moments);
    if (!moments)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the moments of %zu units",
                           widest);
    mlpbn_status status = mlpbn__network_clone(&clone, network, network->dtype);
    for (size_t l = 0; l < network->n_layers && !status; l++)
        if (network->layers[l].options.batchnorm)
            status = recompute_layer(clone, l, ws, rows, moments);
    if (!status)
        status = mlpbn__network_copy(network, clone);
    mlpbn__network_free(clone);
    free(moments);
    return status;
}
