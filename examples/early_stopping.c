/* Early stopping (Prechelt, 1998): training goes on while the loss on validation data falls,
 * and the network with the lowest such loss is restored. Without it, a network that is far too
 * large for a few noisy points learns the noise.
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

static double loss_on(const mlpbn_network *network, mlpbn_workspace *workspace,
                      const mlpbn_rows *rows, const mlpbn_loss_options *loss)
{
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    check(mlpbn_evaluate(network, workspace, rows, loss, &metrics), "evaluation");
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

    mlpbn_network *network = make_network(), *best = NULL;
    mlpbn_optimizer *optimizer = make_optimizer(network);
    mlpbn_workspace *workspace = NULL;
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    loss.loss = MLPBN_MEAN_SQUARED_ERROR;
    check(mlpbn_workspace_create(&workspace, network, NULL), "workspace");
    check(mlpbn_network_clone(&best, network, MLPBN_F32), "clone");

    double lowest = HUGE_VAL;
    int epoch = 0, best_epoch = 0;
    while (epoch < EPOCHS && epoch - best_epoch < PATIENCE) {
        check(mlpbn_train_step(network, optimizer, workspace, &train, &loss, NULL),
              "step");
        epoch++;
        double now = loss_on(network, workspace, &validation, &loss);
        if (now < lowest) {
            lowest = now;
            best_epoch = epoch;
            check(mlpbn_network_copy(best, network), "copy");
        }
    }
    double last = loss_on(network, workspace, &test, &loss);
    check(mlpbn_network_copy(network, best), "copy");
    printf("stopped after epoch %d; best was %d, validation loss %.4f\n", epoch,
           best_epoch, lowest);
    printf("test loss: %.4f at the end, %.4f of the best\n", last,
           loss_on(network, workspace, &test, &loss));

    mlpbn_workspace_destroy(workspace);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_network_destroy(best);
    mlpbn_network_destroy(network);
    return 0;
}
