/* The gradient checks of the study that libmlpbn comes from, made again: largest relative
 * errors of each tensor, beside the published ones, for a 4-layer network without and a
 * 9-layer network with batchnorm, on five pictures of which the first 30 numbers are used.
 *
 *   gradient_check [--seed N] [FOLDER]
 *
 * FOLDER holds the CIFAR-10 binary files; else $CIFAR10_DIR does; without either, pictures
 * are drawn. Linked with cifar.c, exact_cost.c and synthetic.c. */
#include "cifar.h"
#include "study/exact_cost.h"
#include "study/synthetic.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURES = 5, COLUMNS = 30, DEPTH = 9, KINDS = 4 };

static const char usage[] =
    "Usage: gradient_check [--seed N] [FOLDER]\n"
    "Compares the gradients of a 4-layer network without and a 9-layer network with\n"
    "batchnorm with differences of the cost, on five pictures. Columns:\n"
    "  published  what the study found\n"
    "  f32, f64   by mlpbn_gradcheck, in either precision\n"
    "  exact      f64 against differences in long double\n"
    "  x in f32   not a gradient's error: how much it changes, all in f64, when no more\n"
    "             than the standardized pixels are rounded to float. Batchnorm over "
    "five\n"
    "             rows makes it larger from layer to layer, and f32 cannot be below it\n"
    "FOLDER holds the CIFAR-10 binary files ($CIFAR10_DIR; fetch_cifar10 downloads\n"
    "them); without one the pictures are drawn. --seed is that of the weights (1).\n"
    "Ends with 1 if an error is above 1e-6 in f64, or 1e-7 in \"exact\".\n";

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

static const double LAMBDA = 0.005;

/* The largest error of each tensor; NaN where there is none. */
typedef double errors[DEPTH][KINDS];

static void clear(errors worst)
{
    for (size_t layer = 0; layer < DEPTH; layer++)
        for (size_t kind = 0; kind < KINDS; kind++)
            worst[layer][kind] = (double)NAN;
}

static mlpbn_network *make_network(const study *s, mlpbn_dtype dtype, uint64_t seed,
                                   const mlpbn_rows *train)
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
    check(mlpbn_network_fit_standardization(network, train));
    return network;
}

static mlpbn_loss_options study_loss(void)
{
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    loss.lambda = LAMBDA;
    return loss;
}

/* By mlpbn_gradcheck, whose results follow the table of tensors; whether it passed. */
static bool check_gradients(const mlpbn_network *network, const mlpbn_rows *pictures,
                            errors worst)
{
    const mlpbn_loss_options loss = study_loss();
    mlpbn_gradcheck_report *report;
    check(mlpbn_gradcheck(&report, network, pictures, &loss, NULL));
    clear(worst);
    for (size_t i = 0; i + 1 < mlpbn_gradcheck_results(report); i++) { /* x is last */
        mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
        mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
        check(mlpbn_gradcheck_get(&result, report, i));
        check(mlpbn_network_tensor(&tensor, network, i));
        for (size_t kind = 0; kind < KINDS; kind++)
            if (kinds[kind].kind == tensor.kind)
                worst[tensor.layer][kind] = result.relative_error;
    }
    bool passed = mlpbn_gradcheck_passed(report);
    mlpbn_gradcheck_destroy(report);
    return passed;
}

/* The gradient in double, a copy of the whole array. */
static double *gradient(const mlpbn_network *network, const mlpbn_rows *rows, size_t *n)
{
    const mlpbn_loss_options loss = study_loss();
    mlpbn_workspace *workspace;
    double *g;
    check(mlpbn_workspace_create(&workspace, network, NULL));
    check(mlpbn_gradient(network, workspace, rows, &loss, NULL));
    check(mlpbn_workspace_gradients_f64(&g, n, workspace));
    double *copy = calloc(*n, sizeof *copy);
    if (!copy)
        fail(1, "no memory for a gradient");
    memcpy(copy, g, *n * sizeof *copy);
    mlpbn_workspace_destroy(workspace);
    return copy;
}

static double largest(const double *g, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(g[i]));
    return most;
}

/* Another value of element `e` of a tensor's gradient, whose own stands at `place`. */
typedef double other_value(void *context, size_t tensor, size_t e, size_t place);

