/* Loads a network from a file and classifies pictures of CIFAR-10 or rows of a CSV file. It
 * is linked from this file, cifar.c and shrink.c. */
#include "study/downsample.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 3 }; /* classes a row, the likeliest first */

static const char usage[] =
    "Usage: predict MODEL --data DIR [--rows A-B]\n"
    "       predict MODEL FILE.csv\n"
    "Classifies with a network that was saved by mlpbn_network_save, for example by\n"
    "cifar_train --save: test pictures A to B of the CIFAR-10 binary files in DIR\n"
    "(0-9), with their true class, or each row of numbers of the file (- is standard\n"
    "input). Prints a line for each: its number and the likeliest classes with their\n"
    "probabilities; or the number itself if the network has a single output.\n"
    "\n"
    "Exit status: 0; 1 if something cannot be read or does not fit; 2 for a mistake on\n"
    "the command line.\n";

__attribute__((format(printf, 2, 3))) static _Noreturn void end(int status,
                                                                const char *format, ...)
{
    va_list arguments;
    fputs("predict: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs(status == 2 ? "\nTry predict --help.\n" : "\n", stderr);
    exit(status);
}

static void require(mlpbn_status status)
{
    if (status != MLPBN_OK)
        end(1, "%s", mlpbn_last_error());
}

static void *allocate(size_t n, size_t size)
{
    void *made = calloc(n, size);
    if (!made)
        end(1, "no memory for %zu numbers", n);
    return made;
}

typedef struct model {
    mlpbn_network *network;
    mlpbn_workspace *workspace;
    size_t inputs, outputs;
    double *y;
    const cifar_data *data; /* names its classes; NULL: nothing does */
} model;

/* In double whatever the file has, so that there is one way to predict. */
static model load(const char *path)
{
    model m = {.network = NULL};
    mlpbn_network *loaded = NULL;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.mode = MLPBN_PREDICT;
    options.max_batch = 1;
    require(mlpbn_network_load(&loaded, path, NULL));
    require(mlpbn_network_clone(&m.network, loaded, MLPBN_F64));
    mlpbn_network_destroy(loaded);
    require(mlpbn_workspace_create(&m.workspace, m.network, &options));
    m.inputs = mlpbn_network_inputs(m.network);
    m.outputs = mlpbn_network_outputs(m.network);
    m.y = allocate(m.outputs, sizeof *m.y);
    return m;
}

static void unload(model *m)
{
    mlpbn_workspace_destroy(m->workspace);
    mlpbn_network_destroy(m->network);
    free(m->y);
}

/* Logits to probabilities, unless the last layer's softmax has done it. */
static void normalize(model *m)
{
    const mlpbn_layer *last =
        mlpbn_network_layer(m->network, mlpbn_network_layers(m->network) - 1);
    double most = -HUGE_VAL, sum = 0;
    if (mlpbn_layer_activation(last) == MLPBN_SOFTMAX)
        return;
    for (size_t k = 0; k < m->outputs; k++)
        most = fmax(most, m->y[k]);
    for (size_t k = 0; k < m->outputs; k++)
        sum += m->y[k] = exp(m->y[k] - most);
    for (size_t k = 0; k < m->outputs; k++)
        m->y[k] /= sum;
}

static void print_likeliest(model *m)
{
    for (size_t shown = 0; shown < SHOWN && shown < m->outputs; shown++) {
        size_t best = 0;
        for (size_t k = 1; k < m->outputs; k++)
            if (m->y[k] > m->y[best])
                best = k;
        if (m->data)
            printf("  %s %.4f", m->data->names[best], m->y[best]);
        else
            printf("  class %zu %.4f", best, m->y[best]);
        m->y[best] = -1; /* not again */
    }
}

/* Row 0 of the view, the row with this number for the user. */
static void predict(model *m, const mlpbn_rows *row, size_t number)
{
    require(mlpbn_predict_f64(m->network, m->workspace, row, m->y));
    printf("%zu:", number);
    if (m->outputs == 1) {
        printf("  %.9g", m->y[0]);
    } else {
        normalize(m);
        print_likeliest(m);
    }
    if (row->labels)
        printf("  (%s)", m->data->names[*row->labels]);
    putchar('\n');
}

static void predict_pictures(model *m, const char *folder, size_t first, size_t last)
{
    cifar_data data;
    if (!cifar_load(&data, folder, 0))
        end(1, "%s", data.error);
    size_t factor = downsample_factor(m->inputs);
    if (factor == 0 || m->outputs != CIFAR_CLASSES)
        end(1,
            "expected a network of %d inputs, or 4, 16 or 64 times fewer, and %d "
            "outputs, got one of %zu and %zu",
            CIFAR_PIXELS, CIFAR_CLASSES, m->inputs, m->outputs);
    m->data = &data;
    for (size_t i = first; i <= last; i++) {
        uint8_t picture[CIFAR_PIXELS];
        downsample_picture(picture, (const uint8_t *)data.test.data + i * CIFAR_PIXELS,
                           factor);
        mlpbn_rows row = MLPBN_ROWS_INIT(picture, MLPBN_U8, 1, m->inputs);
        row.labels = data.test.labels + i;
        predict(m, &row, i);
    }
    cifar_free(&data);
}

/* The numbers of the next line, to x; false at the end. */
static bool read_line(FILE *file, const char *path, size_t line, double *x, size_t n)
{
    char separator = ',';
    int c;
    while ((c = getc(file)) == ' ' || c == '\r')
        ;
    if (c == EOF && !ferror(file))
        return false;
    ungetc(c, file);
    for (size_t j = 0; j < n; j++)
        if (separator != ',' || fscanf(file, "%lf%*[ \r]", x + j) != 1 ||
            ((separator = (char)getc(file)) != ',' && j + 1 < n))
            end(1, "%s, line %zu: expected %zu numbers between commas", path, line, n);
    if (separator != '\n' && !feof(file))
        end(1, "%s, line %zu: expected %zu numbers, got more", path, line, n);
    return true;
}

static void predict_lines(model *m, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "r");
    if (!file)
        end(1, "%s: %s", path, strerror(errno));
    double *x = allocate(m->inputs, sizeof *x);
    mlpbn_rows row = MLPBN_ROWS_INIT(x, MLPBN_F64, 1, m->inputs);
    for (size_t line = 1; read_line(file, path, line, x, m->inputs); line++)
        predict(m, &row, line - 1);
    free(x);
    if (!is_stdin)
        fclose(file);
}

