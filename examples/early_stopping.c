/* Early stopping (Prechelt, 1998): training goes on while the loss on validation data falls,
 * and the network with the lowest such loss is restored. Without it, a network that is far too
 * large for a few noisy points learns the noise. This program trains both ways.
 *
 *   cc early_stopping.c $(pkg-config --cflags --libs mlpbn) -lm -o early_stopping */
#include <math.h>
#include <mlpbn.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    INPUTS = 2,
    TRAIN = 60,
    VALIDATION = 200,
    TEST = 1000,
    EPOCHS = 2000,
    PATIENCE = 100 /* epochs without a new best */
};

static void check(mlpbn_status status, const char *what)
{
    if (status == MLPBN_OK)
        return;
    fprintf(stderr, "early_stopping: %s: %s\n", what, mlpbn_last_error());
    exit(1);
}

/* Uniform in [-1, 1): a linear congruential generator (Knuth's MMIX), its high bits. */
static float uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)((double)(*state >> 11) * 0x1p-52 - 1);
}

static void draw_points(float x[][INPUTS], float *target, int n, uint64_t *state)
{
    for (int i = 0; i < n; i++) {
        x[i][0] = uniform(state);
        x[i][1] = uniform(state);
        target[i] = sinf(3 * x[i][0]) * x[i][1] + 0.5f * uniform(state);
    }
}

static mlpbn_rows make_rows(float x[][INPUTS], const float *target, size_t n)
{
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, n, INPUTS);
    rows.targets = target;
    rows.target_dtype = MLPBN_F32;
    rows.target_columns = 1;
    return rows;
}

static mlpbn_network *make_network(void)
{
    const mlpbn_layer_options layers[3] = {MLPBN_LAYER_OPTIONS_INIT(64, MLPBN_TANH),
                                           MLPBN_LAYER_OPTIONS_INIT(64, MLPBN_TANH),
                                           MLPBN_LAYER_OPTIONS_INIT(1, MLPBN_IDENTITY)};
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(INPUTS);
    options.seed = 1;
    mlpbn_network *network = NULL;
    check(mlpbn_network_create(&network, &options, layers, 3), "network");
    return network;
}

static mlpbn_optimizer *make_optimizer(const mlpbn_network *network)
{
    mlpbn_optimizer_options options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    options.kind = MLPBN_ADAM;
    options.learning_rate = 0.003;
    mlpbn_optimizer *optimizer = NULL;
    check(mlpbn_optimizer_create(&optimizer, network, &options), "optimizer");
    return optimizer;
}

/* The loss on the test points of a network that was trained until its validation loss did not
 * fall for `patience` epochs; 0: for all epochs, and the last network is kept. */
static double test_loss(const mlpbn_rows *train, const mlpbn_rows *validation,
                        const mlpbn_rows *test, uint64_t patience)
{
    mlpbn_network *network = make_network();
    mlpbn_optimizer *optimizer = make_optimizer(network);
    mlpbn_workspace *workspace = NULL;
    mlpbn_history *history = NULL;
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    mlpbn_fit_options fit = MLPBN_FIT_OPTIONS_INIT;
    loss.loss = MLPBN_MEAN_SQUARED_ERROR;
    fit.epochs = EPOCHS;
    fit.batch = TRAIN; /* every epoch is one step */
    fit.validation = validation;
    fit.patience = patience;
    fit.restore_best = patience > 0;
    check(mlpbn_fit(network, optimizer, train, &loss, &fit, &history), "fit");
    check(mlpbn_workspace_create(&workspace, network, NULL), "workspace");
    check(mlpbn_evaluate(network, workspace, test, &loss, &metrics), "evaluation");
    if (patience)
        printf("stopped after epoch %zu; best was %zu\n", mlpbn_history_epochs(history),
               mlpbn_history_best(history) + 1);
    mlpbn_history_destroy(history);
    mlpbn_workspace_destroy(workspace);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_network_destroy(network);
    return metrics.loss;
}

int main(void)
{
    static float x[TRAIN + VALIDATION + TEST][INPUTS], target[TRAIN + VALIDATION + TEST];
    uint64_t state = 1;
    draw_points(x, target, TRAIN + VALIDATION + TEST, &state);
    mlpbn_rows train = make_rows(x, target, TRAIN);
    mlpbn_rows validation = make_rows(x + TRAIN, target + TRAIN, VALIDATION);
    mlpbn_rows test =
        make_rows(x + TRAIN + VALIDATION, target + TRAIN + VALIDATION, TEST);
    double best = test_loss(&train, &validation, &test, PATIENCE);
    double last = test_loss(&train, &validation, &test, 0);
    printf("test loss: %.4f at the end, %.4f of the best\n", last, best);
    return 0;
}
