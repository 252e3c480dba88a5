// Learns exclusive or in C++: the program of xor.c with handles that clean up by themselves.
#include <mlpbn.hpp>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <vector>

static void learn()
{
    const std::vector<std::uint8_t> x = {0, 0, 0, 1, 1, 0, 1, 1};
    const std::vector<std::int32_t> labels = {0, 1, 1, 0};
    const mlpbn_rows rows = mlpbn::rows(x, 2, labels);
    mlpbn::network network(
        2, {mlpbn::dense(8, MLPBN_RELU), mlpbn::dense(2, MLPBN_IDENTITY)});
    mlpbn_fit_options options = mlpbn::fit_options();
    options.epochs = 2000;
    mlpbn::fit(network, rows, options,
               [](const mlpbn_fit_record &record) { return record.loss > 0.01; });

    const std::vector<std::int32_t> classes = mlpbn::classify(network, rows);
    for (std::size_t i = 0; i < 4; i++)
        std::printf("%d xor %d = %d\n", x[2 * i], x[2 * i + 1], classes[i]);
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
