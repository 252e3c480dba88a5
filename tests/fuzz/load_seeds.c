/* load_seeds FOLDER: saves valid files there, from which load_corpus.py makes the corpus. */
#include <mlpbn.h>

#include <stdio.h>
#include <stdlib.h>

static const char *folder;

static void require(mlpbn_status status)
{
    if (status == MLPBN_OK)
        return;
    fprintf(stderr, "load_seeds: %s\n", mlpbn_last_error());
    exit(1);
}

static const char *path_of(const char *name)
{
    static char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Creates a network 2-3-2 with batchnorm, before or after this activation. */
static mlpbn_network *create(mlpbn_dtype dtype, mlpbn_activation activation,
                             mlpbn_activation last, int after)
{
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(2);
    mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_PYTORCH_INIT;
    mlpbn_layer_options layers[] = {MLPBN_LAYER_OPTIONS_INIT(3, activation),
                                    MLPBN_LAYER_OPTIONS_INIT(2, last)};
    mlpbn_network *network = NULL;
    options.dtype = dtype;
    batchnorm.after_activation = after;
    layers[0].batchnorm = &batchnorm;
    layers[0].bias = !after;
    require(mlpbn_network_create(&network, &options, layers, 2));
    return network;
}

static void standardize(mlpbn_network *network, double scale)
{
    const double mean[] = {2.385, -0.71}, std[] = {1.61 * scale, 0.4375 * scale};
    require(mlpbn_network_set_standardization(network, mean, std, 2));
}

static void save(mlpbn_network *network, const char *name)
{
    require(mlpbn_network_save(network, path_of(name)));
    mlpbn_network_destroy(network);
}

static void save_checkpoint(void)
{
    static const float x[14] = {2.385F, 0.1F, -3.5F, 1.61F, 0.7F};
    static const int32_t labels[7] = {0, 1, 1};
    mlpbn_optimizer_options optimizer = MLPBN_OPTIMIZER_OPTIONS_INIT;
    mlpbn_sampler_options sampler = MLPBN_SAMPLER_OPTIONS_INIT;
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, 7, 2), batch = rows;
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    mlpbn_workspace *workspace = NULL;
    char state[] = "step 1";
    rows.labels = labels;
    optimizer.kind = MLPBN_ADAM;
    sampler.batch = 2;
    parts.network = create(MLPBN_F32, MLPBN_RELU, MLPBN_IDENTITY, 0);
    require(mlpbn_optimizer_create(&parts.optimizer, parts.network, &optimizer));
    require(mlpbn_sampler_create(&parts.sampler, &rows, &sampler));
    require(mlpbn_workspace_create(&workspace, parts.network, NULL));
    require(mlpbn_sampler_next(&batch, parts.sampler));
    require(
        mlpbn_train_step(parts.network, parts.optimizer, workspace, &batch, NULL, NULL));
    parts.state = state;
    parts.state_size = sizeof state;
    require(mlpbn_checkpoint_save(&parts, path_of("checkpoint")));
    mlpbn_workspace_destroy(workspace);
    mlpbn_sampler_destroy(parts.sampler);
    mlpbn_optimizer_destroy(parts.optimizer);
    mlpbn_network_destroy(parts.network);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : ".";
    save(create(MLPBN_F32, MLPBN_RELU, MLPBN_IDENTITY, 0), "relu");
    save(create(MLPBN_F64, MLPBN_ELU, MLPBN_SOFTMAX, 0), "elu_softmax");
    save(create(MLPBN_F32, MLPBN_LEAKY_RELU, MLPBN_SIGMOID, 1), "after");
    mlpbn_network *network = create(MLPBN_F32, MLPBN_TANH, MLPBN_IDENTITY, 0);
    standardize(network, 1);
    save(network, "standardized");
    network = create(MLPBN_F64, MLPBN_GELU, MLPBN_IDENTITY, 1);
    standardize(network, 1e-4);
    save(network, "small_deviations");
    save_checkpoint();
    return 0;
}
