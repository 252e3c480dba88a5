#include "model/activation_table.h"

#include "base/array.h"

#define X MLPBN__X
#define PREV MLPBN__PREV
#define NODE(op_type, ...)                                                               \
    {                                                                                    \
        .op = op_type, .operands = { __VA_ARGS__ }                                       \
    }

/* Activations without an ONNX operator of their own have the nodes that PyTorch exports. */
const mlpbn__activation_traits mlpbn__activations[] = {
    [MLPBN_IDENTITY] = {.name = "identity"},
    [MLPBN_RELU] = {.name = "relu",
                    .n_kinks = 1,
                    .c_expression = "z < 0 ? 0 : z",
                    .onnx = {NODE("Relu", X)}},
    [MLPBN_LEAKY_RELU] = {.name = "leaky_relu",
                          .default_alpha = 0.01,
                          .may_overflow = 1,
                          .n_kinks = 1,
                          .c_expression = "z < 0 ? %s * z : z",
                          .onnx = {NODE("LeakyRelu", X)}},
    [MLPBN_ELU] = {.name = "elu",
                   .needs_preactivation = 1,
                   .default_alpha = 1,
                   .may_overflow = 1,
                   .n_kinks = 1,
                   .c_expression = "z < 0 ? %s * expm1(z) : z",
                   .onnx = {NODE("Elu", X)}},
    [MLPBN_SELU] = {.name = "selu",
                    .needs_preactivation = 1,
                    .may_overflow = 1,
                    .n_kinks = 1,
                    .c_expression = "1.0507009873554804934 * "
                                    "(z < 0 ? 1.6732632423543772848 * expm1(z) : z)",
                    .onnx = {{.op = "Selu",
                              .operands = {X},
                              .attributes = {{"alpha", 1.6732632423543772848,
                                              1.6732632423543772848},
                                             {"gamma", 1.0507009873554804934,
                                              1.0507009873554804934}}}}},
    [MLPBN_SIGMOID] = {.name = "sigmoid",
                       .is_probability = 1,
                       .needs_preactivation = 1,
                       .c_expression = "1 / (1 + exp(-z))",
                       .onnx = {NODE("Sigmoid", X)}},
    [MLPBN_TANH] = {.name = "tanh",
                    .needs_preactivation = 1,
                    .c_expression = "tanh(z)",
                    .onnx = {NODE("Tanh", X)}},
    [MLPBN_SOFTPLUS] = {.name = "softplus",
                        .c_expression = "(z < 0 ? 0 : z) + log1p(exp(-fabs(z)))",
                        .onnx = {NODE("Softplus", X)}},
    [MLPBN_SILU] = {.name = "silu",
                    .needs_preactivation = 1,
                    .c_expression = "z / (1 + exp(-z))",
                    .onnx = {NODE("Sigmoid", X), NODE("Mul", X, PREV)}},
    [MLPBN_GELU] = {.name = "gelu",
                    .needs_preactivation = 1,
                    .c_expression = "z * erfc(z * -0.70710678118654752440) / 2",
                    .onnx = {NODE("Div", X, MLPBN__SQRT_2), NODE("Erf", PREV),
                             NODE("Add", PREV, MLPBN__ONE), NODE("Mul", X, PREV),
                             NODE("Mul", PREV, MLPBN__HALF)}},
    [MLPBN_GELU_TANH] = {.name = "gelu_tanh",
                         .needs_preactivation = 1,
                         .c_expression = "z / (1 + exp(-1.5957691216057307118 * "
                                         "(z + 0.044715 * z * z * z)))",
                         .onnx = {NODE("Mul", X, X), NODE("Mul", X, PREV),
                                  NODE("Mul", MLPBN__GELU_KAPPA, PREV),
                                  NODE("Add", X, PREV),
                                  NODE("Mul", MLPBN__GELU_BETA, PREV), NODE("Tanh", PREV),
                                  NODE("Add", MLPBN__ONE, PREV), NODE("Mul", X, PREV),
                                  NODE("Mul", MLPBN__HALF, PREV)}},
    [MLPBN_SOFTMAX] = {.name = "softmax",
                       .is_probability = 1,
                       .onnx = {NODE("Softmax", X)}},
    [MLPBN_RELU6] = {.name = "relu6",
                     .needs_preactivation = 1,
                     .n_kinks = 2,
                     .kinks = {0, 6},
                     .c_expression = "z < 0 ? 0 : z > 6 ? 6 : z",
                     .onnx = {NODE("Clip", X, MLPBN__ZERO, MLPBN__SIX)}},
    [MLPBN_HARD_SIGMOID] = {.name = "hard_sigmoid",
                            .is_probability = 1,
                            .needs_preactivation = 1,
                            .n_kinks = 2,
                            .kinks = {-3, 3},
                            .c_expression = "z < -3 ? 0 : z > 3 ? 1 : (z + 3) / 6",
                            .onnx = {{.op = "HardSigmoid",
                                      .operands = {X},
                                      .attributes = {{"alpha", 1. / 6, 0.2},
                                                     {"beta", 0.5, 0.5}}}}},
    [MLPBN_HARD_SWISH] = {.name = "hard_swish",
                          .needs_preactivation = 1,
                          .n_kinks = 2,
                          .kinks = {-3, 3},
                          .c_expression = "z < -3 ? 0 : z > 3 ? z : z * ((z + 3) / 6)",
                          .onnx = {{.op = "HardSigmoid",
                                    .operands = {X},
                                    .attributes = {{"alpha", 1. / 6, 0.2},
                                                   {"beta", 0.5, 0.5}}},
                                   NODE("Mul", X, PREV)}},
    [MLPBN_MISH] = {.name = "mish",
                    .needs_preactivation = 1,
                    .c_expression = "z * tanh((z < 0 ? 0 : z) + log1p(exp(-fabs(z))))",
                    .onnx = {NODE("Softplus", X), NODE("Tanh", PREV),
                             NODE("Mul", X, PREV)}},
};
MLPBN__ASSERT_ROWS(mlpbn__activations, MLPBN__ACTIVATION_END);

double mlpbn__operand_value(mlpbn__operand operand)
{
    static const double values[] = {
        [MLPBN__ONE] = 1,
        [MLPBN__HALF] = 0.5,
        [MLPBN__SQRT_2] = 1.4142135623730950488,
        [MLPBN__GELU_KAPPA] = 0.044715,
        [MLPBN__GELU_BETA] = 0.79788456080286535588,
        [MLPBN__ZERO] = 0,
        [MLPBN__SIX] = 6,
    };
    MLPBN__ASSERT_ROWS(values, MLPBN__OPERANDS);
    return values[operand];
}

size_t mlpbn__n_op_nodes(mlpbn_activation activation)
{
    size_t n = 0;
    while (n < MLPBN__MAX_OP_NODES && mlpbn__activations[activation].onnx[n].op)
        n++;
    return n;
}
