/* export_cases FOLDER: exports networks of every kind to the folder, and writes rows with the
 * outputs that the library predicts for them:
 *
 *   net7.c, net7.onnx   the network
 *   net7.txt            rows inputs outputs, then x and y of each row, all hexadecimal
 *   cases.h             a line CASE(net7, float) for each network
 *
 * The program runs in the locale of the environment, on which the files must not depend. */
#include <mlpbn.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* MAX_COLUMNS: at least the inputs and the units of any layer */
enum { INPUTS = 9, LAYERS = 3, ROWS = 11, MAX_COLUMNS = 16 };
static const size_t units[LAYERS] = {7, 5, 3};

/* Where a layer has batchnorm, relative to its activation. */
typedef enum position { NONE, BEFORE, AFTER, POSITIONS } position;

typedef struct network_case {
    mlpbn_activation activation;
    mlpbn_dtype dtype;
    position batchnorm;
    int standardized, folded, no_bias;
} network_case;

static void check(mlpbn_status status, const char *what)
{
    if (status == MLPBN_OK)
        return;
    fprintf(stderr, "export_cases: %s: %s\n", what, mlpbn_last_error());
    exit(1);
}

static void expect(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "export_cases: %s\n", what);
    exit(1);
}

/* Returns a value uniform in [-1, 1), from the high bits of a linear congruential generator
 * (Knuth's MMIX). */
static double uniform(void)
{
    static uint64_t state = 2385;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-52 - 1;
}

/* Sets all tensors and the standardization to random values. */
static void fill(mlpbn_network *network)
{
    double values[MAX_COLUMNS * MAX_COLUMNS], mean[INPUTS], std[INPUTS];
    for (size_t t = 0; t < mlpbn_network_n_tensors(network); t++) {
        mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
        check(mlpbn_network_tensor(&tensor, network, t), "tensor");
        const int positive =
            tensor.kind == MLPBN_GAMMA || tensor.kind == MLPBN_RUNNING_VAR;
        for (size_t i = 0; i < tensor.rows * tensor.columns; i++)
            values[i] = positive ? 1 + uniform() / 2 : uniform();
        check(mlpbn_network_set_f64(network, t, values, tensor.rows * tensor.columns),
              "values");
    }
    for (size_t j = 0; j < INPUTS; j++) {
        mean[j] = 2 * uniform();
        std[j] = 1.3 + uniform();
    }
    check(mlpbn_network_set_standardization(network, mean, std, INPUTS), "standardize");
}

static mlpbn_network *make_network(const network_case *k)
{
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(INPUTS);
    mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_layer_options layers[LAYERS];
    mlpbn_network *network = NULL, *folded = NULL;
    batchnorm.after_activation = k->batchnorm == AFTER;
    for (size_t l = 0; l < LAYERS; l++) {
        const int softmax = k->activation == MLPBN_SOFTMAX;
        layers[l] =
            (mlpbn_layer_options)MLPBN_LAYER_OPTIONS_INIT(units[l], k->activation);
        if (softmax && l + 1 < LAYERS)
            layers[l].activation = MLPBN_RELU;
        if (k->batchnorm != NONE && !(softmax && l + 1 == LAYERS))
            layers[l].batchnorm = &batchnorm;
        layers[l].bias = !k->no_bias;
        if (k->activation == MLPBN_LEAKY_RELU || k->activation == MLPBN_ELU)
            layers[l].alpha = 0.2385;
    }
    options.dtype = k->dtype;
    check(mlpbn_network_create(&network, &options, layers, LAYERS), "network");
    fill(network);
    if (!k->standardized)
        check(mlpbn_network_set_standardization(network, NULL, NULL, 0), "standardize");
    if (!k->folded)
        return network;
    check(mlpbn_fold(&folded, network, NULL, NULL), "fold");
    mlpbn_network_destroy(network);
    return folded;
}

/* Computes the outputs y of the network for x, in double. */
static void predict(const mlpbn_network *network, const double *x, double *y)
{
    mlpbn_workspace *workspace = NULL;
    const mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, ROWS, INPUTS);
    float singles[ROWS * MAX_COLUMNS];
    const size_t n = ROWS * mlpbn_network_outputs(network);
    check(mlpbn_workspace_create(&workspace, network, NULL), "workspace");
    if (mlpbn_network_dtype(network) == MLPBN_F64) {
        check(mlpbn_predict_f64(network, workspace, &rows, y), "predict");
    } else {
        check(mlpbn_predict_f32(network, workspace, &rows, singles), "predict");
        for (size_t i = 0; i < n; i++)
            y[i] = (double)singles[i];
    }
    mlpbn_workspace_destroy(workspace);
}

static void write_rows(const char *path, const double *x, const double *y, size_t outputs)
{
    FILE *file = fopen(path, "w");
    expect(file != NULL, path);
    fprintf(file, "%d %d %zu\n", ROWS, INPUTS, outputs);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < INPUTS; j++)
            fprintf(file, "%a ", x[i * INPUTS + j]);
        for (size_t k = 0; k < outputs; k++)
            fprintf(file, "%a ", y[i * outputs + k]);
        fprintf(file, "\n");
    }
    expect(fclose(file) == 0, path);
}

static void write_case(const char *folder, FILE *list, const network_case *k, int number)
{
    char path[400], name[20];
    mlpbn_export_c_options options = MLPBN_EXPORT_C_OPTIONS_INIT;
    mlpbn_network *network = make_network(k);
    double x[ROWS * INPUTS], y[ROWS * MAX_COLUMNS];
    for (size_t i = 0; i < ROWS * INPUTS;
         i++) /* values of float, which all programs read exactly */
        x[i] = (double)(float)(3 * uniform());
    predict(network, x, y);
    snprintf(name, sizeof name, "net%d", number);
    options.name = name;
    snprintf(path, sizeof path, "%s/%s.c", folder, name);
    check(mlpbn_export_c(network, path, &options), path);
    snprintf(path, sizeof path, "%s/%s.onnx", folder, name);
    check(mlpbn_export_onnx(network, path, NULL), path);
    snprintf(path, sizeof path, "%s/%s.txt", folder, name);
    setlocale(LC_NUMERIC, "C");
    write_rows(path, x, y, mlpbn_network_outputs(network));
    setlocale(LC_NUMERIC, "");
    fprintf(list, "CASE(%s, %s)\n", name, k->dtype == MLPBN_F32 ? "float" : "double");
    mlpbn_network_destroy(network);
}

int main(int argc, char **argv)
{
    char path[400];
    int number = 0;
    setlocale(LC_ALL, "");
    expect(argc == 2, "expected a folder");
    snprintf(path, sizeof path, "%s/cases.h", argv[1]);
    FILE *list = fopen(path, "w");
    expect(list != NULL, path);
    for (int activation = MLPBN_IDENTITY; activation < MLPBN__ACTIVATION_END;
         activation++)
        for (int batchnorm = NONE; batchnorm < POSITIONS; batchnorm++)
            for (int is_f64 = 0; is_f64 < 2; is_f64++, number++) {
                const network_case k = {.activation = (mlpbn_activation)activation,
                                        .dtype = is_f64 ? MLPBN_F64 : MLPBN_F32,
                                        .batchnorm = (position)batchnorm,
                                        .standardized = number % 3 > 0,
                                        .folded = (activation + is_f64) % 2,
                                        .no_bias = number % 5 == 0};
                write_case(argv[1], list, &k, number);
            }
    expect(fclose(list) == 0, path);
    return 0;
}
