/* Fits a noisy function of two variables by mean squared error, in double precision, and
 * tests it on points that were not used for training.
 *
 *   cc regression.c $(pkg-config --cflags --libs mlpbn) -lm -o regression */
#include <math.h>
#include <mlpbn.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUTS = 2, TRAIN = 2000, TEST = 1000, EPOCHS = 100 };

static void check(mlpbn_status status, const char *what)
{
    if (status == MLPBN_OK)
        return;
    fprintf(stderr, "regression: %s: %s\n", what, mlpbn_last_error());
    exit(1);
}

/* Uniform in [-1, 1): a linear congruential generator (Knuth's MMIX), its high bits. */
static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-52 - 1;
}

static void draw_points(double x[][INPUTS], double *target, int n, double noise,
                        uint64_t *state)
{
    for (int i = 0; i < n; i++) {
        x[i][0] = uniform(state);
        x[i][1] = uniform(state);
        target[i] = sin(4 * x[i][0]) + x[i][0] * x[i][1] + noise * uniform(state);
    }
}

static mlpbn_rows make_rows(double x[][INPUTS], const double *target, size_t n)
{
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, n, INPUTS);
    rows.targets = target;
    rows.target_dtype = MLPBN_F64;
    rows.target_columns = 1;
    return rows;
}

static mlpbn_network *make_network(void)
{
    /* The last layer is linear: a ReLU could not go below 0. */
    const mlpbn_layer_options layers[3] = {MLPBN_LAYER_OPTIONS_INIT(32, MLPBN_RELU),
                                           MLPBN_LAYER_OPTIONS_INIT(32, MLPBN_RELU),
                                           MLPBN_LAYER_OPTIONS_INIT(1, MLPBN_IDENTITY)};
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(INPUTS);
    options.dtype = MLPBN_F64;
    options.seed = 1;
    mlpbn_network *network = NULL;
    check(mlpbn_network_create(&network, &options, layers, 3), "network");
    return network;
}

static mlpbn_optimizer *make_optimizer(const mlpbn_network *network)
{
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    options.learning_rate = 0.02;
    options.momentum = 0.9;
    mlpbn_optimizer *optimizer = NULL;
    check(mlpbn_optimizer_create(&optimizer, network, &options), "optimizer");
    return optimizer;
}

/* Root mean square of the distances of the targets from their mean. */
static double spread(const double *target, int n)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++)
        sum += target[i];
    for (int i = 0; i < n; i++)
        squares += (target[i] - sum / n) * (target[i] - sum / n);
    return sqrt(squares / n);
}

int main(void)
{
    static double x[TRAIN + TEST][INPUTS], target[TRAIN + TEST];
    uint64_t state = 1;
    draw_points(x, target, TRAIN, 0.1, &state);
    draw_points(x + TRAIN, target + TRAIN, TEST, 0, &state);
    mlpbn_rows train_rows = make_rows(x, target, TRAIN);
    mlpbn_rows test_rows = make_rows(x + TRAIN, target + TRAIN, TEST);

    mlpbn_network *network = make_network();
    check(mlpbn_network_fit_standardization(network, &train_rows), "standardization");
    mlpbn_workspace *workspace = NULL;
    check(mlpbn_workspace_create(&workspace, network, NULL), "workspace");
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    loss.loss = MLPBN_MEAN_SQUARED_ERROR;
    mlpbn_fit_options fit = MLPBN_FIT_OPTIONS_INIT;
    fit.epochs = EPOCHS;
    mlpbn_optimizer *optimizer = make_optimizer(network);
    check(mlpbn_fit(network, optimizer, &train_rows, &loss, &fit, NULL), "fit");

    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    check(mlpbn_evaluate(network, workspace, &test_rows, &loss, &metrics), "evaluation");
    printf("RMSE on %d new points: %.4f (always answering the mean: %.4f)\n", TEST,
           sqrt(metrics.loss), spread(target + TRAIN, TEST));

    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
    return 0;
}
