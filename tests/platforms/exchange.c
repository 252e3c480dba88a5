/* exchange write|read FOLDER: writes networks, a checkpoint and ONNX files whose parameters are
 * known, or reads such files, of this or of another processor, and compares what they contain. */
#include <mlpbn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder;

static void expect(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "exchange: %s: %s\n", what, mlpbn_last_error());
    exit(1);
}

static mlpbn_network *make_network(mlpbn_dtype dtype)
{
    mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(3);
    mlpbn_layer_options layers[] = {MLPBN_LAYER_OPTIONS_INIT(5, MLPBN_TANH),
                                    MLPBN_LAYER_OPTIONS_INIT(2, MLPBN_IDENTITY)};
    mlpbn_network *network = NULL;
    options.dtype = dtype;
    layers[0].batchnorm = &batchnorm;
    expect(!mlpbn_network_create(&network, &options, layers, 2), "create");
    return network;
}

/* Sets the parameters to numbers that depend on their place only, or compares them. No function
 * of the math library is used, which would round differently elsewhere. */
static void visit(mlpbn_network *network, int compares)
{
    const int is_double = mlpbn_network_dtype(network) == MLPBN_F64;
    float *f32 = NULL;
    double *f64 = NULL;
    size_t n, wrong = 0;
    expect(!(is_double ? mlpbn_network_parameters_f64(&f64, &n, network)
                       : mlpbn_network_parameters_f32(&f32, &n, network)),
           "parameters");
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++) {
        double values[64] = {0};
        mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
        expect(!mlpbn_network_tensor(&tensor, network, i), "tensor");
        n = tensor.rows * tensor.columns;
        expect(n <= 64 && !mlpbn_network_get_f64(network, i, values, n), "get");
        for (size_t j = 0; j < n; j++) {
            const double value = (double)(385 + 1009 * i + 37 * j) / 2048;
            wrong += values[j] != value;
            values[j] = value;
        }
        expect(compares || !mlpbn_network_set_f64(network, i, values, n), "set");
    }
    expect(!compares || wrong == 0, "other parameters");
}

static const char *path_of(const char *name, mlpbn_dtype dtype)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s_%s", folder, dtype == MLPBN_F64 ? "f64" : "f32",
             name);
    return path;
}

/* The parts of a checkpoint; the sampler has drawn a batch in the middle of an epoch. */
static mlpbn_checkpoint make_parts(mlpbn_network *network)
{
    static const float x[7][3];
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, 7, 3),
               batch = MLPBN_ROWS_INIT(NULL, 0, 0, 0);
    mlpbn_optimizer_options adam = MLPBN_OPTIMIZER_OPTIONS_INIT;
    mlpbn_sampler_options sampling = MLPBN_SAMPLER_OPTIONS_INIT;
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    adam.kind = MLPBN_ADAM;
    sampling.batch = 3;
    parts.network = network;
    expect(!mlpbn_optimizer_create(&parts.optimizer, network, &adam) &&
               !mlpbn_sampler_create(&parts.sampler, &rows, &sampling) &&
               !mlpbn_sampler_next(&batch, parts.sampler),
           "parts");
    return parts;
}

static void write_all(mlpbn_dtype dtype)
{
    mlpbn_network *network = make_network(dtype);
    visit(network, 0);
    expect(!mlpbn_export_onnx(network, path_of("onnx", dtype), NULL), "export");
    expect(!mlpbn_network_save(network, path_of("network", dtype)), "save");
    mlpbn_checkpoint parts = make_parts(network);
    expect(!mlpbn_optimizer_set_learning_rate(parts.optimizer, 0.0385), "rate");
    expect(!mlpbn_checkpoint_save(&parts, path_of("checkpoint", dtype)), "checkpoint");
}

static void read_all(mlpbn_dtype dtype)
{
    mlpbn_network *network = NULL;
    expect(!mlpbn_import_onnx(&network, path_of("onnx", dtype)), "import");
    expect(!mlpbn_network_load(&network, path_of("network", dtype), NULL), "load");
    visit(network, 1);
    mlpbn_checkpoint parts = make_parts(make_network(dtype));
    expect(!mlpbn_checkpoint_load(&parts, path_of("checkpoint", dtype)), "resume");
    visit(parts.network, 1);
    expect(mlpbn_optimizer_learning_rate(parts.optimizer) == (double)0.0385,
           "other rate");
}

int main(int argc, char **argv)
{
    expect(argc == 3, "expected write or read and a folder");
    folder = argv[2];
    for (int i = 0; i < 2; i++)
        (strcmp(argv[1], "write") == 0 ? write_all : read_all)(i ? MLPBN_F64 : MLPBN_F32);
    return 0;
}
