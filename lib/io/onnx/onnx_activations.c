#include "io/onnx/onnx_activations.h"

const mlpbn__constant mlpbn__constants[MLPBN__OPERANDS] = {
    [MLPBN__ONE] = {"one", 1},
    [MLPBN__HALF] = {"half", 0.5},
    [MLPBN__SQRT_2] = {"root2", 1.4142135623730950488},
    [MLPBN__GELU_KAPPA] = {"kappa", 0.044715},
    [MLPBN__GELU_BETA] = {"beta", 0.79788456080286535588},
};

#define ONE_NODE(op)                                                                     \
    {                                                                                    \
        {{op, MLPBN__X, MLPBN__NO_OPERAND}}, 1, 0                                        \
    }
#define ONE_NODE_ALPHA(op, alpha)                                                        \
    {                                                                                    \
        {{op, MLPBN__X, MLPBN__NO_OPERAND}}, 1, alpha                                    \
    }

/* The nodes of SiLU and both GELUs are those that PyTorch exports. */
static const mlpbn__op_pattern patterns[] = {
    [MLPBN_IDENTITY] = {.n_nodes = 0},
    [MLPBN_RELU] = ONE_NODE("Relu"),
    [MLPBN_LEAKY_RELU] = ONE_NODE_ALPHA("LeakyRelu", 0.01),
    [MLPBN_ELU] = ONE_NODE_ALPHA("Elu", 1),
    [MLPBN_SELU] = ONE_NODE("Selu"),
    [MLPBN_SIGMOID] = ONE_NODE("Sigmoid"),
    [MLPBN_TANH] = ONE_NODE("Tanh"),
    [MLPBN_SOFTPLUS] = ONE_NODE("Softplus"),
    [MLPBN_SILU] = {{{"Sigmoid", MLPBN__X, MLPBN__NO_OPERAND},
                     {"Mul", MLPBN__X, MLPBN__PREV}},
                    2,
                    0},
    [MLPBN_GELU] = {{{"Div", MLPBN__X, MLPBN__SQRT_2},
                     {"Erf", MLPBN__PREV, MLPBN__NO_OPERAND},
                     {"Add", MLPBN__PREV, MLPBN__ONE},
                     {"Mul", MLPBN__X, MLPBN__PREV},
                     {"Mul", MLPBN__PREV, MLPBN__HALF}},
                    5,
                    0},
    [MLPBN_GELU_TANH] = {{{"Mul", MLPBN__X, MLPBN__X},
                          {"Mul", MLPBN__X, MLPBN__PREV},
                          {"Mul", MLPBN__GELU_KAPPA, MLPBN__PREV},
                          {"Add", MLPBN__X, MLPBN__PREV},
                          {"Mul", MLPBN__GELU_BETA, MLPBN__PREV},
                          {"Tanh", MLPBN__PREV, MLPBN__NO_OPERAND},
                          {"Add", MLPBN__ONE, MLPBN__PREV},
                          {"Mul", MLPBN__X, MLPBN__PREV},
                          {"Mul", MLPBN__HALF, MLPBN__PREV}},
                         9,
                         0},
    [MLPBN_SOFTMAX] = ONE_NODE("Softmax"),
};
_Static_assert(sizeof patterns / sizeof *patterns == MLPBN_SOFTMAX + 1,
               "a pattern for each activation");

const mlpbn__op_pattern *mlpbn__op_pattern_of(mlpbn_activation activation)
{
    return patterns + activation;
}
