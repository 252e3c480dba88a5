/* Classifies Fisher's irises (iris.csv): reads a table, trains with a fifth of the rows kept for
 * validation, prints the confusion matrix of all rows, and saves the network.
 *
 *   cc iris.c $(pkg-config --cflags --libs mlpbn) -o iris && ./iris iris.csv iris.safetensors */
#include <mlpbn.h>
#include <stdio.h>

enum { ROWS = 150, INPUTS = 4, CLASSES = 3 };

static const char *const names[CLASSES] = {"setosa", "versicolor", "virginica"};

/* Reads the rows of a table; other lines, such as comments, are left out. */
static int read_table(const char *path, float x[ROWS][INPUTS], int32_t labels[ROWS])
{
    char line[100];
    int n = 0, label;
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    while (n < ROWS && fgets(line, sizeof line, file))
        if (sscanf(line, "%f,%f,%f,%f,%d", &x[n][0], &x[n][1], &x[n][2], &x[n][3],
                   &label) == INPUTS + 1)
            labels[n++] = label;
    fclose(file);
    return n == ROWS;
}

static mlpbn_status train_and_classify(const mlpbn_rows *rows, const char *path,
                                       int32_t *classes, double *confusion)
{
    const mlpbn_layer_options layers[2] = {
        MLPBN_LAYER_OPTIONS_INIT(16, MLPBN_RELU),
        MLPBN_LAYER_OPTIONS_INIT(CLASSES, MLPBN_IDENTITY)};
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(INPUTS);
    mlpbn_fit_options fit = MLPBN_FIT_OPTIONS_INIT;
    mlpbn_network *network = NULL;
    fit.epochs = 300;
    fit.validation_share = 0.2;
    fit.stratify = 1;
    mlpbn_status status = mlpbn_network_create(&network, &options, layers, 2);
    if (!status)
        status = mlpbn_network_fit_standardization(network, rows);
    if (!status)
        status = mlpbn_fit(network, NULL, rows, NULL, &fit, NULL);
    if (!status)
        status = mlpbn_classify(network, NULL, rows, classes, NULL);
    if (!status)
        status =
            mlpbn_confusion_matrix(ROWS, rows->labels, classes, NULL, CLASSES, confusion);
    if (!status)
        status = mlpbn_network_save(network, path);
    mlpbn_network_destroy(network);
    return status;
}

int main(int argc, char **argv)
{
    static float x[ROWS][INPUTS];
    int32_t labels[ROWS], classes[ROWS];
    double confusion[CLASSES][CLASSES];
    if (argc != 3)
        return fprintf(stderr, "usage: iris TABLE NETWORK\n"), 2;
    if (!read_table(argv[1], x, labels))
        return fprintf(stderr, "iris: %s has no table of irises\n", argv[1]), 1;
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, ROWS, INPUTS);
    rows.labels = labels;
    if (train_and_classify(&rows, argv[2], classes, confusion[0]))
        return fprintf(stderr, "iris: %s\n", mlpbn_last_error()), 1;
    printf("%-10s  %10s %10s %10s\n", "", names[0], names[1], names[2]);
    for (int i = 0; i < CLASSES; i++)
        printf("%-10s  %10.0f %10.0f %10.0f\n", names[i], confusion[i][0],
               confusion[i][1], confusion[i][2]);
    return 0;
}
