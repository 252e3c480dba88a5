/* import_onnx FILE.onnx FILE.txt: imports the network, and compares its outputs with the rows of
 * FILE.txt, which has the format of export_cases. They may differ by 1e-5 of the largest. */
#include <mlpbn.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_ELEMENTS = 1000 }; /* of x, and of y */

static void expect(int condition, const char *file, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "%s: %s\n", file, what);
    exit(1);
}

static void read_row(FILE *file, const char *name, double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect(fscanf(file, "%la", &values[i]) == 1, name, "a row is short");
}

/* Computes the outputs y of the network for x, [n][inputs], in double. */
static void predict(const char *name, const mlpbn_network *network, const double *x,
                    size_t n, double *y)
{
    static float singles[MAX_ELEMENTS];
    mlpbn_workspace *workspace = NULL;
    const size_t inputs = mlpbn_network_inputs(network);
    const mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, n, inputs);
    mlpbn_status status = mlpbn_workspace_create(&workspace, network, NULL);
    if (!status && mlpbn_network_dtype(network) == MLPBN_F64)
        status = mlpbn_predict_f64(network, workspace, &rows, y);
    else if (!status)
        status = mlpbn_predict_f32(network, workspace, &rows, singles);
    expect(status == MLPBN_OK, name, mlpbn_last_error());
    for (size_t i = 0; mlpbn_network_dtype(network) == MLPBN_F32 &&
                       i < n * mlpbn_network_outputs(network);
         i++)
        y[i] = (double)singles[i];
    mlpbn_workspace_destroy(workspace);
}

int main(int argc, char **argv)
{
    static double x[MAX_ELEMENTS], y[MAX_ELEMENTS], expected[MAX_ELEMENTS];
    size_t n = 0, inputs = 0, outputs = 0;
    mlpbn_network *network = NULL;
    expect(argc == 3, "import_onnx", "expected two files");
    expect(mlpbn_import_onnx(&network, argv[1]) == MLPBN_OK, argv[1], mlpbn_last_error());

    FILE *file = fopen(argv[2], "r");
    expect(file && fscanf(file, "%zu %zu %zu", &n, &inputs, &outputs) == 3, argv[2],
           "cannot be read");
    expect(n > 0 && n * inputs <= MAX_ELEMENTS && n * outputs <= MAX_ELEMENTS, argv[2],
           "too large");
    expect(inputs == mlpbn_network_inputs(network) &&
               outputs == mlpbn_network_outputs(network),
           argv[1], "has other inputs or outputs");
    for (size_t i = 0; i < n; i++) {
        read_row(file, argv[2], x + i * inputs, inputs);
        read_row(file, argv[2], expected + i * outputs, outputs);
    }
    fclose(file);

    double difference = 0, largest = 0;
    predict(argv[1], network, x, n, y);
    for (size_t i = 0; i < n * outputs; i++) {
        difference = fmax(difference, fabs(y[i] - expected[i]));
        largest = fmax(largest, fabs(expected[i]));
    }
    mlpbn_network_destroy(network);
    printf("%s: off by %g of %g\n", argv[1], difference, largest);
    return !(difference <= 1e-5 * largest && largest > 0);
}
