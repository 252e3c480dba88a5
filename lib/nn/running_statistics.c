/* Running statistics: by those of a batch, step by step, or by those of a whole data set. */
#include "base/error.h"
#include "kernel/kernels.h"
#include "nn/real_ops.h"

#include <math.h>

/* What the layer stores of a variance that was divided by n. */
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

void R(commit_statistics)(mlpbn_network *network, const mlpbn_workspace *ws)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        mlpbn_layer *layer = network->layers + l;
        if (!layer->options.batchnorm || layer->batchnorm.frozen)
            continue;
        for (size_t u = 0; u < layer->options.units; u++)
            commit_unit(layer, u, ws->n, ws->traces[l].moments + u);
        layer->batchnorm.batches++;
        layer->batchnorm.is_initial = 0;
    }
    network->steps++;
}

/* Batch by batch (Chan, Golub and LeVeque, 1979); in prediction all is in the trace's a. */
void R(add_moments)(const mlpbn_layer *layer, const mlpbn_workspace *ws, size_t before,
                    mlpbn__moments *moments)
{
    const R(kernels) *kernels = R(select_kernels)();
    double n = (double)ws->n, share = n / (n + (double)before);
    for (size_t u = 0; u < layer->options.units; u++) {
        const real *row = (const real *)ws->traces[layer->index].a + u * ws->ld;
        double mean = kernels->sum(ws->n, row) / n, rest;
        double variance = kernels->sum_squared_deviations(ws->n, row, mean, &rest) / n;
        rest /= n;
        double distance = mean + rest - moments[u].mean;
        moments[u].variance += share * (variance - rest * rest - moments[u].variance +
                                        (1 - share) * distance * distance);
        moments[u].mean += share * distance;
    }
}

mlpbn_status R(set_statistics)(mlpbn_layer *layer, size_t n,
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
