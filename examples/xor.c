/* Learns exclusive or: a whole program, from the data to predictions. */
#include <mlpbn.h>
#include <stdbool.h>
#include <stdio.h>

int main(void)
{
    const uint8_t x[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    const int32_t labels[4] = {0, 1, 1, 0};
    float y[4][2];
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_U8, 4, 2);
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(2);
    mlpbn_layer_options layers[2] = {MLPBN_LAYER_OPTIONS_INIT(8, MLPBN_RELU),
                                     MLPBN_LAYER_OPTIONS_INIT(2, MLPBN_IDENTITY)};
    mlpbn_network *network = NULL;
    mlpbn_workspace *workspace = NULL;
    mlpbn_optimizer *optimizer = NULL;

    rows.labels = labels;
    bool failed = mlpbn_network_create(&network, &options, layers, 2) ||
                  mlpbn_workspace_create(&workspace, network, NULL) ||
                  mlpbn_optimizer_create(&optimizer, network, NULL);
    for (int step = 0; !failed && step < 10000; step++)
        failed = mlpbn_train_step(network, optimizer, workspace, &rows, NULL, NULL);
    if (failed || mlpbn_predict_f32(network, workspace, &rows, y[0]))
        return fprintf(stderr, "xor: %s\n", mlpbn_last_error()), 1;
    for (int i = 0; i < 4; i++)
        printf("%d xor %d = %d\n", x[i][0], x[i][1], y[i][1] > y[i][0]);

    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
    return 0;
}