/* "A-B", or "A" for one. */
static void read_range(const char *text, size_t *first, size_t *last)
{
    char rest;
    int n = text[0] >= '0' && text[0] <= '9'
                ? sscanf(text, "%zu-%zu%c", first, last, &rest)
                : 0;
    if (n == 1 && !strchr(text, '-'))
        *last = *first;
    else if (n != 2)
        end(2, "--rows: \"%s\" is not of the form A-B", text);
    if (*first > *last || *last >= CIFAR_BATCH_ROWS)
        end(2, "--rows: %s is not within 0-%d", text, CIFAR_BATCH_ROWS - 1);
}

int main(int argc, char **argv)
{
    const char *paths[2] = {NULL, NULL}, *folder = NULL, *rows = "0-9";
    size_t n = 0, first, last;
    for (int i = 1; i < argc; i++) {
        bool is_data = strcmp(argv[i], "--data") == 0;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        if (is_data || strcmp(argv[i], "--rows") == 0) {
            if (i + 1 == argc)
                end(2, "%s needs a value", argv[i]);
            *(is_data ? &folder : &rows) = argv[i + 1];
            i++;
        } else if ((argv[i][0] == '-' && argv[i][1] != '\0') || n == 2) {
            end(2, "unknown argument \"%s\"", argv[i]);
        } else {
            paths[n++] = argv[i];
        }
    }
    read_range(rows, &first, &last);
    if (!paths[0] || (paths[1] != NULL) == (folder != NULL))
        end(2, "expected a model, and either --data or a CSV file");
    model m = load(paths[0]);
    if (folder)
        predict_pictures(&m, folder, first, last);
    else
        predict_lines(&m, paths[1]);
    unload(&m);
    if (fflush(stdout) != 0 || ferror(stdout))
        end(1, "standard output: %s", strerror(errno));
    return 0;
}
