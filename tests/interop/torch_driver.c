/* The commands of libmlpbn for tests/interop/torch_files.py:
 *
 *   make DTYPE ACTIVATION PRESET FILE       saves a network that was trained a little
 *   convert ACTIVATION PRESET FROM TO       loads a file of PyTorch, saves one of libmlpbn
 *   predict FILE X Y                        rows of doubles, in files without a header
 *   train FROM TO X LABELS STEPS            SGD with momentum, batch after batch
 *
 * Networks are 7-9-5: standardized, with batchnorm in the hidden layer. ACTIVATION and PRESET
 * are numbers; a PRESET above 4 has batchnorm after the activation. */
#include <mlpbn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 7, HIDDEN = 9, OUTPUTS = 5, BATCH = 20, PRESETS = 4 };

static void require(mlpbn_status status)
{
    if (status == MLPBN_OK)
        return;
    fprintf(stderr, "torch_driver: %s\n", mlpbn_last_error());
    exit(1);
}

/* Reads a whole file. */
static void *read_file(const char *path, size_t *n)
{
    enum { MAX_SIZE = 1 << 22 };
    char *bytes = malloc(MAX_SIZE);
    FILE *file = fopen(path, "rb");
    if (!bytes || !file) {
        perror(path);
        exit(1);
    }
    *n = fread(bytes, 1, MAX_SIZE, file);
    fclose(file);
    return bytes;
}

static mlpbn_batchnorm_options batchnorm_of(int preset)
{
    static const mlpbn_batchnorm_options presets[PRESETS] = {
        MLPBN_BATCHNORM_OPTIONS_INIT, MLPBN_BATCHNORM_PYTORCH_INIT,
        MLPBN_BATCHNORM_KERAS_INIT, MLPBN_BATCHNORM_ONNX_INIT};
    mlpbn_batchnorm_options batchnorm = presets[preset % PRESETS];
    batchnorm.after_activation = preset >= PRESETS;
    return batchnorm;
}

static void fill_layers(mlpbn_layer_options layers[2], mlpbn_activation activation,
                        const mlpbn_batchnorm_options *batchnorm)
{
    int is_softmax = activation == MLPBN_SOFTMAX;
    layers[0] = (mlpbn_layer_options)MLPBN_LAYER_OPTIONS_INIT(
        HIDDEN, is_softmax ? MLPBN_TANH : activation);
    layers[1] = (mlpbn_layer_options)MLPBN_LAYER_OPTIONS_INIT(
        OUTPUTS, is_softmax ? activation : MLPBN_IDENTITY);
    if (activation == MLPBN_LEAKY_RELU || activation == MLPBN_ELU)
        layers[0].alpha = 0.2385;
    layers[0].batchnorm = batchnorm;
}

/* Trains on the batches of the rows, in order. */
static void train(mlpbn_network *network, const mlpbn_rows *rows, int steps)
{
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    mlpbn_sampler_options sampling = MLPBN_SAMPLER_OPTIONS_INIT;
    mlpbn_optimizer *optimizer = NULL;
    mlpbn_sampler *sampler = NULL;
    mlpbn_workspace *workspace = NULL;
    mlpbn_rows batch = *rows;
    options.learning_rate = 0.0385;
    options.momentum = 0.873;
    sampling.batch = BATCH;
    sampling.shuffle = 0;
    require(mlpbn_optimizer_create(&optimizer, network, &options));
    require(mlpbn_sampler_create(&sampler, rows, &sampling));
    require(mlpbn_workspace_create(&workspace, network, NULL));
    while (steps > 0) {
        require(mlpbn_sampler_next(&batch, sampler));
        if (batch.n == 0)
            continue;
        require(mlpbn_train_step(network, optimizer, workspace, &batch, NULL, NULL));
        steps--;
    }
    mlpbn_workspace_destroy(workspace);
    mlpbn_sampler_destroy(sampler);
    mlpbn_optimizer_destroy(optimizer);
}

