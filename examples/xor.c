/* Learns exclusive or: a whole program, from the data to predictions. */
#include <mlpbn.h>
#include <stdio.h>

int main(void)
{
    const uint8_t x[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    const int32_t labels[4] = {0, 1, 1, 0};
    int32_t predicted[4];
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_U8, 4, 2);
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(2);
    mlpbn_layer_options layers[2] = {MLPBN_LAYER_OPTIONS_INIT(8, MLPBN_RELU),
                                     MLPBN_LAYER_OPTIONS_INIT(2, MLPBN_IDENTITY)};
    mlpbn_fit_options fit = MLPBN_FIT_OPTIONS_INIT;
    mlpbn_network *network = NULL;

    rows.labels = labels;
    fit.epochs = 2000;
    if (mlpbn_network_create(&network, &options, layers, 2) ||
        mlpbn_fit(network, NULL, &rows, NULL, &fit, NULL) ||
        mlpbn_classify(network, NULL, &rows, predicted, NULL))
        return fprintf(stderr, "xor: %s\n", mlpbn_last_error()), 1;
    for (int i = 0; i < 4; i++)
        printf("%d xor %d = %d\n", x[i][0], x[i][1], predicted[i]);
    mlpbn_network_destroy(network);
    return 0;
}
