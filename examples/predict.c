/* Loads a network from a file and classifies pictures of CIFAR-10, or predicts rows of a CSV
 * file; predict --help tells how. */
#include "cifar.h"
#include "study/csv.h"
#include "study/downsample.h"
#include "study/fatal.h"
#include "study/predict_options.h"
#include "study/softmax.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 3 }; /* classes printed for a row */

typedef struct model {
    mlpbn_network *network;
    mlpbn_workspace *workspace;
    size_t inputs, outputs;
    bool has_softmax;       /* as the last layer's activation */
    double *y;              /* [outputs] */
    const cifar_data *data; /* NULL: classes have no names */
} model;

static void check(mlpbn_status status)
{
    if (status != MLPBN_OK)
        fatal("%s", mlpbn_last_error());
}

static double *allocate(size_t n)
{
    double *array = calloc(n, sizeof *array);
    if (!array)
        fatal("no memory for %zu numbers", n);
    return array;
}

/* Loads a network and converts it to double, so that predict() handles one dtype. */
static model load(const char *path)
{
    model m = {.network = NULL};
    mlpbn_network *loaded = NULL;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.mode = MLPBN_PREDICT;
    options.max_batch = 1;
    check(mlpbn_network_load(&loaded, path, NULL));
    check(mlpbn_network_clone(&m.network, loaded, MLPBN_F64));
    mlpbn_network_destroy(loaded);
    check(mlpbn_workspace_create(&m.workspace, m.network, &options));
    m.inputs = mlpbn_network_inputs(m.network);
    m.outputs = mlpbn_network_outputs(m.network);
    const mlpbn_layer *last =
        mlpbn_network_layer(m.network, mlpbn_network_n_layers(m.network) - 1);
    m.has_softmax = mlpbn_layer_activation(last) == MLPBN_SOFTMAX;
    m.y = allocate(m.outputs);
    return m;
}

static void print_top_classes(model *m)
{
    for (size_t i = 0; i < TOP && i < m->outputs; i++) {
        size_t best = 0;
        for (size_t k = 1; k < m->outputs; k++)
            if (m->y[k] > m->y[best])
                best = k;
        if (m->data)
            printf("  %s %.4f", m->data->names[best], m->y[best]);
        else
            printf("  class %zu %.4f", best, m->y[best]);
        m->y[best] = -1; /* is not the best again */
    }
}

/* Predicts the only row of the view; prints a line that begins with its index in the data. */
static void predict(model *m, const mlpbn_rows *row, size_t index)
{
    check(mlpbn_predict_f64(m->network, m->workspace, row, m->y));
    printf("%zu:", index);
    if (m->outputs == 1) {
        printf("  %.9g", m->y[0]);
    } else {
        if (!m->has_softmax)
            softmax(m->y, m->outputs);
        print_top_classes(m);
    }
    if (row->labels)
        printf("  (%s)", m->data->names[*row->labels]);
    putchar('\n');
}

static void predict_pictures(model *m, const char *folder, const size_t range[2])
{
    cifar_data data;
    if (!cifar_load(&data, folder, 0))
        fatal("%s", data.error);
    size_t factor = downsample_factor(m->inputs);
    if (factor == 0 || m->outputs != CIFAR_CLASSES)
        fatal("expected a network of %d inputs, or 4, 16 or 64 times fewer, and %d "
              "outputs, got one of %zu and %zu",
              CIFAR_PIXELS, CIFAR_CLASSES, m->inputs, m->outputs);
    m->data = &data;
    for (size_t i = range[0]; i <= range[1]; i++) {
        uint8_t picture[CIFAR_PIXELS];
        downsample_picture(picture, (const uint8_t *)data.test.data + i * CIFAR_PIXELS,
                           factor);
        mlpbn_rows row = MLPBN_ROWS_INIT(picture, MLPBN_U8, 1, m->inputs);
        row.labels = data.test.labels + i;
        predict(m, &row, i);
    }
    cifar_free(&data);
}

static void predict_csv(model *m, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "r");
    if (!file)
        fatal("%s: %s", path, strerror(errno));
    double *x = allocate(m->inputs);
    mlpbn_rows row = MLPBN_ROWS_INIT(x, MLPBN_F64, 1, m->inputs);
    for (size_t line = 1; csv_read_line(file, path, line, x, m->inputs); line++)
        predict(m, &row, line - 1);
    free(x);
    if (!is_stdin)
        fclose(file);
}

int main(int argc, char **argv)
{
    program_name = "predict";
    const predict_options options = predict_options_parse(argc, argv);
    model m = load(options.model);
    if (options.csv)
        predict_csv(&m, options.csv);
    else
        predict_pictures(&m, options.data, options.rows);
    mlpbn_workspace_destroy(m.workspace);
    mlpbn_network_destroy(m.network);
    free(m.y);
    flush_stdout();
    return 0;
}
