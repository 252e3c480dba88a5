#include "io/onnx/onnx_activations.h"

const mlpbn__constant mlpbn__constants[MLPBN__OPERANDS] = {
    [MLPBN__ONE] = {"one", 1},
    [MLPBN__HALF] = {"half", 0.5},
    [MLPBN__SQRT_2] = {"root2", 1.4142135623730950488},
    [MLPBN__GELU_KAPPA] = {"kappa", 0.044715},
    [MLPBN__GELU_BETA] = {"beta", 0.79788456080286535588},
};

#define UNARY(op, operand)                                                               \
    {                                                                                    \
        op, operand, MLPBN__NO_OPERAND                                                   \
    }

/* The nodes of SiLU and both GELUs are those that PyTorch exports. */
static const mlpbn__op_pattern patterns[] = {
    [MLPBN_IDENTITY] = {.default_alpha = 0},
    [MLPBN_RELU] = {.nodes = {UNARY("Relu", MLPBN__X)}},
    [MLPBN_LEAKY_RELU] = {.nodes = {UNARY("LeakyRelu", MLPBN__X)}, .default_alpha = 0.01},
    [MLPBN_ELU] = {.nodes = {UNARY("Elu", MLPBN__X)}, .default_alpha = 1},
    [MLPBN_SELU] = {.nodes = {UNARY("Selu", MLPBN__X)}},
    [MLPBN_SIGMOID] = {.nodes = {UNARY("Sigmoid", MLPBN__X)}},
    [MLPBN_TANH] = {.nodes = {UNARY("Tanh", MLPBN__X)}},
    [MLPBN_SOFTPLUS] = {.nodes = {UNARY("Softplus", MLPBN__X)}},
    [MLPBN_SILU] = {.nodes = {UNARY("Sigmoid", MLPBN__X),
                              {"Mul", MLPBN__X, MLPBN__PREV}}},
    [MLPBN_GELU] = {.nodes = {{"Div", MLPBN__X, MLPBN__SQRT_2},
                              UNARY("Erf", MLPBN__PREV),
                              {"Add", MLPBN__PREV, MLPBN__ONE},
                              {"Mul", MLPBN__X, MLPBN__PREV},
                              {"Mul", MLPBN__PREV, MLPBN__HALF}}},
    [MLPBN_GELU_TANH] = {.nodes = {{"Mul", MLPBN__X, MLPBN__X},
                                   {"Mul", MLPBN__X, MLPBN__PREV},
                                   {"Mul", MLPBN__GELU_KAPPA, MLPBN__PREV},
                                   {"Add", MLPBN__X, MLPBN__PREV},
                                   {"Mul", MLPBN__GELU_BETA, MLPBN__PREV},
                                   UNARY("Tanh", MLPBN__PREV),
                                   {"Add", MLPBN__ONE, MLPBN__PREV},
                                   {"Mul", MLPBN__X, MLPBN__PREV},
                                   {"Mul", MLPBN__HALF, MLPBN__PREV}}},
    [MLPBN_SOFTMAX] = {.nodes = {UNARY("Softmax", MLPBN__X)}},
};
_Static_assert(sizeof patterns / sizeof *patterns == MLPBN__ACTIVATION_END,
               "a pattern for each activation");

const mlpbn__op_pattern *mlpbn__op_pattern_of(mlpbn_activation activation)
{
    return patterns + activation;
}

size_t mlpbn__op_pattern_length(const mlpbn__op_pattern *pattern)
{
    size_t n = 0;
    while (n < MLPBN__MAX_PATTERN_NODES && pattern->nodes[n].op)
        n++;
    return n;
}
