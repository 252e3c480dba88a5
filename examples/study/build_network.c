/* Builds the network: hidden layers with batchnorm and ReLU, then a layer of logits. */
#include "build_network.h"

#include "fatal.h"

static mlpbn_batchnorm_options batchnorm_options(const train_options *options)
{
    /* The defaults are the study's: decay 0.9, starting from the first batch, variance
     * over n. */
    mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    batchnorm.eps = options->bn_eps;
    return batchnorm;
}

static void fill_layers(mlpbn_layer_options *layers, const train_options *options,
                        const mlpbn_batchnorm_options *batchnorm)
{
    for (size_t i = 0; i <= options->n_hidden; i++) {
        bool hidden = i < options->n_hidden;
        mlpbn_layer_options layer =
            MLPBN_LAYER_OPTIONS_INIT(CIFAR_CLASSES, MLPBN_IDENTITY);
        if (hidden) {
            layer.units = options->hidden[i];
            layer.activation = MLPBN_RELU;
            layer.batchnorm = batchnorm;
            layer.dropout = options->dropout;
        }
        layer.init = options->init.method;
        if (layer.init == MLPBN_INIT_NORMAL)
            layer.init_sigma = options->init.sigma;
        layers[i] = layer;
    }
}

mlpbn_network *build_network(const train_options *options, const cifar_data *data)
{
    mlpbn_batchnorm_options batchnorm = batchnorm_options(options);
    mlpbn_layer_options layers[MAX_HIDDEN + 1];
    fill_layers(layers, options, options->batchnorm ? &batchnorm : NULL);

    mlpbn_network_options network_options =
        MLPBN_NETWORK_OPTIONS_INIT(data->train.columns);
    network_options.dtype = options->dtype;

    mlpbn_network *network = NULL;
    require(
        mlpbn_network_create(&network, &network_options, layers, options->n_hidden + 1),
        "network");
    require(mlpbn_network_fit_standardization(network, &data->train), "standardization");
    return network;
}
