#include "model/activation_table.h"

const mlpbn__activation_traits mlpbn__activations[] = {
    [MLPBN_IDENTITY] = {.name = "identity"},
    [MLPBN_RELU] = {.name = "relu", .has_kink = 1},
    [MLPBN_LEAKY_RELU] = {.name = "leaky_relu",
                          .default_alpha = 0.01,
                          .has_kink = 1,
                          .unbounded = 1},
    [MLPBN_ELU] = {.name = "elu", .default_alpha = 1, .has_kink = 1, .unbounded = 1},
    [MLPBN_SELU] = {.name = "selu", .has_kink = 1, .unbounded = 1},
    [MLPBN_SIGMOID] = {.name = "sigmoid"},
    [MLPBN_TANH] = {.name = "tanh"},
    [MLPBN_SOFTPLUS] = {.name = "softplus"},
    [MLPBN_SILU] = {.name = "silu", .needs_preactivation = 1},
    [MLPBN_GELU] = {.name = "gelu", .needs_preactivation = 1},
    [MLPBN_GELU_TANH] = {.name = "gelu_tanh", .needs_preactivation = 1},
    [MLPBN_SOFTMAX] = {.name = "softmax"},
};

_Static_assert(sizeof mlpbn__activations / sizeof *mlpbn__activations ==
                   MLPBN__ACTIVATION_END,
               "each activation has its row");