/* The measure of mlpbn_gradcheck, between a gradient and other values. */
static void compare(const mlpbn_network *network, const double *g, size_t n,
                    other_value *other, void *context, errors worst)
{
    const double floor = 1e-4 * largest(g, n);
    clear(worst);
    for (size_t t = 0; t < mlpbn_network_tensors(network); t++) {
        mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
        size_t kind = 0;
        check(mlpbn_network_tensor(&tensor, network, t));
        while (kind < KINDS && kinds[kind].kind != tensor.kind)
            kind++;
        for (size_t e = 0; kind < KINDS && e < tensor.rows * tensor.columns; e++) {
            size_t place =
                tensor.offset + e / tensor.columns * tensor.stride + e % tensor.columns;
            double value = other(context, t, e, place);
            double size = fmax(fmax(fabs(g[place]), fabs(value)), floor);
            worst[tensor.layer][kind] =
                fmax(worst[tensor.layer][kind], fabs(g[place] - value) / size);
        }
    }
}

static double exact_value(void *context, size_t tensor, size_t e, size_t place)
{
    (void)place;
    return (double)exact_cost_derivative(context, tensor, e);
}

static double value_at(void *context, size_t tensor, size_t e, size_t place)
{
    (void)tensor, (void)e;
    return ((const double *)context)[place];
}

/* The gradient by the standardized pixels rounded to float. */
static double *rounded_gradient(const mlpbn_network *network, const mlpbn_rows *pictures,
                                size_t *n)
{
    double mean[COLUMNS], std[COLUMNS];
    float x[PICTURES * COLUMNS];
    mlpbn_network *copy;
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, PICTURES, COLUMNS);
    rows.labels = pictures->labels;
    check(mlpbn_network_get_standardization(network, mean, std, COLUMNS));
    check(mlpbn_network_clone(&copy, network, MLPBN_F64));
    check(mlpbn_network_set_standardization(copy, NULL, NULL, 0));
    for (size_t i = 0; i < PICTURES * COLUMNS; i++) {
        size_t j = i % COLUMNS;
        const uint8_t *row =
            (const uint8_t *)pictures->data + i / COLUMNS * pictures->stride;
        x[i] = (float)((row[j] - mean[j]) / std[j]);
    }
    double *g = gradient(copy, &rows, n);
    mlpbn_network_destroy(copy);
    return g;
}

/* Two columns: against differences in long double, and what rounding x changes. Whether
 * those of the first pass. */
static bool measure_exactly(const mlpbn_network *network, const mlpbn_rows *pictures,
                            errors exact, errors rounded)
{
    size_t n;
    exact_cost *cost = exact_cost_new(network, pictures, LAMBDA);
    double *g = gradient(network, pictures, &n);
    double *other = rounded_gradient(network, pictures, &n);
    if (!cost)
        fail(1, "no memory for the cost in long double");
    compare(network, g, n, exact_value, cost, exact);
    compare(network, g, n, value_at, other, rounded);
    exact_cost_free(cost);
    free(g);
    free(other);
    bool passed = true;
    for (size_t layer = 0; layer < DEPTH; layer++)
        for (size_t kind = 0; kind < KINDS; kind++)
            passed &= isnan(rounded[layer][kind]) || exact[layer][kind] <= 1e-7;
    return passed || LDBL_MANT_DIG <= DBL_MANT_DIG; /* then it is no better */
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
    mlpbn_network *narrow = make_network(s, MLPBN_F32, seed, train);
    mlpbn_network *wide = make_network(s, MLPBN_F64, seed, train);
    mlpbn_rows pictures = *train;
    errors f32, f64, exact, rounded;
    pictures.n = pictures.n_data = PICTURES;
    check_gradients(narrow, &pictures, f32);
    bool passed = check_gradients(wide, &pictures, f64);
    passed &= measure_exactly(wide, &pictures, exact, rounded);
    printf("\n%s\n%-10s%10s%10s%10s%10s%10s\n", s->name, "tensor", "published",
           "x in f32", "f32", "exact", "f64");
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t layer = 0; layer < DEPTH; layer++) {
            if (isnan(f64[layer][kind]))
                continue;
            printf("%-6s%2zu  ", kinds[kind].name, layer + 1);
            print_number(layer < s->layers ? s->published[layer][kind] : (double)NAN);
            print_number(rounded[layer][kind]);
            print_number(f32[layer][kind]);
            print_number(exact[layer][kind]);
            print_number(f64[layer][kind]);
            putchar('\n');
        }
    mlpbn_network_destroy(narrow);
    mlpbn_network_destroy(wide);
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
    printf("\nf64: %s\n", passed ? "all below 1e-6, exactly below 1e-7" : "FAILED");
    if (fflush(stdout) != 0 || ferror(stdout))
        fail(1, "standard output cannot be written");
    return passed ? 0 : 1;
}
