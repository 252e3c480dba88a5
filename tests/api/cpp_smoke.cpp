// The public header in a C++11 program: a network is made, trained a step, and predicts.
#include <mlpbn.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

namespace
{

struct Destroy {
    void operator()(mlpbn_network *network) const { mlpbn_network_destroy(network); }
    void operator()(mlpbn_workspace *workspace) const
    {
        mlpbn_workspace_destroy(workspace);
    }
    void operator()(mlpbn_optimizer *optimizer) const
    {
        mlpbn_optimizer_destroy(optimizer);
    }
};

template <class T> using Owned = std::unique_ptr<T, Destroy>;

// Whether the call succeeded; says what failed if not.
bool ok(mlpbn_status status, const char *what)
{
    if (status != MLPBN_OK)
        std::printf("cpp_smoke: %s: %s\n", what, mlpbn_last_error());
    return status == MLPBN_OK;
}

// 2 inputs, 5 units with batchnorm, 2 outputs.
Owned<mlpbn_network> make_network()
{
    mlpbn_network *network = nullptr;
    const mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(2);
    const mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_layer_options layers[2] = {MLPBN_LAYER_OPTIONS_INIT(5, MLPBN_RELU),
                                     MLPBN_LAYER_OPTIONS_INIT(2, MLPBN_IDENTITY)};
    layers[0].batchnorm = &batchnorm;
    if (!ok(mlpbn_network_create(&network, &options, layers, 2), "network"))
        return nullptr;
    return Owned<mlpbn_network>(network);
}

// Trains on the four corners of XOR and predicts them.
bool train_and_predict(mlpbn_network *network)
{
    static const float x[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    static const std::int32_t labels[4] = {0, 1, 1, 0};
    mlpbn_workspace *workspace = nullptr;
    mlpbn_optimizer *optimizer = nullptr;
    const mlpbn_optimizer_options optimizer_options = MLPBN_OPTIMIZER_OPTIONS_INIT;
    const mlpbn_workspace_options workspace_options = MLPBN_WORKSPACE_OPTIONS_INIT;
    const mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, 4, 2);
    float y[4][2];

    if (!ok(mlpbn_workspace_create(&workspace, network, &workspace_options), "workspace"))
        return false;
    const Owned<mlpbn_workspace> own_workspace(workspace);
    if (!ok(mlpbn_optimizer_create(&optimizer, network, &optimizer_options), "optimizer"))
        return false;
    const Owned<mlpbn_optimizer> own_optimizer(optimizer);
    rows.labels = labels;
    return ok(mlpbn_train_step(network, optimizer, workspace, &rows, &loss, &metrics),
              "step") &&
           metrics.n == 4 && metrics.loss > 0 &&
           ok(mlpbn_predict_f32(network, workspace, &rows, &y[0][0]), "prediction");
}

} // namespace

int main()
{
    // A failure is a status, and its text is there too.
    if (mlpbn_rows_init(nullptr, sizeof(mlpbn_rows)) != MLPBN_EINVAL ||
        std::strlen(mlpbn_last_error()) == 0 || std::strlen(mlpbn_version()) == 0)
        return 1;
    const Owned<mlpbn_network> network = make_network();
    if (!network || !train_and_predict(network.get()))
        return 1;
    std::printf("cpp_smoke: passed\n");
    return 0;
}
