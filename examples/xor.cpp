// Learns exclusive or in C++: the program of xor.c with handles that clean up by themselves.
#include <mlpbn.hpp>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <vector>

static void learn()
{
    const std::uint8_t x[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    const std::int32_t labels[4] = {0, 1, 1, 0};
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_U8, 4, 2);
    rows.labels = labels;

    const mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(2);
    const mlpbn_layer_options hidden = MLPBN_LAYER_OPTIONS_INIT(8, MLPBN_RELU);
    const mlpbn_layer_options last = MLPBN_LAYER_OPTIONS_INIT(2, MLPBN_IDENTITY);
    mlpbn::network network(options, {hidden, last});
    mlpbn::workspace workspace(network);
    mlpbn::optimizer optimizer(network);

    for (int step = 0; step < 10000; step++)
        mlpbn::train_step(network, optimizer, workspace, rows);

    const std::vector<float> y = mlpbn::predict<float>(network, workspace, rows);
    for (int i = 0; i < 4; i++)
        std::printf("%d xor %d = %d\n", x[i][0], x[i][1], y[2 * i + 1] > y[2 * i]);
}

int main()
{
    try {
        learn();
    } catch (const std::exception &failure) {
        std::fprintf(stderr, "xor: %s\n", failure.what());
        return 1;
    }
}