static void make(char **arguments)
{
    enum { ROWS = 100 };
    static double x[ROWS * INPUTS];
    static int32_t labels[ROWS];
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(INPUTS);
    mlpbn_batchnorm_options batchnorm = batchnorm_of(atoi(arguments[2]));
    mlpbn_layer_options layers[2];
    mlpbn_network *network = NULL;
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, ROWS, INPUTS);
    for (int i = 0; i < ROWS * INPUTS; i++)
        x[i] = (i * 7919 % 1009) / 173. - 2.385 + i % INPUTS;
    for (int i = 0; i < ROWS; i++)
        labels[i] = i * 31 % 17 % OUTPUTS;
    rows.labels = labels;
    fill_layers(layers, (mlpbn_activation)atoi(arguments[1]), &batchnorm);
    options.dtype = strcmp(arguments[0], "F64") == 0 ? MLPBN_F64 : MLPBN_F32;
    options.seed = 71;
    require(mlpbn_network_create(&network, &options, layers, 2));
    require(mlpbn_network_fit_standardization(network, &rows));
    train(network, &rows, 30);
    require(mlpbn_network_save(network, arguments[3]));
    mlpbn_network_destroy(network);
}

static void convert(char **arguments)
{
    mlpbn_batchnorm_options batchnorm = batchnorm_of(atoi(arguments[1]));
    mlpbn_layer_options layers[2];
    mlpbn_load_options options = MLPBN_LOAD_OPTIONS_INIT;
    mlpbn_network *network = NULL;
    fill_layers(layers, (mlpbn_activation)atoi(arguments[0]), &batchnorm);
    options.layers = layers;
    options.n_layers = 2;
    require(mlpbn_network_load(&network, arguments[2], &options));
    require(mlpbn_network_save(network, arguments[3]));
    mlpbn_network_destroy(network);
}

static mlpbn_rows read_rows(const char *path)
{
    size_t n;
    void *x = read_file(path, &n);
    return (mlpbn_rows)MLPBN_ROWS_INIT(x, MLPBN_F64, n / INPUTS / sizeof(double), INPUTS);
}

static void predict(char **arguments)
{
    mlpbn_network *network = NULL;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *workspace = NULL;
    mlpbn_rows rows = read_rows(arguments[1]);
    FILE *file = fopen(arguments[2], "wb");
    double *y = calloc(rows.n * OUTPUTS, sizeof *y);
    float *single = calloc(rows.n * OUTPUTS, sizeof *single);
    options.max_batch = rows.n;
    require(mlpbn_network_load(&network, arguments[0], NULL));
    require(mlpbn_workspace_create(&workspace, network, &options));
    if (mlpbn_network_dtype(network) == MLPBN_F64) {
        require(mlpbn_predict_f64(network, workspace, &rows, y));
    } else {
        require(mlpbn_predict_f32(network, workspace, &rows, single));
        for (size_t i = 0; i < rows.n * OUTPUTS; i++)
            y[i] = (double)single[i];
    }
    if (!file || fwrite(y, sizeof *y, rows.n * OUTPUTS, file) != rows.n * OUTPUTS ||
        fclose(file) != 0) {
        perror(arguments[2]);
        exit(1);
    }
}

static void continue_training(char **arguments)
{
    size_t n;
    mlpbn_network *network = NULL;
    mlpbn_rows rows = read_rows(arguments[2]);
    rows.labels = read_file(arguments[3], &n);
    require(mlpbn_network_load(&network, arguments[0], NULL));
    train(network, &rows, atoi(arguments[4]));
    require(mlpbn_network_save(network, arguments[1]));
}

static const struct {
    const char *name;
    int arguments;
    void (*run)(char **arguments);
} commands[] = {{"make", 4, make},
                {"convert", 4, convert},
                {"predict", 3, predict},
                {"train", 5, continue_training}};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (argc > 1 && strcmp(argv[1], commands[i].name) == 0 &&
            argc == commands[i].arguments + 2) {
            commands[i].run(argv + 2);
            return 0;
        }
    fputs("torch_driver: unknown command\n", stderr);
    return 2;
}
