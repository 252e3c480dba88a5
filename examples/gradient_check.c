/* Checks the gradients of two networks by finite differences of the cost, with mlpbn_gradcheck,
 * and prints the largest relative error of each tensor; gradient_check --help tells more.
 * study/gradient_study.c has the networks and errors of the study that libmlpbn comes from. */
#include "cifar.h"
#include "study/data_source.h"
#include "study/cli.h"
#include "study/fatal.h"
#include "study/gradient_study.h"

#include <math.h>
#include <stdio.h>

enum { PICTURES = 5 };

typedef struct gradient_options {
    const char *data;
    uint64_t seed;
} gradient_options;

static const cli_option table[] = {
    {"--data", "DIR", cli_set_text, offsetof(gradient_options, data), 0, 0,
     CLI_DATA_HELP},
    {"--seed", "N", cli_set_whole, offsetof(gradient_options, seed), 0, 1e18,
     "of weights (1)"},
};

static mlpbn_network *make_network(const gradient_case *c, mlpbn_dtype dtype,
                                   uint64_t seed, const mlpbn_rows *train)
{
    const mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(train->columns);
    mlpbn_layer_options layers[GRADIENT_LAYERS];
    mlpbn_network *network;
    for (size_t i = 0; i < c->layers; i++) {
        mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(c->units[i], MLPBN_RELU);
        layer.batchnorm = c->batchnorm ? &batchnorm : NULL;
        layers[i] = layer;
    }
    layers[c->layers - 1].activation = MLPBN_IDENTITY; /* logits */
    layers[c->layers - 1].batchnorm = NULL;
    options.dtype = dtype;
    options.seed = seed;
    require(mlpbn_network_create(&network, &options, layers, c->layers), "network");
    require(mlpbn_network_fit_standardization(network, train), "standardization");
    return network;
}

/* Fills in the error of each tensor; returns whether all passed and none was skipped. Result i
 * of a report is that of tensor i. */
static bool check_gradients(gradient_errors errors, const mlpbn_network *network,
                            const mlpbn_rows *pictures)
{
    const mlpbn_loss_options loss = gradient_loss();
    mlpbn_gradcheck_report *report;
    require(mlpbn_gradcheck(&report, network, pictures, &loss, NULL), "gradient check");
    gradient_errors_clear(errors);
    for (size_t i = 0; i + 1 < mlpbn_gradcheck_results(report);
         i++) { /* the last is that of x */
        mlpbn_gradcheck_result result = MLPBN_GRADCHECK_RESULT_INIT;
        require(mlpbn_gradcheck_get(&result, report, i), "result");
        double *error = gradient_error_of(errors, network, i);
        if (error)
            *error = result.relative_error;
    }
    bool passed = mlpbn_gradcheck_passed(report) && mlpbn_gradcheck_skipped(report) == 0;
    mlpbn_gradcheck_destroy(report);
    return passed;
}

/* Prints a line for each tensor; returns whether all passed in f64. */
static bool check_case(const gradient_case *c, uint64_t seed, const mlpbn_rows *train)
{
    mlpbn_network *network_f32 = make_network(c, MLPBN_F32, seed, train);
    mlpbn_network *network_f64 = make_network(c, MLPBN_F64, seed, train);
    mlpbn_rows pictures = *train;
    gradient_errors f32, f64, exact, rounded;
    pictures.n = pictures.n_data = PICTURES;
    check_gradients(f32, network_f32, &pictures);
    bool passed = check_gradients(f64, network_f64, &pictures);
    passed &= gradient_errors_exact(exact, network_f64, &pictures);
    gradient_errors_rounded(rounded, network_f64, &pictures);
    gradient_table_print(c, rounded, f32, exact, f64);
    mlpbn_network_destroy(network_f32);
    mlpbn_network_destroy(network_f64);
    return passed;
}

static const char purpose[] =
    "Compares the gradients of a 4-layer network without and a 9-layer network with\n"
    "batchnorm with differences of the cost, on five pictures of which the first 30\n"
    "values are used. Defaults stand in parentheses.\n";

int main(int argc, char **argv)
{
    program_name = "gradient_check";
    gradient_options options = {NULL, 1};
    const cli_program program = {.purpose = purpose,
                                 .notes = GRADIENT_TABLE_NOTE,
                                 .groups = {CLI_GROUP(table, &options)}};
    cli_parse(&program, argc, argv);
    data_source source;
    data_source_load(&source, options.data, 5000);
    if (source.synthetic)
        puts("SYNTHETIC DATA: no folder of CIFAR-10 was given.");

    mlpbn_rows train = source.data.train;
    train.stride = train.columns;
    train.columns = GRADIENT_COLUMNS;
    bool passed = true;
    for (size_t i = 0; i < GRADIENT_CASES; i++)
        passed &= check_case(gradient_cases + i, options.seed, &train);
    printf("\nf64: %s\n",
           passed ? "all below 1e-6, and below 1e-7 against long double" : "FAILED");
    flush_stdout();
    data_source_free(&source);
    return passed ? 0 : 1;
}
