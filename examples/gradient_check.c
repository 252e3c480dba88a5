/* The gradient checks of the study that libmlpbn comes from, made again: largest relative
 * errors of each tensor, beside the published ones, for a 4-layer network without and a
 * 9-layer network with batchnorm, on five pictures of which the first 30 numbers are used.
 *
 *   gradient_check [--seed N] [FOLDER]
 *
 * FOLDER holds the CIFAR-10 binary files; else $CIFAR10_DIR does; without either, pictures
 * are drawn. Linked with cifar.c and synthetic.c. */
#include "cifar.h"
#include "synthetic.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURES = 5, COLUMNS = 30, DEPTH = 9, KINDS = 4 };

static const char usage[] =
    "Usage: gradient_check [--seed N] [FOLDER]\n"
    "Compares the gradients of a 4-layer network without and a 9-layer network with\n"
    "batchnorm with differences of the cost, in f32 and in f64, on five pictures.\n"
    "FOLDER holds the CIFAR-10 binary files ($CIFAR10_DIR; fetch_cifar10 downloads\n"
    "them); without one the pictures are drawn. --seed is that of the weights (1).\n"
    "Ends with 1 if an error in f64 is above 1e-6. Those in f32 are rounding, which\n"
    "batchnorm over no more than five rows makes larger from layer to layer.\n";

static _Noreturn void fail(int status, const char *what)
{
    fprintf(stderr, "gradient_check: %s\n", what);
    exit(status);
}

static void check(mlpbn_status status)
{
    if (status != MLPBN_OK)
        fail(1, mlpbn_last_error());
}

/* --- The study ---------------------------------------------------------------------- */

/* Tensors in the order of its tables. */
static const struct {
    mlpbn_tensor_kind kind;
    const char *name;
} kinds[KINDS] = {
    {MLPBN_WEIGHT, "W"}, {MLPBN_BIAS, "b"}, {MLPBN_GAMMA, "gamma"}, {MLPBN_BETA, "beta"}};

typedef struct study {
    const char *name;
    size_t units[DEPTH]; /* up to the first 0 */
    bool batchnorm;      /* before every ReLU */
    size_t layers;       /* that it published */
    double published[DEPTH][KINDS];
} study;

static const study studies[] = {
    {"4 layers, no batchnorm",
     {50, 50, 50, CIFAR_CLASSES},
     false,
     4,
     {{2.0e-4, 8.2e-7}, {8.6e-5, 8.0e-7}, {4.8e-5, 4.7e-7}, {0.514, 4.3e-6}}},
    {"9 layers, batchnorm",
     {50, 30, 20, 20, 10, 10, 10, 10, CIFAR_CLASSES},
     true,
     3,
     {{1.99, 6.9e-7, 1.91, 1.73},
      {1.99, 1.1e-6, 1.2e-6, 9.0e-6},
      {2.3e-6, 1.8e-7, 0, 0}}},
};

/* --- Ours --------------------------------------------------------------------------- */

static mlpbn_network *make_network(const study *s, mlpbn_dtype dtype, uint64_t seed)
{
    const mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(COLUMNS);
    mlpbn_layer_options layers[DEPTH];
    mlpbn_network *network;
    size_t n = 0;
    for (; n < DEPTH && s->units[n] != 0; n++) {
        mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(s->units[n], MLPBN_RELU);
        layer.batchnorm = s->batchnorm ? &batchnorm : NULL;
        layers[n] = layer;
    }
    layers[n - 1].activation = MLPBN_IDENTITY;
    layers[n - 1].batchnorm = NULL;
    options.dtype = dtype;
    options.seed = seed;
    check(mlpbn_network_create(&network, &options, layers, n));
    return network;
}

static mlpbn_gradcheck_report *check_gradients(const study *s, mlpbn_dtype dtype,
                                               uint64_t seed, const mlpbn_rows *train)
{
    mlpbn_network *network = make_network(s, dtype, seed);
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    mlpbn_gradcheck_report *report;
    mlpbn_rows rows = *train;
    check(mlpbn_network_fit_standardization(network, &rows));
    rows.n = rows.n_data = PICTURES;
    loss.lambda = 0.005;
    check(mlpbn_gradcheck(&report, network, &rows, &loss, NULL));
    mlpbn_network_destroy(network);
    return report;
}

/* The error of "layer2.gamma", say; NaN if there is no such tensor. */
static double error_of(const mlpbn_gradcheck_report *report, size_t layer, size_t kind)
{
    static const char *const names[KINDS] = {"weight", "bias", "gamma", "beta"};
    char name[40];
    snprintf(name, sizeof name, "layer%zu.%s", layer, names[kind]);
    for (size_t i = 0; i < mlpbn_gradcheck_results(report); i++) {
        mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
        check(mlpbn_gradcheck_get(&result, report, i));
        if (strcmp(result.name, name) == 0)
            return result.relative_error;
    }
    return (double)NAN;
}

static void print_number(double error)
{
    if (isnan(error))
        printf("%10s", "");
    else
        printf("%10.1e", error);
}

/* A line for each tensor; whether all passed in f64. */
static bool print_table(const study *s, uint64_t seed, const mlpbn_rows *train)
{
    mlpbn_gradcheck_report *f32 = check_gradients(s, MLPBN_F32, seed, train);
    mlpbn_gradcheck_report *f64 = check_gradients(s, MLPBN_F64, seed, train);
    printf("\n%s\n%-10s%10s%10s%10s\n", s->name, "tensor", "published", "f32", "f64");
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t layer = 0; layer < DEPTH; layer++) {
            double narrow = error_of(f32, layer, kind), wide = error_of(f64, layer, kind);
            if (isnan(wide))
                continue;
            printf("%-6s%2zu  ", kinds[kind].name, layer + 1);
            print_number(layer < s->layers ? s->published[layer][kind] : (double)NAN);
            print_number(narrow);
            print_number(wide);
            putchar('\n');
        }
    bool passed = mlpbn_gradcheck_passed(f64);
    mlpbn_gradcheck_destroy(f32);
    mlpbn_gradcheck_destroy(f64);
    return passed;
}

static void load(cifar_data *data, const char *folder)
{
    if (folder ? cifar_load(data, folder, 5000) : synthetic_draw(data, 1))
        return;
    fail(1, data->error);
}

int main(int argc, char **argv)
{
    const char *folder = getenv("CIFAR10_DIR");
    uint64_t seed = 1;
    for (int i = 1; i < argc; i++) {
        char *end = argv[i];
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout) < 0 || fflush(stdout) != 0;
        if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            errno = 0;
            seed = strtoull(argv[++i], &end, 10);
            if (*end != '\0' || end == argv[i] || *argv[i] == '-' || errno != 0)
                fail(2, "--seed: expected a whole number (see --help)");
        } else if (argv[i][0] == '-') {
            fail(2, "unknown argument (see --help)");
        } else {
            folder = argv[i];
        }
    }
    cifar_data data;
    load(&data, folder);
    if (!folder)
        puts("SYNTHETIC DATA: no folder of CIFAR-10 was given.");
    mlpbn_rows train = data.train;
    train.stride = train.columns;
    train.columns = COLUMNS;
    bool passed = true;
    for (size_t i = 0; i < sizeof studies / sizeof *studies; i++)
        passed &= print_table(studies + i, seed, &train);
    cifar_free(&data);
    printf("\nf64: %s\n", passed ? "all below 1e-6" : "FAILED");
    if (fflush(stdout) != 0 || ferror(stdout))
        fail(1, "standard output cannot be written");
    return passed ? 0 : 1;
}
