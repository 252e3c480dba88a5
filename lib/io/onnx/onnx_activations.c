#include "io/onnx/onnx_activations.h"

const mlpbn__constant mlpbn__constants[MLPBN__OPERANDS] = {
    [MLPBN__ONE] = {"one", 1},
    [MLPBN__HALF] = {"half", 0.5},
    [MLPBN__ROOT2] = {"root2", 1.4142135623730950488},
    [MLPBN__KAPPA] = {"kappa", 0.044715},
    [MLPBN__BETA_2] = {"beta", 0.79788456080286535588},
};

/* The nodes for SiLU and the two of GELU are those that PyTorch exports. */
const mlpbn__recipe mlpbn__recipes[] = {
    {MLPBN_RELU, {{"Relu", MLPBN__X, MLPBN__NO_OPERAND}}, 0},
    {MLPBN_LEAKY_RELU, {{"LeakyRelu", MLPBN__X, MLPBN__NO_OPERAND}}, 0.01},
    {MLPBN_ELU, {{"Elu", MLPBN__X, MLPBN__NO_OPERAND}}, 1},
    {MLPBN_SELU, {{"Selu", MLPBN__X, MLPBN__NO_OPERAND}}, 0},
    {MLPBN_SILU,
     {{"Sigmoid", MLPBN__X, MLPBN__NO_OPERAND}, {"Mul", MLPBN__X, MLPBN__P}},
     0},
    {MLPBN_SIGMOID, {{"Sigmoid", MLPBN__X, MLPBN__NO_OPERAND}}, 0},
    {MLPBN_TANH, {{"Tanh", MLPBN__X, MLPBN__NO_OPERAND}}, 0},
    {MLPBN_SOFTPLUS, {{"Softplus", MLPBN__X, MLPBN__NO_OPERAND}}, 0},
    {MLPBN_GELU,
     {{"Div", MLPBN__X, MLPBN__ROOT2},
      {"Erf", MLPBN__P, MLPBN__NO_OPERAND},
      {"Add", MLPBN__P, MLPBN__ONE},
      {"Mul", MLPBN__X, MLPBN__P},
      {"Mul", MLPBN__P, MLPBN__HALF}},
     0},
    {MLPBN_GELU_TANH,
     {{"Mul", MLPBN__X, MLPBN__X},
      {"Mul", MLPBN__X, MLPBN__P},
      {"Mul", MLPBN__KAPPA, MLPBN__P},
      {"Add", MLPBN__X, MLPBN__P},
      {"Mul", MLPBN__BETA_2, MLPBN__P},
      {"Tanh", MLPBN__P, MLPBN__NO_OPERAND},
      {"Add", MLPBN__ONE, MLPBN__P},
      {"Mul", MLPBN__X, MLPBN__P},
      {"Mul", MLPBN__HALF, MLPBN__P}},
     0},
    {MLPBN_SOFTMAX, {{"Softmax", MLPBN__X, MLPBN__NO_OPERAND}}, 0},
};

const size_t mlpbn__n_recipes = sizeof mlpbn__recipes / sizeof *mlpbn__recipes;

const mlpbn__recipe *mlpbn__recipe_of(mlpbn_activation activation)
{
    for (size_t i = 0; i < mlpbn__n_recipes; i++)
        if (mlpbn__recipes[i].activation == activation)
            return mlpbn__recipes + i;
    return NULL;
}
